/// Solves A x = b for any square A by the least residual of each Krylov space, beginning anew where that grows large.
///
/// Source: Saad and Schultz, "GMRES: A generalized minimal residual algorithm for solving nonsymmetric linear systems", 1986.
///
/// - Parameters:
///   - a: The operator.
///   - b: The right side.
///   - start: Where the search begins; zeros by default.
///   - preconditioner: About the inverse of A; it is applied from the right, so that the residual is that of the equation.
///   - restart: How large the space may grow, at least 1.
///   - tolerance: The residual's norm as a share of the right side's that is small enough.
///   - iterations: The most products; by default ten times the unknowns.
/// - Throws: `TensorError` where sizes differ, and what the operator throws.
public func gmres(
  _ a: LinearOperator, _ b: [Double], from start: [Double]? = nil, preconditioner: LinearOperator? = nil,
  restart: Int = 50, tolerance: Double = 1e-10, iterations: Int? = nil
) throws -> LinearSolution {
  try checkSquare(a, b, start, preconditioner, of: "gmres")
  var x = start ?? [Double](repeating: 0, count: b.count)
  var residual = start == nil ? b : difference(b, try a(x))
  let goal = tolerance * norm(b)
  let limit = iterations ?? 10 * max(b.count, 1)
  var count = 0
  while norm(residual) > goal, count < limit {
    let before = norm(residual)
    var basis = [scaled(residual, by: 1 / before)]
    // The columns of Hessenberg's matrix, made triangular by the rotations so far.
    var columns: [[Double]] = []
    var rotations: [(cosine: Double, sine: Double)] = []
    var right = [before]
    while columns.count < max(restart, 1), count < limit, abs(right[right.count - 1]) > goal {
      let image = try preconditioner?(basis[basis.count - 1]) ?? basis[basis.count - 1]
      var next = try a(image)
      count += 1
      let size = norm(next)
      var column: [Double] = []
      for vector in basis {
        let part = dot(vector, next)
        add(-part, vector, to: &next)
        column.append(part)
      }
      let length = norm(next)
      for (index, rotation) in rotations.enumerated() {
        let (upper, lower) = (column[index], column[index + 1])
        column[index] = rotation.cosine * upper + rotation.sine * lower
        column[index + 1] = rotation.cosine * lower - rotation.sine * upper
      }
      let last = column[column.count - 1]
      let radius = (last * last + length * length).squareRoot()
      guard radius > 0, radius.isFinite else { break }
      rotations.append((last / radius, length / radius))
      column[column.count - 1] = radius
      columns.append(column)
      let height = right[right.count - 1]
      right[right.count - 1] = height * last / radius
      right.append(-height * length / radius)
      // The space holds the solution.
      if length <= 1e-15 * size { break }
      basis.append(scaled(next, by: 1 / length))
    }
    guard !columns.isEmpty else { break }
    var step = [Double](repeating: 0, count: b.count)
    var shares = [Double](repeating: 0, count: columns.count)
    for index in columns.indices.reversed() {
      var share = right[index]
      for later in (index + 1)..<max(columns.count, index + 1) { share -= columns[later][index] * shares[later] }
      shares[index] = share / columns[index][index]
      add(shares[index], basis[index], to: &step)
    }
    add(1, try preconditioner?(step) ?? step, to: &x)
    residual = difference(b, try a(x))
    // A round that gains nothing would be followed by the same.
    if !(norm(residual) < before) { break }
  }
  return LinearSolution(x: x, residual: norm(residual), iterations: count, isConverged: norm(residual) <= goal)
}
