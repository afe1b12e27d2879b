import DescentGraph

extension OperationTable {
  /// A function of one number: ranges in which it is smooth, edge shapes, edge values.
  func unary(_ operation: some Operation, _ ranges: [ClosedRange<Double>] = [-1.5...1.5]) -> [Sample] {
    let first = ranges[0]
    return ranges.map { Sample(operation, operands.spread([7], $0)) }
      + [
        Sample(operation, operands.spread([], first)),
        Sample(operation, operands.spread([0, 2], first)),
        Sample(operation, operands.spread([1, 1, 3], first)),
        Sample(operation, operands.spread([3, 17], first)),
        Sample(operation, operands.edges, isSmooth: false),
      ]
  }

  /// A function of two numbers: ranges in which it is smooth, edge shapes, every pair of edge values.
  func binary(
    _ operation: some Operation, left: ClosedRange<Double> = -1.5...1.5, right: ClosedRange<Double> = -1.5...1.5
  ) -> [Sample] {
    let shapes: [Shape] = [[7], [], [2, 0], [1, 3, 1], [3, 17]]
    let edges = operands.edges.reals
    return shapes.map { Sample(operation, operands.spread($0, left), operands.spread($0, right, salt: 2)) }
      + [
        Sample(
          operation, operands.exactly(edges.flatMap { edge in edges.map { _ in edge } }),
          operands.exactly(edges.flatMap { _ in edges }), isSmooth: false)
      ]
  }

  /// An operation on integers of every type: small ones, and the ends of each type's range.
  func integers(_ operation: some Operation) -> [Sample] {
    ElementType.allCases.filter(\.isInteger).flatMap { type -> [Sample] in
      let numbers: [Int64] = [0, 1, -1, 2, 7, -7, 100, .min, .max, 1 << 31, -(1 << 31), 127, -128, 255]
      guard operation is any BinaryOperation else { return [Sample(operation, operands.integers(numbers, type))] }
      return [
        Sample(
          operation, operands.integers(numbers.flatMap { number in numbers.map { _ in number } }, type),
          operands.integers(numbers.flatMap { _ in numbers }, type)),
        Sample(operation, operands.integers([5], type, []), operands.integers([3], type, [])),
      ]
    }
  }

  /// An operation on booleans.
  func booleans(_ operation: some Operation) -> [Sample] {
    guard operation is any BinaryOperation else { return [Sample(operation, operands.booleans([false, true]))] }
    return [
      Sample(operation, operands.booleans([false, false, true, true]), operands.booleans([false, true, false, true]))
    ]
  }

  /// Shifts by nothing, within the width, by the width and by more.
  func shifts(_ operation: some Operation) -> [Sample] {
    ElementType.allCases.filter(\.isInteger).map { type in
      let amounts: [Int64] = [0, 1, 3, 7, 8, 9, 15, 16, 31, 32, 63, 64, 100, -1]
      return Sample(
        operation, operands.integers(amounts.indices.map { $0 % 2 == 0 ? -85 : 1_234_567 }, type),
        operands.integers(amounts, type))
    }
  }

  var remainders: [Sample] {
    binary(Remainder(), left: 0.1...0.4, right: 0.6...1)
      + [
        Sample(Remainder(), operands.exactly([7.3, -7.3, 7.3, -7.3]), operands.exactly([2, 2, -2, -2.1])),
        Sample(Remainder(), operands.exactly([5, -5, 6]), operands.exactly([0, .infinity, 3]), isSmooth: false),
      ]
  }

  func extremes(_ operation: some Operation) -> [Sample] {
    [Sample(operation, operands.exactly([1, 2, -0.0, 3]), operands.exactly([1, -2, 0, 3]), isSmooth: false)]
  }

  var comparisons: [Sample] {
    let relations: [Compare.Relation] = [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual]
    return relations.flatMap { relation -> [Sample] in
      let compare = Compare(relation)
      return [
        Sample(
          compare, operands.exactly([0, 1, 2, .nan, .infinity]), operands.exactly([-0.0, 2, 2, .nan, .infinity])),
        Sample(compare, operands.spread([]), operands.spread([], salt: 2)),
        Sample(compare, operands.spread([0]), operands.spread([0])),
        Sample(compare, operands.booleans([false, true, true]), operands.booleans([true, false, true])),
        Sample(compare, operands.integers([-1, 1, .min], .uint64), operands.integers([1, 1, .max], .uint64)),
        Sample(compare, operands.integers([-1, 1, .min], .int64), operands.integers([1, 1, .max], .int64)),
        Sample(compare, operands.integers([-1, 1, 3], .int8), operands.integers([1, 1, 2], .int8)),
      ]
    }
  }

  var selections: [Sample] {
    [
      Sample(
        Select(), operands.booleans([true, false, true, false, true]), operands.spread([5]),
        operands.spread([5], salt: 2)),
      Sample(Select(), operands.booleans([false], []), operands.spread([]), operands.spread([], salt: 2)),
      Sample(Select(), operands.booleans([], [2, 0]), operands.spread([2, 0]), operands.spread([2, 0])),
      Sample(Select(), operands.booleans([true, false]), operands.exactly([1, .nan]), operands.exactly([.nan, 2])),
      Sample(
        Select(), operands.booleans([true, false]), operands.integers([1, 2], .int16),
        operands.integers([3, 4], .int16)),
      Sample(
        Select(), operands.booleans([true, false]), operands.booleans([true, true]), operands.booleans([false, true])),
    ]
  }

  /// No differences are held against a derivative that is stopped on purpose.
  var stopped: [Sample] {
    [
      Sample(StopGradient(), operands.spread([5]), isSmooth: false),
      Sample(StopGradient(), operands.integers([1, 2], .int32)),
    ]
  }

  var conversions: [Sample] {
    let other: ElementType = operands.float == .float32 ? .float64 : .float32
    let numbers: [Double] = [0, -0.0, 0.9, -0.9, 1.5, -1.5, 127.6, -129, 255.5, 1e10, -1e10, 1e20, -1e20, 3]
    let wild = operands.exactly(numbers + [.nan, .infinity, -.infinity])
    let integers = ElementType.allCases.filter { !$0.isFloatingPoint }
    return [
      Sample(Convert(to: other), operands.exactly([0.5, -1.25, 3])),
      Sample(Convert(to: operands.float), operands.exactly([0.5, -1.25, 3], [3, 1])),
      Sample(Convert(to: other), operands.exactly([0.5], [])),
      Sample(Convert(to: other), operands.exactly([], [0, 3])),
      Sample(Convert(to: .bfloat16), operands.exactly([0.5, -1.25, 3])),
      Sample(Convert(to: .float16), operands.exactly([0.5, -1.25, 3])),
    ]
      + integers.map { Sample(Convert(to: $0), wild) }
      + integers.map { Sample(Convert(to: operands.float), operands.integers([0, 1, -1, 100, -100, .max], $0)) }
      + integers.flatMap { source in
        integers.map { Sample(Convert(to: $0), operands.integers([0, 1, -1, 127, 128, 65_535, .min, .max], source)) }
      }
  }

  var constants: [Sample] {
    get throws {
      try [operands.spread([2, 3]), operands.spread([]), operands.spread([0]), operands.booleans([true, false])]
        .map { Sample(Constant(literal: try $0.literal()), operands: []) }
    }
  }

  var iotas: [Sample] {
    [
      Sample(Iota(type: TensorType([3, 4], operands.float), axis: 0)),
      Sample(Iota(type: TensorType([3, 4], .int32), axis: 1)),
      Sample(Iota(type: TensorType([0, 4], .int64), axis: 1)),
      Sample(Iota(type: TensorType([1], .uint8), axis: 0)),
      Sample(Iota(type: TensorType([2, 3, 2], .uint64), axis: 1)),
    ]
  }

  var randomBits: [Sample] {
    let keys: [[Int64]] = [[0, 0], [0xffff_ffff, 0xffff_ffff], [0x1319_8a2e, 0x0370_7344]]
    let shapes: [Shape] = [[], [5], [0], [3, 1, 2]]
    return keys.flatMap { key in shapes.map { Sample(RandomBits(shape: $0), operands.integers(key, .uint32)) } }
  }

  var keyedBits: [Sample] {
    let words: [Int64] = [0, 0xffff_ffff, 0x1319_8a2e, 0x0370_7344, 77]
    let shifted = Array(words[1...] + words[..<1])
    return [
      Sample(
        KeyedBits(), operands.integers(words, .uint32), operands.integers(shifted, .uint32),
        operands.integers([0, 1, 2, 3, 0xffff_ffff], .uint32)),
      Sample(
        KeyedBits(), operands.integers([], .uint32), operands.integers([], .uint32), operands.integers([], .uint32)),
    ]
  }
}
