/// A tensor known when the graph is written.
public struct Constant: Operation {
  /// The tensor.
  public let literal: Literal

  /// Wraps a computed tensor.
  public init(literal: Literal) { self.literal = literal }

  public static var kind: OperationKind { .constant }
  public var attributes: String {
    guard literal.type.count <= 8 else { return "…" }
    let values = ReferenceArray(literal)
    return (0..<literal.type.count).map { "\(values.real($0))" }.joined(separator: ", ")
  }

  public func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [literal.type] }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  public func batched(_ context: BatchContext) -> [Symbol] { [] }
  public func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    [ReferenceArray(literal)]
  }
}

/// The coordinate along one axis: element `[i, j, …]` is the index along `axis`.
public struct Iota: Operation {
  /// The result's type.
  public let type: TensorType
  /// The axis that is counted along.
  public let axis: Int

  /// Counts along an axis of a tensor of the given type.
  public init(type: TensorType, axis: Int) {
    self.type = type
    self.axis = axis
  }

  public static var kind: OperationKind { .iota }
  public var attributes: String { "axis: \(axis)" }

  public func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkSize(type)
    guard type.shape.indices.contains(axis) else {
      throw OperationError(name, "axis \(axis) does not exist in shape \(type.shape)")
    }
    return [type]
  }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  public func batched(_ context: BatchContext) -> [Symbol] { [] }
  public func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
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
