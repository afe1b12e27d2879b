/// The same elements in row-major order under another shape.
public struct Reshape: Operation {
  /// The new shape.
  public let shape: Shape

  /// Gives the elements another shape.
  public init(shape: Shape) { self.shape = shape }

  public static var kind: OperationKind { .reshape }
  public var attributes: String { "\(shape)" }

  public func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkSize(operands[0].with(shape: shape))
    guard shape.count == operands[0].count else {
      throw OperationError(
        name, "\(operands[0].shape) has \(operands[0].count) elements, \(shape) would have \(shape.count)")
    }
    return [operands[0].with(shape: shape)]
  }

  public func tangents(_ context: ForwardContext) -> [Symbol?] { [context.tangents[0]?.reshaped(shape)] }
  public func transposed(_ context: TransposeContext) -> [Symbol?] {
    [context.cotangents[0]?.reshaped(context.types[0].shape)]
  }
  public func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].reshaped(shape.prepending(context.size))]
  }
  public func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    [operands[0].retyped(results[0])]
  }
}
