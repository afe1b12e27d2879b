/// The linear model of residuals in some of the parameters, each in a unit of its own, in the axes in which it is diagonal.
struct ScaledModel {
  private let free: [Int]
  private let scale: [Double]
  private let values: [Double]
  /// The columns of V.
  private let axes: [[Double]]
  /// Uᵀ·q.
  private let slopes: [Double]
  private let count: Int

  /// - Parameters:
  ///   - residuals: The linear model.
  ///   - projected: q, after a step of those parameters that do not move.
  ///   - scale: The unit of each parameter.
  ///   - free: The parameters that move.
  init(_ residuals: LinearizedResiduals, projected: [Double], scale: [Double], free: [Int]) {
    self.free = free
    self.scale = scale
    count = residuals.columns.count
    let matrix = zip(free, scale).map { scaled(residuals.columns[$0], by: 1 / $1) }
    let decomposition = SmallDecomposition(columns: matrix)
    values = decomposition.values
    axes = decomposition.right
    slopes = decomposition.left.map { dot($0, projected) }
  }

  /// The step of Gauss and Newton; the shortest one where the model does not determine it.
  var gaussNewton: [Double] { step(gaussNewtonParts) }

  private var gaussNewtonParts: [Double] {
    let least = 0x1p-52 * largestMagnitude(values)
    return values.indices.map { values[$0] > least ? -slopes[$0] / values[$0] : 0 }
  }

  /// The step of least value within a radius, to about a hundredth of the radius (Moré 1978).
  func withinRadius(_ radius: Double) -> [Double] {
    let newton = gaussNewtonParts
    if norm(newton) <= 1.01 * radius, values.allSatisfy({ $0 > 0 }) { return step(newton) }
    func parts(_ damping: Double) -> [Double] {
      values.indices.map { -slopes[$0] * values[$0] / (values[$0] * values[$0] + damping) }
    }
    var high = norm(values.indices.map { slopes[$0] * values[$0] }) / radius
    var low = 0.0
    guard high > 0, high.isFinite else { return step(newton) }
    var damping = high * 1e-3
    var best = parts(high)
    for _ in 0..<100 {
      best = parts(damping)
      let length = norm(best)
      if abs(length - radius) <= 0.01 * radius { break }
      if length > radius { low = damping } else { high = damping }
      // Newton's method for 1 / length, which is almost straight in the damping.
      let curvature = values.indices.reduce(0.0) {
        $0 + best[$1] * best[$1] / (values[$1] * values[$1] + damping)
      }
      var next = damping + length * length / curvature * (length - radius) / radius
      if !(next > low && next < high) { next = low > 0 ? (low * high).squareRoot() : high * 1e-3 }
      if next == damping || high - low <= 1e-15 * high { break }
      damping = next
    }
    return step(best)
  }

  /// Powell's dogleg: along the gradient to the model's lowest point there, then on to that of Gauss and Newton, as far as
  /// the radius allows (Powell 1970).
  func dogleg(_ radius: Double) -> [Double] {
    let newton = gaussNewtonParts
    if norm(newton) <= radius { return step(newton) }
    let gradient = values.indices.map { slopes[$0] * values[$0] }
    let curved = values.indices.map { gradient[$0] * values[$0] }
    let (size, curvature) = (norm(gradient), norm(curved))
    guard size > 0, curvature > 0 else { return step(scaled(newton, by: radius / max(norm(newton), radius))) }
    let cauchy = scaled(gradient, by: -(size / curvature) * (size / curvature))
    if norm(cauchy) >= radius { return step(scaled(gradient, by: -radius / size)) }
    let rest = difference(newton, cauchy)
    let (a, b, c) = (dot(rest, rest), dot(cauchy, rest), dot(cauchy, cauchy) - radius * radius)
    let share = (-b + (b * b - a * c).squareRoot()) / a
    return step(sum(cauchy, share, rest))
  }

  private func step(_ parts: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    for (place, index) in free.enumerated() {
      var value = 0.0
      for axis in axes.indices { value += axes[axis][place] * parts[axis] }
      result[index] = value / scale[place]
    }
    return result
  }
}
