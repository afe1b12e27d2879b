/// The index of the largest or smallest element along an axis, which disappears; the first of equals, NaN before all.
package struct ArgReduce: Operation {
  /// Which extreme is looked for.
  package enum Extreme: String, Sendable, Hashable {
    case argMaximum, argMinimum
  }

  /// Which extreme is looked for.
  package let extreme: Extreme
  /// The axis that is searched.
  package let axis: Int

  /// Searches along an axis.
  package init(_ extreme: Extreme, axis: Int) {
    self.extreme = extreme
    self.axis = axis
  }

  package static var kind: OperationKind { .argReduce }
  package var name: String { extreme.rawValue }
  package var attributes: String { "axis: \(axis)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let shape = operands[0].shape
    try checkAxes([axis], shape)
    guard operands[0].elementType != .bool else { throw OperationError(name, "takes numbers, not bool") }
    guard shape[axis] > 0 else {
      let superlative = extreme == .argMaximum ? "largest" : "smallest"
      throw OperationError(name, "axis \(axis) of \(shape) is empty, so nothing is \(superlative)")
    }
    return [TensorType(shape.removing(axes: [axis]), .int32)]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].apply(ArgReduce(extreme, axis: axis + 1))]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let source = operands[0]
    let indices = ReductionGroups(source.type.shape, axes: [axis]).all.map { places -> Int64 in
      var best = 0
      for index in 1..<max(1, places.count) where isBetter(source, places[index], than: places[best]) { best = index }
      return Int64(best)
    }
    return [ReferenceArray(results[0], integers: indices)]
  }

  private func isBetter(_ source: ReferenceArray, _ place: Int, than best: Int) -> Bool {
    func compared<T: Comparable>(_ candidate: T, _ leader: T) -> Bool {
      extreme == .argMaximum ? candidate > leader : candidate < leader
    }
    switch source.type.elementType {
    case .uint64:
      return compared(UInt64(bitPattern: source.integers[place]), UInt64(bitPattern: source.integers[best]))
    case let type where type.isFloatingPoint:
      let (candidate, leader) = (source.reals[place], source.reals[best])
      return !leader.isNaN && (candidate.isNaN || compared(candidate, leader))
    default: return compared(source.integers[place], source.integers[best])
    }
  }
}
