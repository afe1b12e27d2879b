/// The thin singular value decomposition A = U·diag(s)·Vᵀ of a matrix `[…, m, n]`.
///
/// With k = min(m, n), the results are U `[…, m, k]`, s `[…, k]`, decreasing, and Vᵀ `[…, k, n]`; the columns of U and
/// the rows of Vᵀ are orthonormal, and the first element of a column of U that is about as large as its largest is
/// positive. A matrix that is not finite gives NaN.
///
/// Where singular values are equal, or where one is 0, their vectors are any basis of a plane: the derivatives of U and
/// Vᵀ and the second derivative of s do not exist there and come out infinite or NaN.
/// Derivative: Townsend, "Differentiating the singular value decomposition", 2016.
package struct SVD: Operation {
  package init() {}
  package static var kind: OperationKind { .svd }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = operands[0]
    try checkMatrices(type)
    let size = min(type.rows, type.columns)
    let values = type.with(shape: Shape(type.shape.sizes.dropLast(2) + [size]))
    return [type.withMatrices(type.rows, size), values, type.withMatrices(size, type.columns)]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let tangent = context.tangents[0] else { return [nil, nil, nil] }
    let (left, values, right) = (context.results[0], context.results[1], context.results[2])
    let (rows, size, columns) = (left.type.rows, left.type.columns, right.type.columns)
    let onRight = tangent.times(right, transposingRight: true)
    let inside = left.times(onRight, transposingLeft: true)
    let (asRows, asColumns) = (values.repeatedAsRows(size), values.repeatedAsColumns(size))
    let identity = inside.identity
    let gaps = (asRows - asColumns) * (asRows + asColumns)
    let reciprocal = gaps.constant(1) / (gaps + identity) - identity
    let (scaled, scaled2) = (inside * asRows, asColumns * inside)
    var leftTangent = left.times(reciprocal * (scaled + scaled.matrixTransposed))
    // The row form of V·(F ∘ (S·P + Pᵀ·S)), whose second factor's transpose is its negative, as F is skew.
    var rightTangent = (-(reciprocal * (scaled2 + scaled2.matrixTransposed))).times(right)
    if rows > size {
      let outside = onRight - left.times(inside)
      leftTangent = leftTangent + outside / values.repeatedAsRows(rows)
    }
    if columns > size {
      let onLeft = left.times(tangent, transposingLeft: true)
      let outside = onLeft - inside.times(right)
      rightTangent = rightTangent + outside / values.repeatedAsColumns(columns)
    }
    return [leftTangent, inside.diagonal, rightTangent]
  }

  package func batched(_ context: BatchContext) -> [Symbol] { context.builder.emit(self, context.operands) }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let parts = operands[0].matrices.map(decompose)
    return [
      ReferenceArray(results[0], matrices: parts.map(\.left)),
      ReferenceArray(results[1], reals: parts.flatMap(\.values)),
      ReferenceArray(results[2], matrices: parts.map(\.right)),
    ]
  }

  private typealias Parts = (left: ReferenceMatrix, values: [Double], right: ReferenceMatrix)

  private func decompose(_ matrix: ReferenceMatrix) -> Parts {
    let size = min(matrix.rows, matrix.columns)
    guard matrix.isFinite else {
      return (
        ReferenceMatrix(rows: matrix.rows, columns: size, repeating: .nan), [Double](repeating: .nan, count: size),
        ReferenceMatrix(rows: size, columns: matrix.columns, repeating: .nan)
      )
    }
    let isWide = matrix.rows < matrix.columns
    var (left, values, right) = rotate(isWide ? matrix.transposed : matrix)
    if isWide { (left, right) = (right, left) }
    for column in 0..<size where left.isNegative(column: column) {
      left.negateColumn(column)
      right.negateColumn(column)
    }
    return (left, values, right.transposed)
  }

  /// Jacobi's one-sided method (Hestenes, 1958) on a matrix with no fewer rows than columns: planes of columns are
  /// turned until all columns are orthogonal. Gives U, s and V.
  private func rotate(_ matrix: ReferenceMatrix) -> Parts {
    let size = matrix.columns
    var (turned, right) = (matrix, ReferenceMatrix.identity(size))
    func dot(_ first: Int, _ second: Int) -> Double {
      (0..<matrix.rows).reduce(0) { $0 + turned[$1, first] * turned[$1, second] }
    }
    for _ in 0..<60 {
      var isOrthogonal = true
      for second in 0..<size {
        for first in 0..<second {
          let (a, b, mixed) = (dot(first, first), dot(second, second), dot(first, second))
          guard mixed.magnitude > 1e-17 * (a * b).squareRoot() else { continue }
          isOrthogonal = false
          let (cosine, sine) = ReferenceMatrix.jacobiRotation(a, b, mixed: mixed)
          turned.rotateColumns(first, second, cosine: cosine, sine: sine)
          right.rotateColumns(first, second, cosine: cosine, sine: sine)
        }
      }
      if isOrthogonal { break }
    }
    let lengths = (0..<size).map { dot($0, $0).squareRoot() }
    let order = lengths.indices.sorted { lengths[$0] > lengths[$1] }
    return (basis(turned.choosing(columns: order)), order.map { lengths[$0] }, right.choosing(columns: order))
  }

  /// Orthogonal columns of decreasing length scaled to length 1; those without a length are replaced by ones that
  /// complete the basis.
  private func basis(_ columns: ReferenceMatrix) -> ReferenceMatrix {
    var result = columns
    var (known, longest, unit) = ([[Double]](), 0.0, 0)
    for column in 0..<columns.columns {
      var candidate = columns.column(column)
      var length = candidate.reduce(0) { $0 + $1 * $1 }.squareRoot()
      longest = max(longest, length)
      while length <= 1e-15 * longest || length == 0 {
        candidate = (0..<columns.rows).map { $0 == unit ? 1 : 0 }
        unit += 1
        // Twice, because once leaves rounding errors that matter where little remains.
        for other in known + known {
          let along = zip(candidate, other).reduce(0) { $0 + $1.0 * $1.1 }
          candidate = zip(candidate, other).map { $0 - along * $1 }
        }
        length = candidate.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if length < 0.5 / Double(columns.rows) { length = 0 }
        longest = min(longest, length == 0 ? longest : 1)
      }
      known.append(candidate.map { $0 / length })
      for row in 0..<columns.rows { result[row, column] = known[column][row] }
    }
    return result
  }
}
