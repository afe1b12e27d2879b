import DescentTensors

/// Solves A x = b for a symmetric positive definite A by conjugate gradients.
///
/// Source: Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", 1952.
///
/// - Parameters:
///   - a: The operator.
///   - b: The right side.
///   - start: Where the search begins; zeros by default.
///   - preconditioner: About the inverse of A, symmetric positive definite.
///   - tolerance: The residual's norm as a share of the right side's that is small enough.
///   - iterations: The most products; by default ten times the unknowns.
/// - Returns: The solution; not converged where a direction without positive curvature is met.
/// - Throws: `TensorError` where sizes differ, and what the operator throws.
public func conjugateGradientSolve(
  _ a: LinearOperator, _ b: [Double], from start: [Double]? = nil, preconditioner: LinearOperator? = nil,
  tolerance: Double = 1e-10, iterations: Int? = nil
) throws -> LinearSolution {
  try checkSquare(a, b, start, preconditioner, of: "conjugateGradientSolve")
  var x = start ?? [Double](repeating: 0, count: b.count)
  var residual = start == nil ? b : difference(b, try a(x))
  let goal = tolerance * norm(b)
  var z = try preconditioner?(residual) ?? residual
  var direction = z
  var weight = dot(residual, z)
  var count = 0
  while norm(residual) > goal, count < iterations ?? 10 * max(b.count, 1) {
    let image = try a(direction)
    count += 1
    let curvature = dot(direction, image)
    guard curvature > 0, weight > 0 else { break }
    let length = weight / curvature
    add(length, direction, to: &x)
    add(-length, image, to: &residual)
    z = try preconditioner?(residual) ?? residual
    let before = weight
    weight = dot(residual, z)
    direction = sum(z, weight / before, direction)
  }
  return LinearSolution(x: x, residual: norm(residual), iterations: count, isConverged: norm(residual) <= goal)
}

func checkSquare(
  _ a: LinearOperator, _ b: [Double], _ start: [Double]?, _ preconditioner: LinearOperator?, of name: String
) throws {
  guard a.rows == a.columns, a.rows == b.count, start.map({ $0.count == b.count }) ?? true else {
    throw TensorError(
      name, "an operator of \(a.rows) rows and \(a.columns) columns for \(b.count) numbers; all are to be as many")
  }
  if let preconditioner {
    guard preconditioner.rows == b.count, preconditioner.columns == b.count else {
      throw TensorError(
        name,
        "a preconditioner of \(preconditioner.rows) rows and \(preconditioner.columns) columns for \(b.count) numbers")
    }
  }
}
