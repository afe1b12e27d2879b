/// The decomposition A = Q·R of a matrix `[…, m, n]`: Q has orthonormal columns, R is upper triangular, and its diagonal
/// is not negative, which makes the decomposition of a matrix of full rank the only one.
///
/// With k = min(m, n), Q is `[…, m, k]` and R `[…, k, n]`; the full decomposition has Q `[…, m, m]` and R `[…, m, n]`.
/// The derivative needs the first k columns of A to be independent, and does not exist for the full decomposition of a
/// matrix with more rows than columns, whose further columns of Q are any that complete a basis. A matrix that is not
/// finite gives NaN. Derivative: Walter and Lehmann, "Algorithmic differentiation of linear algebra functions with
/// application in optimum experimental design", 2010.
package struct QR: Operation {
  /// Whether Q is square.
  package let isFull: Bool

  /// Asks for the decomposition.
  package init(isFull: Bool = false) { self.isFull = isFull }

  package static var kind: OperationKind { .qr }
  package var attributes: String { isFull ? "full" : "" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = operands[0]
    try checkMatrices(type)
    let size = isFull ? type.rows : min(type.rows, type.columns)
    let types = [type.withMatrices(type.rows, size), type.withMatrices(size, type.columns)]
    for type in types { try checkSize(type) }
    return types
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let tangent = context.tangents[0] else { return [nil, nil] }
    let (matrix, orthogonal, upper) = (context.operands[0], context.results[0], context.results[1])
    let (rows, columns) = (matrix.type.rows, matrix.type.columns)
    if isFull, rows > columns {
      matrix.builder.fail(
        OperationError(
          name,
          "the full decomposition of a matrix with more rows than columns (\(matrix.shape)) has no derivative;"
            + " ask for the reduced one"))
      return [nil, nil]
    }
    guard rows < columns else { return square(tangent, orthogonal, upper) }
    // A = [A₁ A₂] with A₁ = Q·R₁ square; R₂ = Qᵀ·A₂.
    let first = square(
      tangent.part(rows: 0..<rows, columns: 0..<rows), orthogonal, upper.part(rows: 0..<rows, columns: 0..<rows))
    guard let turned = first[0], let start = first[1] else { return [nil, nil] }
    let rest = orthogonal.times(tangent.part(rows: 0..<rows, columns: rows..<columns), transposingLeft: true)
    let shift = turned.times(matrix.part(rows: 0..<rows, columns: rows..<columns), transposingLeft: true)
    return [turned, matrix.builder.emit(Concatenate(axis: matrix.shape.rank - 1), [start, rest + shift])[0]]
  }

  /// The tangents where R is square.
  private func square(_ tangent: Symbol, _ orthogonal: Symbol, _ upper: Symbol) -> [Symbol?] {
    let scaled = upper.apply(TriangularSolve(isLeft: false, isLower: false), tangent)
    let inside = orthogonal.times(scaled, transposingLeft: true)
    // Qᵀ·dQ is skew, and equals Qᵀ·dA·R⁻¹ below the diagonal, because dR·R⁻¹ is upper triangular.
    let below = inside.kept(.greater)
    let skew = below - below.matrixTransposed
    return [orthogonal.times(skew - inside) + scaled, (inside - skew).kept(.lessOrEqual).times(upper)]
  }

  package func batched(_ context: BatchContext) -> [Symbol] { context.builder.emit(self, context.operands) }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let parts = operands[0].matrices.map { decompose($0, columns: results[0].columns) }
    return [
      ReferenceArray(results[0], matrices: parts.map(\.orthogonal)),
      ReferenceArray(results[1], matrices: parts.map(\.upper)),
    ]
  }

  /// Householder's reflections, column after column.
  private func decompose(
    _ matrix: ReferenceMatrix, columns: Int
  ) -> (orthogonal: ReferenceMatrix, upper: ReferenceMatrix) {
    let (rows, size) = (matrix.rows, min(matrix.rows, matrix.columns))
    var (upper, orthogonal) = (matrix, ReferenceMatrix.identity(rows))
    for step in 0..<size {
      let below = (step..<rows).map { upper[$0, step] }
      let length = below.reduce(0) { $0 + $1 * $1 }.squareRoot()
      var normal = [Double](repeating: 0, count: step) + below
      normal[step] += below[0] < 0 ? -length : length
      let square = normal.reduce(0) { $0 + $1 * $1 }
      guard square > 0 else { continue }
      reflect(&upper, normal, square)
      reflect(&orthogonal, normal, square)
      for row in step + 1..<max(step + 1, rows) { upper[row, step] = 0 }
    }
    // The reflections in turn make Qᵀ of the identity.
    for row in 0..<size where upper[row, row] < 0 {
      for column in 0..<upper.columns { upper[row, column].negate() }
      for column in 0..<rows { orthogonal[row, column].negate() }
    }
    if !matrix.isFinite { for index in orthogonal.elements.indices { orthogonal.elements[index] = .nan } }
    if !matrix.isFinite { for index in upper.elements.indices { upper.elements[index] = .nan } }
    let kept = Array(upper.elements[..<(columns * upper.columns)])
    return (
      orthogonal.transposed.choosing(columns: Array(0..<columns)),
      ReferenceMatrix(rows: columns, columns: upper.columns, kept)
    )
  }

  /// Reflects every column at the plane with the given normal.
  private func reflect(_ matrix: inout ReferenceMatrix, _ normal: [Double], _ square: Double) {
    for column in 0..<matrix.columns {
      let along = (0..<matrix.rows).reduce(0) { $0 + normal[$1] * matrix[$1, column] }
      for row in 0..<matrix.rows { matrix[row, column] -= 2 * along / square * normal[row] }
    }
  }
}
