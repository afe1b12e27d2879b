/// The elements in opposite order along some axes.
package struct Reverse: Operation {
  /// The axes along which the order turns round.
  package let axes: [Int]

  /// Turns the order round along axes.
  package init(axes: [Int]) { self.axes = axes }

  package static var kind: OperationKind { .reverse }
  package var attributes: String { "axes: \(axes)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkAxes(axes, operands[0].shape)
    return [operands[0]]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { [context.tangents[0]?.apply(self)] }
  package func transposed(_ context: TransposeContext) -> [Symbol?] { [context.cotangents[0]?.apply(self)] }
  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].apply(Reverse(axes: axes.map { $0 + 1 }))]
  }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let shape = results[0].shape
    guard shape.count > 0 else { return operands }
    var places = StridedPlaces(shape: shape, strides: shape.strides)
    for axis in axes {
      places.offset += (shape[axis] - 1) * places.strides[axis]
      places.strides[axis].negate()
    }
    return [ReferenceArray(results[0], from: operands[0], at: places.all)]
  }
}

extension Operation {
  /// Refuses axes that do not exist or are named twice.
  func checkAxes(_ axes: [Int], _ shape: Shape) throws(OperationError) {
    for (position, axis) in axes.enumerated() {
      guard shape.indices.contains(axis) else {
        throw OperationError(name, "axis \(axis) does not exist in shape \(shape)")
      }
      guard !axes[..<position].contains(axis) else { throw OperationError(name, "axis \(axis) is named twice") }
    }
  }
}
