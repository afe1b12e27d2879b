/// Tensors put into the order of the first of them along an axis, and the order itself: the last result holds, as int32,
/// the index that each element had before.
///
/// Equal elements keep their order. NaN counts as larger than every number, and −0 as equal to 0.
package struct Sort: Operation {
  /// The axis along which elements change places.
  package let axis: Int
  /// Whether the largest comes first.
  package let isDescending: Bool

  /// Sorts along an axis.
  package init(axis: Int, isDescending: Bool = false) {
    self.axis = axis
    self.isDescending = isDescending
  }

  package static var kind: OperationKind { .sort }
  package var attributes: String { "axis: \(axis)" + (isDescending ? ", descending" : "") }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard let key = operands.first else { throw OperationError(name, "needs at least one tensor") }
    try checkOrdered(axis, key.shape)
    for type in operands where type.shape != key.shape {
      throw OperationError(name, "\(type.shape) cannot be carried along with \(key.shape)")
    }
    return operands + [key.with(elementType: .int32)]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let order = context.results[context.operands.count]
    return context.tangents.map { $0?.taken(along: axis, at: order) } + [nil]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    context.builder.emit(Sort(axis: axis + 1, isDescending: isDescending), context.allBatched)
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let lines = ReductionGroups(operands[0].type.shape, axes: [axis]).all
    var sorted = results.map { ReferenceArray($0, repeating: 0) }
    for places in lines {
      let order = operands[0].order(of: places, isDescending: isDescending)
      let line = Shape([places.count])
      for (index, operand) in operands.enumerated() {
        let values = ReferenceArray(operand.type.with(shape: line), from: operand, at: order.map { places[$0] })
        sorted[index].assign(values, at: places)
      }
      let numbers = ReferenceArray(TensorType(line, .int32), integers: order.map(Int64.init))
      sorted[operands.count].assign(numbers, at: places)
    }
    return sorted
  }
}

extension Operation {
  /// Refuses an axis that does not exist or is too long for int32 indices.
  func checkOrdered(_ axis: Int, _ shape: Shape) throws(OperationError) {
    try checkAxes([axis], shape)
    guard shape[axis] <= Int(Int32.max) else {
      throw OperationError(name, "axis \(axis) of \(shape) is too long for int32 indices")
    }
  }
}

extension ReferenceArray {
  /// The order in which the elements at some places are sorted, as positions among those places.
  func order(of places: [Int], isDescending: Bool) -> [Int] {
    places.indices.sorted { a, b in
      if precedes(places[a], places[b]) { return !isDescending }
      if precedes(places[b], places[a]) { return isDescending }
      return a < b
    }
  }

  /// Whether one element is smaller than another, where NaN is larger than every number.
  private func precedes(_ a: Int, _ b: Int) -> Bool {
    switch type.elementType {
    case .uint64: UInt64(bitPattern: integers[a]) < UInt64(bitPattern: integers[b])
    case let type where type.isFloatingPoint: reals[a] < reals[b] || (reals[b].isNaN && !reals[a].isNaN)
    default: integers[a] < integers[b]
    }
  }
}
