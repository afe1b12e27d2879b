import DescentGraph
import DescentTensors

/// The compiled parts of Gaussian processes of one form.
///
/// Sizes are rounded up to a few capacities, and a mask tells which rows count, so that one more trial needs no new plan.
/// All take points as rows, and the parameters as one vector: the logarithms of the length scales, of the signal's variance
/// and of the noise's variance.
final class GaussianPlans: Sendable {
  /// What plans depend on.
  struct Form: Hashable {
    let kernel: GaussianProcess.Kernel
    /// The most points.
    let capacity: Int
    /// How many numbers a point has.
    let width: Int
    /// How many sets of targets share the points.
    let members: Int
  }

  private enum Kind: Hashable { case likelihood, factor, moments(Int), slopes, joint(Int) }
  private struct Key: Hashable {
    let form: Form
    let kind: Kind
  }

  /// The last plans that were used, of all processes.
  private static let plans = Guarded<(kept: [Key: ArrayPlan], order: [Key])>(([:], []))
  private static let mostPlans = 96

  private let form: Form
  init(_ form: Form) { self.form = form }

  /// The smallest capacity for so many points.
  static func capacity(_ count: Int) -> Int {
    var size = 16
    while size < count { size = size % 3 == 0 ? size / 3 * 4 : size / 2 * 3 }
    return size
  }

  /// The capacities for batches of points whose moments are asked for.
  static let batches = [8, 64, 512]

  private func plan(_ kind: Kind, _ make: () throws -> ArrayPlan) throws -> ArrayPlan {
    let key = Key(form: form, kind: kind)
    let known = Self.plans.withLock { state -> ArrayPlan? in
      guard let plan = state.kept[key] else { return nil }
      if let place = state.order.lastIndex(of: key) { state.order.append(state.order.remove(at: place)) }
      return plan
    }
    if let known { return known }
    let plan = try make()
    Self.plans.withLock { state in
      if state.kept.updateValue(plan, forKey: key) == nil { state.order.append(key) }
      if state.order.count > Self.mostPlans { state.kept[state.order.removeFirst()] = nil }
    }
    return plan
  }

  // MARK: Pieces

  /// The numbers of a vector of parameters.
  private struct Parts {
    let inverseScales, signal, noise: Tensor

    init(_ parameters: Tensor, _ width: Int) {
      inverseScales = exp(-parameters.sliced(0..<width, axis: 0)).expanded(axis: 0)
      signal = exp(parameters.sliced(width..<width + 1, axis: 0)).expanded(axis: 0)
      noise = exp(parameters.sliced(width + 1..<width + 2, axis: 0)).expanded(axis: 0)
    }
  }

  /// Covariances `[capacity, capacity]` of observations: those of rows that do not count are a unit matrix of their own.
  private func covariance(_ parts: Parts, _ x: Tensor, _ mask: Tensor) -> Tensor {
    let scaled = x * parts.inverseScales
    let values = form.kernel.value(GaussianProcess.Kernel.squaredDistances(scaled, scaled)) * parts.signal
    let both = mask.expanded(axis: 1) * mask.expanded(axis: 0)
    let diagonal = (mask * parts.noise.reshaped([1]) + (mask * -1 + 1)).diagonalMatrix()
    return values * both + diagonal
  }

  private var matrix: Shape { [form.capacity, form.width] }
  private var rows: Shape { [form.capacity] }
  private var vector: Shape { [form.width + 2] }

  // MARK: Plans

  /// From parameters, points, mask and targets `[capacity]` the negative logarithm of the marginal likelihood without its
  /// constant, and its gradient with respect to the parameters.
  func likelihood() throws -> ArrayPlan {
    try plan(.likelihood) {
      try ArrayPlan("likelihood", [vector, matrix, rows, rows], differentiatedBy: 0) { [self] arguments in
        let (x, mask, y) = (arguments[1], arguments[2], arguments[3])
        let factor = cholesky(covariance(Parts(arguments[0], form.width), x, mask))
        let inside = triangularSolve(factor, y)
        return [square(inside).sum() * 0.5 + log(factor.diagonal()).sum()]
      }
    }
  }

  /// From parameters, points, mask and targets `[capacity, members]` the inverse of the covariances' triangle, the weights
  /// `[capacity, members]`, the sum of the logarithms of the triangle's diagonal and the squared lengths `[members]` of the
  /// targets in the covariances' measure.
  func factor() throws -> ArrayPlan {
    try plan(.factor) {
      let targets: Shape = [form.capacity, form.members]
      return try ArrayPlan("factor", [vector, matrix, rows, targets]) { [self] arguments in
        let (x, mask, y) = (arguments[1], arguments[2], arguments[3])
        let factor = cholesky(covariance(Parts(arguments[0], form.width), x, mask))
        let inverse = triangularSolve(factor, Tensor(identity: form.capacity, .float64))
        let inside = triangularSolve(factor, y)
        let weights = triangularSolve(factor, inside, transposed: true)
        return [inverse, weights, log(factor.diagonal()).sum(), square(inside).sum(axes: [0])]
      }
    }
  }

  /// From parameters, points, mask, inverse triangle, weights and `[count, width]` places the means `[count, members]` and
  /// the variances `[count]` there.
  func moments(_ count: Int) throws -> ArrayPlan {
    try plan(.moments(count)) {
      try ArrayPlan("moments", posterior + [[count, form.width]]) { [self] arguments in
        let parts = Parts(arguments[0], form.width)
        let (k, inside) = cross(parts, arguments)
        let variances = parts.signal.reshaped([1]) - square(inside).sum(axes: [1])
        return [matmul(k, arguments[4]), variances]
      }
    }
  }

  /// From parameters, points, mask, inverse triangle, weights and a place `[1, width]` the means `[1, members]`, the variance
  /// `[1]`, and their derivatives `[members, width]` and `[1, width]`.
  func slopes() throws -> ArrayPlan {
    try plan(.slopes) {
      try ArrayPlan("slopes", posterior + [[1, form.width]]) { [self] arguments in
        let parts = Parts(arguments[0], form.width)
        let (k, inside) = cross(parts, arguments)
        let (points, mask, place) = (arguments[1], arguments[2], arguments[5])
        let scaled = points * parts.inverseScales
        let squared = GaussianProcess.Kernel.squaredDistances(scaled, place * parts.inverseScales)
        let slope = form.kernel.slope(squared) * parts.signal * mask.expanded(axis: 1) * 2
        let changes = (place - points) * square(parts.inverseScales) * slope
        let kept = matmul(inside, arguments[3])
        return [
          matmul(k, arguments[4]), parts.signal.reshaped([1]) - square(inside).sum(axes: [1]),
          matmul(arguments[4].transposed(), changes), matmul(kept, changes) * -2,
        ]
      }
    }
  }

  /// From parameters, points, mask, inverse triangle, weights, places `[count, width]` and their mask `[count]` the means
  /// `[count, members]` there and the triangle `[count, count]` of their covariances, with a share of the signal's variance
  /// on the diagonal for numerical stability.
  func joint(_ count: Int) throws -> ArrayPlan {
    try plan(.joint(count)) {
      try ArrayPlan("joint", posterior + [[count, form.width], [count]]) { [self] arguments in
        let parts = Parts(arguments[0], form.width)
        let (k, inside) = cross(parts, arguments)
        let scaled = arguments[5] * parts.inverseScales
        let prior = form.kernel.value(GaussianProcess.Kernel.squaredDistances(scaled, scaled)) * parts.signal
        let mask = arguments[6]
        let both = mask.expanded(axis: 1) * mask.expanded(axis: 0)
        let steady = (mask * parts.signal.reshaped([1]) * 1e-8 + (mask * -1 + 1)).diagonalMatrix()
        let covariance = (prior - matmul(inside, inside.transposed())) * both + steady
        return [matmul(k, arguments[4]), cholesky(covariance)]
      }
    }
  }

  private var posterior: [Shape] {
    [vector, matrix, rows, [form.capacity, form.capacity], [form.capacity, form.members]]
  }

  /// Covariances `[places, capacity]` with the points, and these times the inverse triangle's transpose.
  private func cross(_ parts: Parts, _ arguments: [Tensor]) -> (k: Tensor, inside: Tensor) {
    let scaled = arguments[1] * parts.inverseScales
    let squared = GaussianProcess.Kernel.squaredDistances(arguments[5] * parts.inverseScales, scaled)
    let k = form.kernel.value(squared) * parts.signal * arguments[2].expanded(axis: 0)
    return (k, matmul(k, arguments[3].transposed()))
  }
}
