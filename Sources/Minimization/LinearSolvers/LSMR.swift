import DescentTensors

/// The x for which A x is nearest to b, of any A, by the least ‖Aᵀr‖ of each Krylov space; with damping, the least of
/// ‖A x − b‖² + damping² ‖x‖².
///
/// Source: Fong and Saunders, "LSMR: An iterative algorithm for sparse least-squares problems", 2011.
///
/// - Parameters:
///   - a: The operator, with the product of its transposed matrix.
///   - b: The right side.
///   - preconditioner: An operator P with the product of its transposed matrix, for which A P is closer to a matrix of
///     orthonormal columns than A is; the solution is x = P y. Damping then counts the length of y.
///   - damping: How much a long solution costs.
///   - tolerance: ‖Aᵀr‖ as a share of ‖A‖ ‖r‖, and ‖r‖ as a share of ‖b‖, that is small enough.
///   - iterations: The most products; by default ten times the unknowns.
/// - Returns: The solution, with ‖A x − b‖.
/// - Throws: `TensorError` where sizes differ, and what the operator throws.
public func lsmr(
  _ a: LinearOperator, _ b: [Double], preconditioner: LinearOperator? = nil, damping: Double = 0,
  tolerance: Double = 1e-12, iterations: Int? = nil
) throws -> LinearSolution {
  if let preconditioner {
    guard preconditioner.rows == a.columns else {
      throw TensorError(
        "lsmr", "a preconditioner of \(preconditioner.rows) rows for an operator of \(a.columns) columns")
    }
    let product = LinearOperator(
      rows: a.rows, columns: preconditioner.columns,
      transposed: { try preconditioner.applyTransposed(try a.applyTransposed($0)) }
    ) { try a(try preconditioner($0)) }
    let inner = try lsmr(product, b, damping: damping, tolerance: tolerance, iterations: iterations)
    return LinearSolution(
      x: try preconditioner(inner.x), residual: inner.residual, iterations: inner.iterations,
      isConverged: inner.isConverged)
  }
  guard a.rows == b.count else {
    throw TensorError("lsmr", "an operator of \(a.rows) rows for \(b.count) numbers; both are to be as many")
  }
  var x = [Double](repeating: 0, count: a.columns)
  var beta = norm(b)
  guard beta > 0 else { return LinearSolution(x: x, residual: 0, iterations: 0, isConverged: true) }
  let size = beta
  var u = scaled(b, by: 1 / beta)
  var v = try a.applyTransposed(u)
  var alpha = norm(v)
  guard alpha > 0 else { return LinearSolution(x: x, residual: size, iterations: 0, isConverged: true) }
  v = scaled(v, by: 1 / alpha)
  var (zetaBar, alphaBar, rho, rhoBar, cosineBar, sineBar) = (alpha * beta, alpha, 1.0, 1.0, 1.0, 0.0)
  var h = v
  var hBar = [Double](repeating: 0, count: a.columns)
  var squared = alpha * alpha
  var isConverged = false
  var count = 0
  while count < iterations ?? 10 * max(a.columns, 1) {
    count += 1
    // Golub and Kahan's bidiagonalization.
    var next = try a(v)
    add(-alpha, u, to: &next)
    beta = norm(next)
    u = beta > 0 ? scaled(next, by: 1 / beta) : next
    var back = try a.applyTransposed(u)
    add(-beta, v, to: &back)
    alpha = norm(back)
    v = alpha > 0 ? scaled(back, by: 1 / alpha) : back
    squared += beta * beta + alpha * alpha

    // Rotations that make it triangular, with the damping below it.
    let alphaHat = (alphaBar * alphaBar + damping * damping).squareRoot()
    let lastRho = rho
    rho = (alphaHat * alphaHat + beta * beta).squareRoot()
    guard rho > 0, rho.isFinite else { break }
    let (cosine, sine) = (alphaHat / rho, beta / rho)
    let theta = sine * alpha
    alphaBar = cosine * alpha
    let lastRhoBar = rhoBar
    let thetaBar = sineBar * rho
    let rhoTemporary = cosineBar * rho
    rhoBar = (rhoTemporary * rhoTemporary + theta * theta).squareRoot()
    guard rhoBar > 0, rhoBar.isFinite else { break }
    (cosineBar, sineBar) = (rhoTemporary / rhoBar, theta / rhoBar)
    let zeta = cosineBar * zetaBar
    zetaBar = -sineBar * zetaBar

    hBar = sum(h, -thetaBar * rho / (lastRho * lastRhoBar), hBar)
    add(zeta / (rho * rhoBar), hBar, to: &x)
    h = sum(v, -theta / rho, h)

    // |ζ̄| is ‖Aᵀr‖. The residual itself is asked for now and then: an estimate of it would cost as much to follow.
    if alpha == 0 || abs(zetaBar) <= tolerance * squared.squareRoot() * size || count.isMultiple(of: 16) {
      let residual = norm(difference(try a(x), b))
      if residual <= tolerance * size || abs(zetaBar) <= tolerance * squared.squareRoot() * residual || alpha == 0 {
        isConverged = true
        break
      }
    }
  }
  return LinearSolution(x: x, residual: norm(difference(try a(x), b)), iterations: count, isConverged: isConverged)
}
