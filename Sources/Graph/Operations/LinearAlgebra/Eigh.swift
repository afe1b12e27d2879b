/// The eigenvalues and eigenvectors of a symmetric matrix `[…, n, n]`: A = V·diag(w)·Vᵀ.
///
/// The results are w `[…, n]`, increasing, and V `[…, n, n]`, whose columns are orthonormal; the first element of a
/// column that is about as large as its largest is positive. Of a matrix that is not symmetric they are those of its
/// symmetric part. A matrix that is not finite gives NaN.
///
/// Where eigenvalues are equal, their eigenvectors are any orthonormal basis of a plane: the derivative of V and the
/// second derivative of w do not exist there and come out infinite or NaN. The first derivative of w exists, as that of
/// the given basis. Derivative: Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
/// differentiation", 2008, section 3.1.
package struct Eigh: Operation {
  package init() {}
  package static var kind: OperationKind { .eigh }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkSquare(operands[0])
    return [operands[0].with(shape: Shape(operands[0].shape.sizes.dropLast())), operands[0]]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let tangent = context.tangents[0] else { return [nil, nil] }
    let (values, vectors) = (context.results[0], context.results[1])
    let size = vectors.type.rows
    let inside = vectors.times(tangent.symmetricPart, transposingLeft: true).times(vectors)
    let gaps = values.repeatedAsRows(size) - values.repeatedAsColumns(size)
    let identity = gaps.identity
    let reciprocal = gaps.constant(1) / (gaps + identity) - identity
    return [inside.diagonal, vectors.times(reciprocal * inside)]
  }

  package func batched(_ context: BatchContext) -> [Symbol] { context.builder.emit(self, context.operands) }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let parts = operands[0].matrices.map { decompose($0.symmetricPart) }
    return [
      ReferenceArray(results[0], reals: parts.flatMap(\.values)),
      ReferenceArray(results[1], matrices: parts.map(\.vectors)),
    ]
  }

  /// Jacobi's method: planes are turned until nothing is left off the diagonal.
  private func decompose(_ matrix: ReferenceMatrix) -> (values: [Double], vectors: ReferenceMatrix) {
    let size = matrix.rows
    guard matrix.isFinite else {
      return ([Double](repeating: .nan, count: size), ReferenceMatrix(rows: size, columns: size, repeating: .nan))
    }
    var (rotated, vectors) = (matrix, ReferenceMatrix.identity(size))
    let largest = matrix.elements.lazy.map(\.magnitude).max() ?? 0
    for _ in 0..<60 {
      var isDiagonal = true
      for second in 0..<size {
        for first in 0..<second where rotated[first, second].magnitude > 1e-18 * largest {
          isDiagonal = false
          let (cosine, sine) = ReferenceMatrix.jacobiRotation(
            rotated[first, first], rotated[second, second], mixed: rotated[first, second])
          rotated.rotateColumns(first, second, cosine: cosine, sine: sine)
          rotated = rotated.transposed
          rotated.rotateColumns(first, second, cosine: cosine, sine: sine)
          vectors.rotateColumns(first, second, cosine: cosine, sine: sine)
        }
      }
      if isDiagonal { break }
    }
    let order = (0..<size).sorted { rotated[$0, $0] < rotated[$1, $1] }
    vectors = vectors.choosing(columns: order)
    for column in 0..<size where vectors.isNegative(column: column) { vectors.negateColumn(column) }
    return (order.map { rotated[$0, $0] }, vectors)
  }
}
