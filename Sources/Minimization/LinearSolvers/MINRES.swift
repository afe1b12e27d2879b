/// Solves A x = b for a symmetric A, which may be indefinite, by the least residual of each Krylov space.
///
/// Source: Paige and Saunders, "Solution of sparse indefinite systems of linear equations", 1975.
///
/// - Parameters:
///   - a: The operator.
///   - b: The right side.
///   - tolerance: The residual's norm as a share of the right side's that is small enough.
///   - iterations: The most products; by default ten times the unknowns.
/// - Throws: `TensorError` where sizes differ, and what the operator throws.
public func minres(
  _ a: LinearOperator, _ b: [Double], tolerance: Double = 1e-10, iterations: Int? = nil
) throws -> LinearSolution {
  try checkSquare(a, b, nil, nil, of: "minres")
  let size = norm(b)
  let goal = tolerance * size
  let zeros = [Double](repeating: 0, count: b.count)
  var x = zeros
  guard size > 0 else { return LinearSolution(x: x, residual: 0, iterations: 0, isConverged: true) }
  // Lanczos' vectors, and the plane rotations that make his tridiagonal matrix triangular.
  var (previous, current) = (zeros, scaled(b, by: 1 / size))
  var (beta, residual) = (0.0, size)
  var (cosine, sine, lastCosine, lastSine) = (1.0, 0.0, 1.0, 0.0)
  var (w, lastW) = (zeros, zeros)
  var count = 0
  while abs(residual) > goal, count < iterations ?? 10 * max(b.count, 1) {
    var next = try a(current)
    count += 1
    let alpha = dot(current, next)
    add(-alpha, current, to: &next)
    add(-beta, previous, to: &next)
    let nextBeta = norm(next)
    let epsilon = lastSine * beta
    let delta = sine * alpha + cosine * lastCosine * beta
    let gamma = cosine * alpha - sine * lastCosine * beta
    let length = (gamma * gamma + nextBeta * nextBeta).squareRoot()
    guard length > 0, length.isFinite else { break }
    (lastCosine, lastSine) = (cosine, sine)
    (cosine, sine) = (gamma / length, nextBeta / length)
    var direction = sum(current, -delta, w)
    add(-epsilon, lastW, to: &direction)
    direction = scaled(direction, by: 1 / length)
    add(cosine * residual, direction, to: &x)
    (lastW, w) = (w, direction)
    residual *= -sine
    // Krylov's space is complete.
    if nextBeta <= 1e-15 * length { break }
    (previous, current) = (current, scaled(next, by: 1 / nextBeta))
    beta = nextBeta
  }
  let left = norm(difference(b, try a(x)))
  return LinearSolution(x: x, residual: left, iterations: count, isConverged: left <= goal * (1 + 1e-6) + 1e-15 * size)
}
