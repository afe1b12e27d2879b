/// The matrix X with A·X = B for a square matrix A: operands are A `[…, n, n]` and B `[…, n, m]`.
///
/// By Gaussian elimination with partial pivoting. A singular matrix gives infinities or NaN, one that is not finite NaN.
/// An operation of its own rather than a decomposition and two triangular systems, because its derivative is a system
/// with the same matrix.
package struct Solve: Operation {
  /// Whether the transpose of A takes its place.
  package let isTransposed: Bool

  /// Describes the system.
  package init(isTransposed: Bool = false) { self.isTransposed = isTransposed }

  package static var kind: OperationKind { .solve }
  package var attributes: String { isTransposed ? "transposed" : "" }

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
    guard matrix.shape.sizes.dropLast(2) == right.shape.sizes.dropLast(2), matrix.rows == right.rows else {
      throw OperationError(name, "matrices \(matrix.shape) do not fit the right-hand sides \(right.shape)")
    }
    return [right]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (matrix, solution) = (context.operands[0], context.results[0])
    // A·dX = dB − dA·X.
    let moved = context.tangents[0].map { $0.times(solution, transposingLeft: isTransposed) }
    guard let right = context.tangents[1] else { return [moved.map { matrix.apply(self, -$0) }] }
    return [matrix.apply(self, moved.map { right - $0 } ?? right)]
  }

  /// The system of the transposed matrix.
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let matrix = context.operands[0], let cotangent = context.cotangents[0] else { return [nil, nil] }
    return [nil, matrix.apply(Solve(isTransposed: !isTransposed), cotangent)]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let (matrix, right) = (context.operands[0], context.operands[1])
    guard !context.isBatched[0], right.shape.rank == 3 else {
      return [context.batched(0).apply(self, context.batched(1))]
    }
    // One matrix for all examples: their right-hand sides stand side by side in one system.
    let (size, rows, columns) = (context.size, right.type.rows, right.type.columns)
    let wide = right.transposed([1, 0, 2]).reshaped([rows, size * columns])
    return [matrix.apply(self, wide).reshaped([rows, size, columns]).transposed([1, 0, 2])]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let solutions = zip(operands[0].matrices, operands[1].matrices).map { matrix, right in
      solve(isTransposed ? matrix.transposed : matrix, right)
    }
    return [ReferenceArray(results[0], matrices: solutions)]
  }

  private func solve(_ matrix: ReferenceMatrix, _ right: ReferenceMatrix) -> ReferenceMatrix {
    guard matrix.isFinite else {
      return ReferenceMatrix(rows: right.rows, columns: right.columns, repeating: .nan)
    }
    var (matrix, right) = (matrix, right)
    let size = matrix.rows
    for step in 0..<size {
      var pivot = step
      for row in step..<size where matrix[row, step].magnitude > matrix[pivot, step].magnitude { pivot = row }
      matrix.swapRows(step, pivot)
      right.swapRows(step, pivot)
      for row in step + 1..<max(step + 1, size) {
        let factor = matrix[row, step] / matrix[step, step]
        for column in step..<size { matrix[row, column] -= factor * matrix[step, column] }
        for column in 0..<right.columns { right[row, column] -= factor * right[step, column] }
      }
    }
    for row in (0..<size).reversed() {
      for column in 0..<right.columns {
        let known = (row + 1..<max(row + 1, size)).reduce(0) { $0 + matrix[row, $1] * right[$1, column] }
        right[row, column] = (right[row, column] - known) / matrix[row, row]
      }
    }
    return right
  }
}
