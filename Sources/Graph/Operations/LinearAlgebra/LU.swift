/// The decomposition P·A = L·U of a matrix `[…, m, n]` by Gaussian elimination with partial pivoting.
///
/// The results are L and U in one matrix `[…, m, n]` (below the diagonal L, whose diagonal is 1; on and above it U), the
/// row that each step exchanged its own with (int32, `[…, min(m, n)]`), and the order of the rows (int32, `[…, m]`): row
/// `i` of P·A is row `order[i]` of A. A singular matrix has a zero on the diagonal of U; one that is not finite gives NaN.
/// Derivative: de Hoog, Anderssen, Lukas, "Differentiation of matrix functionals using triangular factorization", 2011.
package struct LU: Operation {
  package init() {}
  package static var kind: OperationKind { .lu }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = operands[0]
    try checkMatrices(type)
    let batch = type.shape.sizes.dropLast(2)
    return [
      type, TensorType(Shape(batch + [min(type.rows, type.columns)]), .int32),
      TensorType(Shape(batch + [type.rows]), .int32),
    ]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let tangent = context.tangents[0] else { return [nil, nil, nil] }
    let (factors, order) = (context.results[0], context.results[2])
    let (rows, columns) = (factors.type.rows, factors.type.columns)
    let size = min(rows, columns)
    let places = order.repeatedAsColumns(rows)
    let indices = context.operands[0].builder.emit(Iota(type: places.type, axis: places.shape.rank - 1), [])[0]
    let permutation = places.equals(indices).converted(to: tangent.type.elementType)
    // L and U filled up to square matrices with the identity, so that one formula serves every shape.
    let below = factors.part(rows: 0..<rows, columns: 0..<size).kept(.greater)
    let lower = below.paddedWithZeros(rows: 0, columns: rows - size)
    let above = factors.part(rows: 0..<size, columns: 0..<columns).kept(.lessOrEqual)
    let upper = above.paddedWithZeros(rows: columns - size, columns: 0)
    let (left, right) = (lower + lower.identity, upper + tail(of: upper, from: size))
    let solved = left.apply(
      TriangularSolve(isLeft: true, isLower: true, hasUnitDiagonal: true), permutation.times(tangent))
    let change = right.apply(TriangularSolve(isLeft: false, isLower: false), solved)
    return [left.times(change.kept(.greater)) + change.kept(.lessOrEqual).times(right), nil, nil]
  }

  /// The identity's diagonal from an index on.
  private func tail(of matrix: Symbol, from first: Int) -> Symbol {
    let builder = matrix.builder
    let indices = builder.emit(
      Iota(type: matrix.type.with(elementType: .int32), axis: matrix.shape.rank - 1), [])[0]
    let isBehind = indices.apply(Compare(.greaterOrEqual), indices.constant(Double(first)))
    return matrix.identity.selected(where: isBehind, otherwise: matrix.zeros)
  }

  package func batched(_ context: BatchContext) -> [Symbol] { context.builder.emit(self, context.operands) }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let parts = operands[0].matrices.map(decompose)
    return [
      ReferenceArray(results[0], matrices: parts.map(\.factors)),
      ReferenceArray(results[1], integers: parts.flatMap(\.pivots).map(Int64.init)),
      ReferenceArray(results[2], integers: parts.flatMap(\.order).map(Int64.init)),
    ]
  }

  private func decompose(_ matrix: ReferenceMatrix) -> (factors: ReferenceMatrix, pivots: [Int], order: [Int]) {
    var factors = matrix
    var (pivots, order) = ([Int](), Array(0..<matrix.rows))
    for step in 0..<min(matrix.rows, matrix.columns) {
      var pivot = step
      for row in step..<matrix.rows where factors[row, step].magnitude > factors[pivot, step].magnitude { pivot = row }
      pivots.append(pivot)
      factors.swapRows(step, pivot)
      order.swapAt(step, pivot)
      guard factors[step, step] != 0 else { continue }
      for row in step + 1..<max(step + 1, matrix.rows) {
        factors[row, step] /= factors[step, step]
        for column in step + 1..<max(step + 1, matrix.columns) {
          factors[row, column] -= factors[row, step] * factors[step, column]
        }
      }
    }
    guard matrix.isFinite else {
      factors = ReferenceMatrix(rows: matrix.rows, columns: matrix.columns, repeating: .nan)
      return (factors, Array(pivots.indices), Array(0..<matrix.rows))
    }
    return (factors, pivots, order)
  }
}
