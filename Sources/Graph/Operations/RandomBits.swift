/// Random 32-bit words: element `i` is the exclusive or of the two words of Threefry-2×32-20 of counter `i` under the
/// operand, a key of two 32-bit words.
///
/// Counter-based numbers depend on the key and the place alone, so that they are the same on every backend and for
/// every number of threads. Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011.
package struct RandomBits: Operation {
  /// The result's shape.
  package let shape: Shape

  /// Asks for words in a shape.
  package init(shape: Shape) { self.shape = shape }

  package static var kind: OperationKind { .randomBits }
  package var attributes: String { "\(shape)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard operands[0] == TensorType([2], .uint32) else {
      throw OperationError(name, "the key is \(operands[0]), not uint32[2]")
    }
    let type = TensorType(shape, .uint32)
    try checkSize(type)
    return [type]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }

  /// Every example draws under its own key.
  package func batched(_ context: BatchContext) -> [Symbol] {
    let keys = context.operands[0]
    guard shape.count > UInt32.max else { return [drawn(under: keys, count: context.size, context.builder)] }
    let examples = (0..<context.size).map { index in
      keys.apply(Slice(starts: [index, 0], limits: [index + 1, 2])).reshaped([2]).apply(self)
        .reshaped(shape.prepending(1))
    }
    return context.builder.emit(Concatenate(axis: 0), examples)
  }

  /// As many words under each of so many keys, `[count, 2]`.
  private func drawn(under keys: Symbol, count: Int, _ builder: GraphBuilder) -> Symbol {
    let type = TensorType([count, shape.count], .uint32)
    let words = (0..<2).map { word in
      keys.apply(Slice(starts: [0, word], limits: [count, word + 1])).reshaped([count]).broadcast(type.shape, axes: [0])
    }
    let counters = builder.emit(Iota(type: type, axis: 1), [])[0]
    return words[0].apply(KeyedBits(), words[1], counters).reshaped(Shape([count] + shape.sizes))
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let key = operands[0].integers.map { UInt32(truncatingIfNeeded: $0) }
    let words = (0..<shape.count).map { index -> UInt32 in
      let (first, second) = Threefry.words(key: (key[0], key[1]), counter: UInt64(index))
      return first ^ second
    }
    return [ReferenceArray(results[0], integers: words.map(Int64.init))]
  }
}

/// Random 32-bit words, each under a key of its own: the exclusive or of the two words of Threefry-2×32-20 under the key of
/// the first and second operand, of the counter whose low half is the third operand.
///
/// Elementwise, so that any number of keys is one loop.
package struct KeyedBits: Operation {
  package init() {}
  package static var kind: OperationKind { .keyedBits }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    for operand in operands where operand.elementType != .uint32 {
      throw OperationError(name, "takes uint32, not \(operand.elementType)")
    }
    try checkAlike(Array(operands[...1]))
    try checkAlike(Array(operands[1...]))
    return [operands[0]]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let operands = context.allBatched
    return [operands[0].apply(self, operands[1], operands[2])]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let words = (0..<results[0].count).map { place -> Int64 in
      let number = operands.map { UInt32(truncatingIfNeeded: $0.integers[place]) }
      let (first, second) = Threefry.words(key: (number[0], number[1]), counter: UInt64(number[2]))
      return Int64(first ^ second)
    }
    return [ReferenceArray(results[0], integers: words)]
  }
}

/// The Threefry-2×32 block function with 20 rounds.
package enum Threefry {
  /// Two random words for a key and a counter, whose high half is the first input word.
  package static func words(key: (UInt32, UInt32), counter: UInt64) -> (UInt32, UInt32) {
    let rotations: [UInt32] = [13, 15, 26, 6, 17, 29, 16, 24]
    let schedule = [key.0, key.1, 0x1BD1_1BDA ^ key.0 ^ key.1]
    var x = UInt32(truncatingIfNeeded: counter >> 32) &+ schedule[0]
    var y = UInt32(truncatingIfNeeded: counter) &+ schedule[1]
    for round in 0..<20 {
      x = x &+ y
      let rotation = rotations[round % 8]
      y = (y << rotation | y >> (32 - rotation)) ^ x
      if round % 4 == 3 {
        let injection = round / 4 + 1
        x = x &+ schedule[injection % 3]
        y = y &+ schedule[(injection + 1) % 3] &+ UInt32(injection)
      }
    }
    return (x, y)
  }
}
