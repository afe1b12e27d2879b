/// Solves A x = b for a symmetric A, which may be indefinite, by the least residual of each Krylov space.
///
/// Source: Paige and Saunders, "Solution of sparse indefinite systems of linear equations", 1975.
///
/// - Parameters:
///   - a: The operator.
///   - b: The right side.
///   - preconditioner: About the inverse of A, symmetric positive definite. Each step then makes the residual's norm that
///     belongs to it least.
///   - tolerance: The residual's norm as a share of the right side's that is small enough.
///   - iterations: The most products; by default ten times the unknowns.
/// - Throws: `TensorError` where sizes differ, and what the operator throws.
public func minres(
  _ a: LinearOperator, _ b: [Double], preconditioner: LinearOperator? = nil, tolerance: Double = 1e-10,
  iterations: Int? = nil
) throws -> LinearSolution {
  try checkSquare(a, b, nil, preconditioner, of: "minres")
  let size = norm(b)
  let zeros = [Double](repeating: 0, count: b.count)
  var x = zeros
  guard size > 0 else { return LinearSolution(x: x, residual: 0, iterations: 0, isConverged: true) }
  // The norm of a vector that belongs to the preconditioner, with the vector's product with it.
  func measured(_ vector: [Double]) throws -> (norm: Double, image: [Double]) {
    guard let preconditioner else { return (norm(vector), vector) }
    let image = try preconditioner(vector)
    return (max(dot(vector, image), 0).squareRoot(), image)
  }
  let (first, image) = try measured(b)
  guard first > 0, first.isFinite else {
    return LinearSolution(x: x, residual: size, iterations: 0, isConverged: false)
  }
  var goal = tolerance * first
  func isSolved() throws -> Bool { norm(difference(b, try a(x))) <= tolerance * size * (1 + 1e-6) + 1e-15 * size }
  // Lanczos' vectors with their images, and the plane rotations that make his tridiagonal matrix triangular.
  var (previous, current, search) = (zeros, scaled(b, by: 1 / first), scaled(image, by: 1 / first))
  var (beta, residual) = (0.0, first)
  var (cosine, sine, lastCosine, lastSine) = (1.0, 0.0, 1.0, 0.0)
  var (w, lastW) = (zeros, zeros)
  var count = 0
  while count < iterations ?? 10 * max(b.count, 1) {
    if abs(residual) <= goal {
      // What is small in the preconditioner's norm need not be in the usual one.
      if try preconditioner == nil || isSolved() { break }
      goal = abs(residual) / 10
    }
    var next = try a(search)
    count += 1
    let alpha = dot(search, next)
    add(-alpha, current, to: &next)
    add(-beta, previous, to: &next)
    let (nextBeta, nextImage) = try measured(next)
    let epsilon = lastSine * beta
    let delta = sine * alpha + cosine * lastCosine * beta
    let gamma = cosine * alpha - sine * lastCosine * beta
    let length = (gamma * gamma + nextBeta * nextBeta).squareRoot()
    guard length > 0, length.isFinite else { break }
    (lastCosine, lastSine) = (cosine, sine)
    (cosine, sine) = (gamma / length, nextBeta / length)
    var direction = sum(search, -delta, w)
    add(-epsilon, lastW, to: &direction)
    direction = scaled(direction, by: 1 / length)
    add(cosine * residual, direction, to: &x)
    (lastW, w) = (w, direction)
    residual *= -sine
    // Krylov's space is complete.
    if nextBeta <= 1e-15 * length { break }
    (previous, current) = (current, scaled(next, by: 1 / nextBeta))
    search = scaled(nextImage, by: 1 / nextBeta)
    beta = nextBeta
  }
  let left = norm(difference(b, try a(x)))
  return LinearSolution(x: x, residual: left, iterations: count, isConverged: try isSolved())
}
