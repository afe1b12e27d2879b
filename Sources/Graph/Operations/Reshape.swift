/// The same elements in row-major order under another shape.
package struct Reshape: Operation {
  /// The new shape.
  package let shape: Shape

  /// Gives the elements another shape.
  package init(shape: Shape) { self.shape = shape }

  package static var kind: OperationKind { .reshape }
  package var attributes: String { "\(shape)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkSize(operands[0].with(shape: shape))
    guard shape.count == operands[0].count else {
      throw OperationError(
        name, "\(operands[0].shape) has \(operands[0].count) elements, \(shape) would have \(shape.count)")
    }
    return [operands[0].with(shape: shape)]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { [context.tangents[0]?.reshaped(shape)] }
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    [context.cotangents[0]?.reshaped(context.types[0].shape)]
  }
  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].reshaped(shape.prepending(context.size))]
  }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    [operands[0].retyped(results[0])]
  }
}
