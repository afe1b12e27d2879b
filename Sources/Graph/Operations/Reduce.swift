/// Combines all elements along some axes, which disappear.
package struct Reduce: Operation {
  /// How elements are combined.
  package enum Reducer: String, Sendable, Hashable {
    case sum, product, maximum, minimum, and, or
  }

  /// How elements are combined.
  package let reducer: Reducer
  /// The axes that disappear, in increasing order.
  package let axes: [Int]

  /// Combines along axes.
  package init(_ reducer: Reducer, axes: [Int]) {
    self.reducer = reducer
    self.axes = axes.sorted()
  }

  package static var kind: OperationKind { .reduce }
  package var name: String { reducer.rawValue }
  package var attributes: String { "axes: \(axes)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = operands[0]
    try checkAxes(axes, type.shape)
    switch reducer {
    case .and, .or:
      guard type.elementType == .bool else { throw OperationError(name, "takes booleans, not \(type.elementType)") }
    case .sum, .product, .maximum, .minimum:
      guard type.elementType != .bool else {
        throw OperationError(name, "takes numbers, not bool; convert with converted(to:)")
      }
    }
    return [type.with(shape: type.shape.removing(axes: axes))]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let tangent = context.tangents[0] else { return [nil] }
    switch reducer {
    case .sum: return [tangent.apply(self)]
    case .product: return [productTangent(context.operands[0], tangent)]
    case .and, .or: return [nil]
    case .maximum, .minimum:
      // Elements that tie for the extreme share its derivative evenly; how many they are, 16 bits need not hold.
      let (shape, type) = (tangent.shape, tangent.type.elementType)
      let chosen = context.operands[0].equals(context.results[0].broadcastBack(shape, over: axes))
      let places = chosen.converted(to: type.accumulator)
      let share = places / places.sum(axes: axes).broadcastBack(shape, over: axes)
      return [(tangent.converted(to: type.accumulator) * share).sum(axes: axes).converted(to: type)]
    }
  }

  /// The sum of each tangent times the product of all other elements, which no quotient would give where one is 0.
  ///
  /// Halves are multiplied pair by pair until one product is left, and the rule for two factors carries the tangent
  /// along: O(elements) work in O(log elements) steps, right to any order.
  private func productTangent(_ x: Symbol, _ tangent: Symbol) -> Symbol {
    let shape = x.shape
    let kept = shape.indices.filter { !axes.contains($0) }
    let outer = Shape(kept.map { shape[$0] })
    let axis = outer.rank
    func lined(_ symbol: Symbol) -> Symbol {
      symbol.transposed(kept + axes).reshaped(Shape(outer.sizes + [Shape(axes.map { shape[$0] }).count]))
    }
    var (value, slope) = (lined(x), lined(tangent))
    if value.shape[axis] == 0 { return slope.sum(axes: [axis]) }
    while value.shape[axis] > 1 {
      let (size, half) = (value.shape[axis], value.shape[axis] / 2)
      let (a, b) = (value.part(0..<half, axis), value.part(half..<2 * half, axis))
      let (da, db) = (slope.part(0..<half, axis), slope.part(half..<2 * half, axis))
      let (products, slopes) = (a * b, da * b + a * db)
      value = products.joined(value.part(2 * half..<size, axis), axis)
      slope = slopes.joined(slope.part(2 * half..<size, axis), axis)
    }
    return slope.reshaped(outer)
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    [context.cotangents[0]?.broadcastBack(context.types[0].shape, over: axes)]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].apply(Reduce(reducer, axes: axes.map { $0 + 1 }))]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (source, type) = (operands[0], results[0])
    let groups = ReductionGroups(source.type.shape, axes: axes)
    if type.elementType.isFloatingPoint {
      return [ReferenceArray(type, reals: groups.all.map { places in combine(places.lazy.map { source.reals[$0] }) })]
    }
    let values = groups.all.map { places in combine(places.lazy.map { source.integers[$0] }, type.elementType) }
    return [ReferenceArray(type, integers: values)]
  }

  private func combine(_ values: some Sequence<Double>) -> Double {
    switch reducer {
    case .sum: values.reduce(0, +)
    case .product: values.reduce(1, *)
    case .maximum: values.reduce(-.infinity) { Maximum.value($0, $1) }
    default: values.reduce(.infinity) { Minimum.value($0, $1) }
    }
  }

  private func combine(_ values: some Sequence<Int64>, _ type: ElementType) -> Int64 {
    switch reducer {
    case .sum: values.reduce(0, &+)
    case .product: values.reduce(1, &*)
    case .maximum: values.reduce(type.smallest) { Maximum.value($0, $1, type) }
    case .minimum: values.reduce(type.largest) { Minimum.value($0, $1, type) }
    case .and: values.reduce(1, &)
    case .or: values.reduce(0, |)
    }
  }
}

extension ElementType {
  /// The smallest integer of this type.
  var smallest: Int64 {
    isSigned ? (byteCount == 8 ? .min : -(1 << Int64(byteCount * 8 - 1))) : 0
  }

  /// The largest integer of this type, as a bit pattern where it has 64 bits.
  var largest: Int64 {
    if self == .bool { return 1 }
    if byteCount == 8 { return isSigned ? .max : -1 }
    return (1 << Int64(byteCount * 8 - (isSigned ? 1 : 0))) - 1
  }
}

/// For each element of a reduction's result, the places of the elements that are combined.
struct ReductionGroups {
  let all: [[Int]]

  init(_ shape: Shape, axes: [Int]) {
    let strides = shape.strides
    let kept = shape.indices.filter { !axes.contains($0) }
    func places(_ chosen: [Int]) -> [Int] {
      StridedPlaces(shape: Shape(chosen.map { shape[$0] }), strides: chosen.map { strides[$0] }).all
    }
    let outer = places(kept)
    let inner = outer.isEmpty ? [] : places(axes)
    all = outer.map { start in inner.map { start + $0 } }
  }
}
