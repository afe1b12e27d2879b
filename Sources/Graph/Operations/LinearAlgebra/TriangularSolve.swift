/// The matrix X with A·X = B (or X·A = B) for a triangular matrix A: operands are A `[…, n, n]` and B `[…, n, m]`
/// (or `[…, m, n]`).
///
/// Only the triangle is read, and with a unit diagonal only what lies strictly within it. A zero on the diagonal gives
/// infinities or NaN. Named `triangular_solve` in StableHLO.
package struct TriangularSolve: Operation {
  /// Whether A stands on the left of X.
  package let isLeft: Bool
  /// Whether A is lower triangular, before it is transposed.
  package let isLower: Bool
  /// Whether the transpose of A takes its place.
  package let isTransposed: Bool
  /// Whether the diagonal counts as 1, whatever stands there.
  package let hasUnitDiagonal: Bool

  /// Describes the system.
  package init(isLeft: Bool, isLower: Bool, isTransposed: Bool = false, hasUnitDiagonal: Bool = false) {
    self.isLeft = isLeft
    self.isLower = isLower
    self.isTransposed = isTransposed
    self.hasUnitDiagonal = hasUnitDiagonal
  }

  package static var kind: OperationKind { .triangularSolve }
  package var attributes: String {
    (isLeft ? "left" : "right") + (isLower ? ", lower" : ", upper") + (isTransposed ? ", transposed" : "")
      + (hasUnitDiagonal ? ", unit diagonal" : "")
  }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let (matrix, right) = (operands[0], operands[1])
    try checkSquare(matrix)
    try checkMatrices(right)
    guard matrix.elementType == right.elementType else {
      throw OperationError(
        name,
        "element types differ: \(matrix.elementType) and \(right.elementType);"
          + " convert one of them with converted(to:)")
    }
    guard matrix.shape.sizes.dropLast(2) == right.shape.sizes.dropLast(2),
      matrix.rows == (isLeft ? right.rows : right.columns)
    else {
      throw OperationError(
        name, "a matrix \(matrix.shape) on the \(isLeft ? "left" : "right") does not fit the other side \(right.shape)")
    }
    return [right]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (matrix, solution) = (context.operands[0], context.results[0])
    // A·X = B: A·dX = dB − dA·X.
    let moved = context.tangents[0].map { tangent in
      let triangle = tangent.kept(
        isLower ? (hasUnitDiagonal ? .greater : .greaterOrEqual) : (hasUnitDiagonal ? .less : .lessOrEqual))
      return isLeft
        ? triangle.times(solution, transposingLeft: isTransposed)
        : solution.times(triangle, transposingRight: isTransposed)
    }
    guard let right = context.tangents[1] else { return [moved.map { matrix.apply(self, -$0) }] }
    return [matrix.apply(self, moved.map { right - $0 } ?? right)]
  }

  /// The system of the transposed matrix.
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let matrix = context.operands[0], let cotangent = context.cotangents[0] else { return [nil, nil] }
    let back = TriangularSolve(
      isLeft: isLeft, isLower: isLower, isTransposed: !isTransposed, hasUnitDiagonal: hasUnitDiagonal)
    return [nil, matrix.apply(back, cotangent)]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let (matrix, right) = (context.operands[0], context.operands[1])
    guard !context.isBatched[0], right.shape.rank == 3 else {
      return [context.batched(0).apply(self, context.batched(1))]
    }
    // One matrix for all examples: their right-hand sides stand side by side in one system.
    let (size, rows, columns) = (context.size, right.type.rows, right.type.columns)
    if isLeft {
      let wide = right.transposed([1, 0, 2]).reshaped([rows, size * columns])
      return [matrix.apply(self, wide).reshaped([rows, size, columns]).transposed([1, 0, 2])]
    }
    return [matrix.apply(self, right.reshaped([size * rows, columns])).reshaped([size, rows, columns])]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let solutions = zip(operands[0].matrices, operands[1].matrices).map { matrix, right in
      // X·A = B is Aᵀ·Xᵀ = Bᵀ.
      let system = isTransposed == isLeft ? matrix.transposed : matrix
      let isForward = isLower == (isTransposed != isLeft)
      let solution = solve(system, isLeft ? right : right.transposed, isForward: isForward)
      return isLeft ? solution : solution.transposed
    }
    return [ReferenceArray(results[0], matrices: solutions)]
  }

  /// Substitution, from the first row on where the triangle is the lower one, else from the last.
  private func solve(_ matrix: ReferenceMatrix, _ right: ReferenceMatrix, isForward: Bool) -> ReferenceMatrix {
    var solution = right
    let order = isForward ? Array(0..<matrix.rows) : (0..<matrix.rows).reversed()
    for column in 0..<right.columns {
      for (position, row) in order.enumerated() {
        let known = order[..<position].reduce(0) { $0 + matrix[row, $1] * solution[$1, column] }
        let rest = right[row, column] - known
        solution[row, column] = hasUnitDiagonal ? rest : rest / matrix[row, row]
      }
    }
    return solution
  }
}
