/// The lower triangular matrix L with positive diagonal and L·Lᵀ = A, of a symmetric positive definite matrix A.
///
/// Of a matrix that is not symmetric it is that of its symmetric part, so that the derivative is defined in every
/// direction. A matrix that is not positive definite, or not finite, gives NaN everywhere.
/// Derivative: Murray, "Differentiation of the Cholesky decomposition", 2016, section 3.
package struct Cholesky: Operation {
  package init() {}
  package static var kind: OperationKind { .cholesky }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkSquare(operands[0])
    return [operands[0]]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let tangent = context.tangents[0] else { return [nil] }
    let factor = context.results[0]
    // dL = L·Φ(L⁻¹·dA·L⁻ᵀ), where Φ keeps the lower triangle and half of the diagonal.
    let left = factor.apply(TriangularSolve(isLeft: true, isLower: true), tangent.symmetricPart)
    let both = factor.apply(TriangularSolve(isLeft: false, isLower: true, isTransposed: true), left)
    return [factor.times(both.kept(.greater) + 0.5 * both.kept(.equal))]
  }

  package func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    [ReferenceArray(results[0], matrices: operands[0].matrices.map { factor($0.symmetricPart) })]
  }

  private func factor(_ matrix: ReferenceMatrix) -> ReferenceMatrix {
    let size = matrix.rows
    var factor = ReferenceMatrix(rows: size, columns: size, repeating: 0)
    for row in 0..<size {
      for column in 0...row {
        let known = (0..<column).reduce(0) { $0 + factor[row, $1] * factor[column, $1] }
        let rest = matrix[row, column] - known
        guard row == column else {
          factor[row, column] = rest / factor[column, column]
          continue
        }
        guard rest > 0, rest.isFinite else { return ReferenceMatrix(rows: size, columns: size, repeating: .nan) }
        factor[row, row] = rest.squareRoot()
      }
    }
    return factor
  }
}
