import DescentGraph

/// The lower triangular L with L·Lᵀ = A of symmetric positive definite matrices `[…, n, n]`.
///
/// NaN where a matrix is not positive definite. Of a matrix that is not symmetric, that of its symmetric part.
/// - Complexity: O(n³) a matrix.
public func cholesky(_ a: Tensor) -> Tensor { a.obstacle("cholesky", isSquare: true) ?? .record(Cholesky(), [a]) }

/// The decomposition A = Q·R of matrices `[…, m, n]` into orthonormal columns and an upper triangular matrix whose
/// diagonal is not negative.
///
/// With k = min(m, n) the results are `[…, m, k]` and `[…, k, n]`; where `full`, `[…, m, m]` and `[…, m, n]`, which has
/// no derivative where m > n. The derivative needs the first k columns to be independent.
/// - Complexity: O(m·n·k) a matrix.
public func qr(_ a: Tensor, full: Bool = false) -> (q: Tensor, r: Tensor) {
  if let obstacle = a.obstacle("qr") { return (obstacle, obstacle) }
  let results = Tensor.recordAll(QR(isFull: full), [a], count: 2)
  return (results[0], results[1])
}

/// The decomposition of matrices `[…, m, n]` by Gaussian elimination with partial pivoting.
///
/// Row `i` of L·U is row `order[i]` of A (int32, `[…, m]`); with k = min(m, n), L is `[…, m, k]` with ones on its
/// diagonal and U `[…, k, n]`.
/// - Complexity: O(m·n·k) a matrix.
public func lu(_ a: Tensor) -> (order: Tensor, lower: Tensor, upper: Tensor) {
  if let obstacle = a.obstacle("lu") { return (obstacle, obstacle, obstacle) }
  let results = Tensor.recordAll(LU(), [a], count: 3)
  let size = min(a.rows, a.columns)
  let left = results[0].sliced(0..<size, axis: -1)
  let upper = results[0].sliced(0..<size, axis: -2).kept(.lessOrEqual)
  let ones = Tensor(ones: left.shape, a.elementType).kept(.equal)
  return (results[2], left.kept(.greater) + ones, upper)
}

/// The eigenvalues `[…, n]`, increasing, and eigenvectors, the columns of `[…, n, n]`, of symmetric matrices
/// `[…, n, n]`.
///
/// Of a matrix that is not symmetric, those of its symmetric part. The first element of an eigenvector that is about as
/// large as its largest is positive. Where eigenvalues are equal, their eigenvectors are any orthonormal basis of a
/// plane, and the derivative of the vectors and the second derivative of the values are infinite or NaN.
/// - Complexity: O(n³) a matrix.
public func eigh(_ a: Tensor) -> (values: Tensor, vectors: Tensor) {
  if let obstacle = a.obstacle("eigh", isSquare: true) { return (obstacle, obstacle) }
  let results = Tensor.recordAll(Eigh(), [a], count: 2)
  return (results[0], results[1])
}

/// The eigenvalues of symmetric matrices, increasing: those of `eigh`.
public func eighValues(_ a: Tensor) -> Tensor { .calling { eigh(a).values } }

/// The thin singular value decomposition A = U·diag(s)·Vᵀ of matrices `[…, m, n]`.
///
/// With k = min(m, n) the results are U `[…, m, k]`, s `[…, k]`, decreasing, and Vᵀ `[…, k, n]`. The first element of a
/// column of U that is about as large as its largest is positive. Where singular values are equal or 0, the derivatives
/// of U and Vᵀ and the second derivative of s are infinite or NaN.
/// - Parameters:
///   - a: The matrices.
///   - full: Whether U is `[…, m, m]` and Vᵀ `[…, n, n]`, by any orthonormal vectors, which have no derivative.
/// - Complexity: O(m·n·k) a matrix.
public func svd(_ a: Tensor, full: Bool = false) -> (u: Tensor, s: Tensor, vt: Tensor) {
  if let obstacle = a.obstacle("svd") { return (obstacle, obstacle, obstacle) }
  let results = Tensor.recordAll(SVD(), [a], count: 3)
  guard full, results[0].error == nil else { return (results[0], results[1], results[2]) }
  let call = FunctionCall()
  return (call(completed(results[0])), results[1], call(completed(results[2].matrixTransposed).matrixTransposed))
}

/// Orthonormal columns `[…, m, k]` with further ones, `[…, m, m]`.
private func completed(_ columns: Tensor) -> Tensor {
  let (size, known) = (columns.rows, columns.columns)
  guard known < size else { return columns }
  return concatenated([columns, qr(stopGradient(columns), full: true).q.sliced(known..<size, axis: -1)], axis: -1)
}

/// The singular values of matrices, decreasing: those of `svd`.
public func svdValues(_ a: Tensor) -> Tensor { .calling { svd(a).s } }
