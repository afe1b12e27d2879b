import DescentGraph

/// The solution of A·X = B for square matrices A `[…, n, n]` and right-hand sides B `[…, n, m]`, or one vector `[n]`.
///
/// Batch axes are repeated to common ones. A singular matrix gives infinities or NaN.
/// - Parameter onRight: Whether A stands on the right of X, for B of `[…, m, n]`.
/// - Complexity: O(n³ + n²·m) a matrix.
public func solve(_ a: Tensor, _ b: Tensor, onRight: Bool = false) -> Tensor {
  system("solve", a, b, onRight: onRight) { a, b in
    guard onRight else { return .record(Solve(), [a, b]) }
    return Tensor.record(Solve(), [a.matrixTransposed, b.matrixTransposed]).matrixTransposed
  }
}

/// The solution of A·X = B for symmetric positive definite matrices A, from their triangle L with L·Lᵀ = A, which `cholesky`
/// gives.
///
/// - Parameters:
///   - factor: The triangles `[…, n, n]`; the other triangle is not read.
///   - b: The right-hand sides `[…, n, m]`, or one vector `[n]`; batch axes are repeated to common ones.
///   - isUpper: Whether the triangle is the upper U with Uᵀ·U = A.
/// - Complexity: O(n²·m) a matrix.
public func choleskySolve(_ factor: Tensor, _ b: Tensor, isUpper: Bool = false) -> Tensor {
  system("choleskySolve", factor, b) { factor, b in
    let inside = triangularSolve(factor, b, lower: !isUpper, transposed: isUpper)
    return triangularSolve(factor, inside, lower: !isUpper, transposed: !isUpper)
  }
}

/// The inverse of symmetric positive definite matrices, from their triangle L with L·Lᵀ = A; see `choleskySolve`.
///
/// - Complexity: O(n³) a matrix.
public func choleskyInverse(_ factor: Tensor, isUpper: Bool = false) -> Tensor {
  .calling {
    factor.obstacle("choleskyInverse", isSquare: true)
      ?? choleskySolve(factor, .identity(factor.rows, factor.elementType), isUpper: isUpper)
  }
}

/// The solution of A·X = B for triangular matrices A `[…, n, n]` and right-hand sides B `[…, n, m]`, or one vector
/// `[n]`.
///
/// - Parameters:
///   - a: The matrices; only the triangle is read.
///   - b: The right-hand sides; batch axes are repeated to common ones.
///   - lower: Whether A is the lower triangle rather than the upper one.
///   - transposed: Whether the transpose of A takes its place.
///   - unitDiagonal: Whether the diagonal counts as 1, whatever stands there.
///   - onRight: Whether A stands on the right of X, for B of `[…, m, n]`.
/// - Complexity: O(n²·m) a matrix.
public func triangularSolve(
  _ a: Tensor, _ b: Tensor, lower: Bool = true, transposed: Bool = false, unitDiagonal: Bool = false,
  onRight: Bool = false
) -> Tensor {
  let operation = TriangularSolve(
    isLeft: !onRight, isLower: lower, isTransposed: transposed, hasUnitDiagonal: unitDiagonal)
  return system("triangularSolve", a, b, onRight: onRight) { .record(operation, [$0, $1]) }
}

/// The inverse of square matrices `[…, n, n]`; infinities or NaN where they are singular.
///
/// To solve a system, `solve` is faster and loses fewer digits.
/// - Complexity: O(n³) a matrix.
public func inverse(_ a: Tensor) -> Tensor {
  .calling { a.obstacle("inverse", isSquare: true) ?? solve(a, .identity(a.rows, a.elementType)) }
}

/// The X for which A·X − B is shortest, for A `[…, m, n]` and B `[…, m, p]`, or one vector `[m]`; the shortest such X
/// where there are several.
///
/// By a QR decomposition: the rank of A must be min(m, n). Where it is less, multiply by `pseudoInverse(a)`.
/// - Complexity: O(m·n·min(m, n)) a matrix.
public func leastSquares(_ a: Tensor, _ b: Tensor) -> Tensor {
  system("leastSquares", a, b, isSquare: false) { a, b in
    if a.rows >= a.columns {
      let (q, r) = qr(a)
      return triangularSolve(r, matmul(q.matrixTransposed, b), lower: false)
    }
    let (q, r) = qr(a.matrixTransposed)
    return matmul(q, triangularSolve(r, b, lower: false, transposed: true))
  }
}

/// The pseudo-inverse of Moore and Penrose of matrices `[…, m, n]`, which is `[…, n, m]`.
///
/// By the singular value decomposition; singular values up to `relativeTolerance` times the largest count as 0 (the
/// larger size times the distance from 1 to the next number where none is given). The derivative is that among matrices
/// of the same rank (Golub and Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems
/// whose variables separate", 1973); from the third on, derivatives need singular values that differ.
/// - Complexity: O(m·n·min(m, n)) a matrix.
public func pseudoInverse(_ a: Tensor, relativeTolerance: Double? = nil) -> Tensor {
  .calling { a.obstacle("pseudoInverse") ?? pseudoInverse(a, relativeTolerance, orders: 2) }
}

/// A pseudo-inverse whose derivatives up to an order do not go through the singular vectors.
private func pseudoInverse(_ a: Tensor, _ tolerance: Double?, orders: Int) -> Tensor {
  guard orders > 0 else { return decomposedPseudoInverse(a, tolerance) }
  return .carryingErrors(of: "pseudoInverse") {
    try customGradient(a) {
      decomposedPseudoInverse($0, tolerance)
    } tangent: { a, change in
      let inverse = pseudoInverse(a, tolerance, orders: orders - 1)
      let (turned, back) = (inverse.matrixTransposed, change.matrixTransposed)
      let inside = matmul(inverse, matmul(change, inverse))
      // What the change adds in the columns' and in the rows' complements.
      let left = matmul(matmul(inverse, turned), back - matmul(matmul(back, a), inverse))
      let right = matmul(back - matmul(inverse, matmul(a, back)), matmul(turned, inverse))
      return left + right - inside
    }
  }
}

private func decomposedPseudoInverse(_ a: Tensor, _ tolerance: Double?) -> Tensor {
  let (u, s, vt) = svd(a)
  let counts = s .> smallestThatCounts(s, a, tolerance)
  let ones = Tensor(ones: s.shape, s.elementType)
  // The choice stands within the quotient as well, so that the derivative does not divide by 0.
  let reciprocals = `where`(counts, ones / `where`(counts, s, ones), Tensor(zeros: s.shape, s.elementType))
  return matmul(vt.matrixTransposed * reciprocals.expanded(axis: -2), u.matrixTransposed)
}

/// The rank of matrices `[…, m, n]`, as int32 `[…]`: how many singular values are larger than `relativeTolerance` times
/// the largest (the larger size times the distance from 1 to the next number where none is given).
public func matrixRank(_ a: Tensor, relativeTolerance: Double? = nil) -> Tensor {
  .calling {
    if let obstacle = a.obstacle("matrixRank") { return obstacle }
    let s = svd(a).s
    return (s .> smallestThatCounts(s, a, relativeTolerance)).converted(to: .int32).sum(axes: [-1])
  }
}

private func smallestThatCounts(_ s: Tensor, _ a: Tensor, _ tolerance: Double?) -> Tensor {
  let tolerance = tolerance ?? Double(max(a.rows, a.columns)) * a.elementType.epsilon
  return stopGradient(s.max(axes: [-1], keepingAxes: true)) * tolerance
}

/// Checks a system, brings its sides to common batch axes, and treats a vector as one column or row.
private func system(
  _ operation: String, _ a: Tensor, _ b: Tensor, isSquare: Bool = true, onRight: Bool = false,
  _ body: (Tensor, Tensor) -> Tensor
) -> Tensor {
  if let obstacle = a.obstacle(operation, isSquare: isSquare) { return obstacle }
  if b.error != nil { return b }
  guard b.rank >= 1 else {
    return .failure(operation, "the right-hand side is a single number, not a vector or matrix")
  }
  let isVector = b.rank == 1
  let right = isVector ? b.expanded(axis: onRight ? 0 : 1) : b
  let (size, wanted) = (onRight ? right.columns : right.rows, a.rows)
  guard size == wanted else {
    return .failure(
      operation, "the matrix \(a.shape) does not fit the right-hand side \(b.shape) (\(wanted) ≠ \(size))")
  }
  guard a.elementType == b.elementType else {
    return .failure(
      operation,
      "element types differ: \(a.elementType) and \(b.elementType); convert one of them with converted(to:)")
  }
  switch Tensor.withCommonBatch(operation, a, right) {
  case .failure(let error): return Tensor(error: error)
  case .success(let (left, right)):
    let solution = Tensor.calling(operation) { body(left, right) }
    guard isVector, solution.error == nil else { return solution }
    let axis = solution.rank - (onRight ? 2 : 1)
    return solution.reshaped(solution.shape.removing(axes: [axis]))
  }
}
