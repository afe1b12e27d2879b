/// The axes in another order: result axis `i` is operand axis `permutation[i]`.
package struct Transpose: Operation {
  /// For each result axis, the operand's axis.
  package let permutation: [Int]

  /// Reorders the axes.
  package init(permutation: [Int]) { self.permutation = permutation }

  package static var kind: OperationKind { .transpose }
  package var attributes: String { "\(permutation)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard permutation.sorted() == Array(operands[0].shape.indices) else {
      throw OperationError(
        name, "\(permutation) is not an order of the \(operands[0].rank) axes of \(operands[0].shape)")
    }
    return [operands[0].with(shape: Shape(permutation.map { operands[0].shape[$0] }))]
  }

  private var inverse: [Int] {
    var inverse = permutation
    for (axis, source) in permutation.enumerated() { inverse[source] = axis }
    return inverse
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { [context.tangents[0]?.transposed(permutation)] }
  package func transposed(_ context: TransposeContext) -> [Symbol?] { [context.cotangents[0]?.transposed(inverse)] }
  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].transposed([0] + permutation.map { $0 + 1 })]
  }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let strides = operands[0].type.shape.strides
    let places = StridedPlaces(shape: results[0].shape, strides: permutation.map { strides[$0] }).all
    return [ReferenceArray(results[0], from: operands[0], at: places)]
  }
}
