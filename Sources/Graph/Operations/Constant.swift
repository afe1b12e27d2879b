/// A tensor known when the graph is written.
package struct Constant: Operation {
  /// The tensor.
  package let literal: HostLiteral

  /// Wraps a tensor that the host knows.
  package init(literal: HostLiteral) { self.literal = literal }

  package static var kind: OperationKind { .constant }
  package var attributes: String {
    guard literal.type.count <= 8 else { return "…" }
    let values = ReferenceArray(literal)
    return (0..<literal.type.count).map { "\(values.real($0))" }.joined(separator: ", ")
  }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [literal.type] }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  package func batched(_ context: BatchContext) -> [Symbol] { [] }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    [ReferenceArray(literal)]
  }
}

/// The coordinate along one axis: element `[i, j, …]` is the index along `axis`.
package struct Iota: Operation {
  /// The result's type.
  package let type: TensorType
  /// The axis that is counted along.
  package let axis: Int

  /// Counts along an axis of a tensor of the given type.
  package init(type: TensorType, axis: Int) {
    self.type = type
    self.axis = axis
  }

  package static var kind: OperationKind { .iota }
  package var attributes: String { "axis: \(axis)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkSize(type)
    guard type.shape.indices.contains(axis) else {
      throw OperationError(name, "axis \(axis) does not exist in shape \(type.shape)")
    }
    return [type]
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  package func batched(_ context: BatchContext) -> [Symbol] { [] }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let stride = type.shape.strides[axis]
    let values = (0..<type.count).map { $0 / stride % type.shape[axis] }
    return [
      type.elementType.isFloatingPoint
        ? ReferenceArray(type, reals: values.map(Double.init))
        : ReferenceArray(type, integers: values.map(Int64.init))
    ]
  }
}

extension Operation {
  /// Refuses a result whose sizes are negative or too large.
  func checkSize(_ type: TensorType) throws(OperationError) {
    guard type.shape.checkedCount != nil else {
      let problem = type.shape.contains { $0 < 0 } ? "has a negative size" : "has more elements than can be addressed"
      throw OperationError(name, "the shape \(type.shape) \(problem)")
    }
  }
}
