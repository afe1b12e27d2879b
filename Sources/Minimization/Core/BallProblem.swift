import DescentTensors

/// The minimum of gᵀs + sᵀHs/2 within a ball, exactly: the s with (H + λ) s = −g, H + λ positive semidefinite, that reaches
/// the edge where λ > 0.
///
/// Source: Moré and Sorensen, "Computing a trust region step", 1983; the safeguards are those of Conn, Gould and Toint,
/// "Trust-Region Methods", algorithm 7.3.4.
struct BallProblem {
  private let hessian: [Double]
  private let gradient: [Double]
  private let count: Int

  /// - Throws: `TensorError` where the Hessian holds something that is not a number.
  init(_ hessian: [Double], _ gradient: [Double]) throws {
    (self.hessian, self.gradient, count) = (hessian, gradient, gradient.count)
    guard isFinite(hessian) else {
      throw TensorError("trustRegion", "the Hessian holds a number that is not finite; use a method without Hessian")
    }
  }

  /// The shift λ and the interval in which it is known to lie.
  private struct Shift {
    var value: Double
    var low: Double
    var high: Double

    init(_ low: Double, _ high: Double) {
      (self.low, self.high) = (low, max(low, high))
      value = 0
      if low > 0 { value = inner }
    }

    /// A place within the interval, nearer to its beginning.
    var inner: Double { max((low * high).magnitude.squareRoot(), low + 0.01 * (high - low)) }
  }

  /// How exact the step's length is to be, and the model's value in the hard case.
  private static let tolerance = (length: 1e-9, model: 1e-9)

  /// The step within a radius, and by how much the model falls.
  func solution(radius: Double) -> (step: [Double], decrease: Double) {
    let slope = norm(gradient)
    var shift = bounds(slope, radius)
    var best = [Double](repeating: 0, count: count)
    for _ in 0..<100 {
      switch Cholesky.decompose(hessian, count: count, adding: shift.value) {
      case .indefinite(let vector, let excess):
        shift.low = max(shift.low, shift.value + excess / dot(vector, vector))
        shift.high = max(shift.high, shift.low)
        shift.value = shift.inner
      case .factor(let factor) where slope > .leastNormalMagnitude:
        let step = factor.solve(scaled(gradient, by: -1))
        let length = norm(step)
        guard length.isFinite, length > 0 else { return finished(best) }
        if length <= radius, shift.value == 0 { return finished(step) }
        if abs(length - radius) <= Self.tolerance.length * radius { return finished(step) }
        let w = norm(factor.solveLower(step))
        let next = shift.value + (length / w) * (length / w) * (length - radius) / radius
        if length > radius {
          best = scaled(step, by: radius / length)
          shift.low = shift.value
          shift.value = next
        } else {
          best = step
          let (least, direction) = factor.leastSingular()
          let (towards, along) = edge(step, direction, radius)
          let quadratic = dot(step, gradient).magnitude
          if along * along * least * least <= Self.tolerance.model * (quadratic + shift.value * radius * radius) {
            return finished(towards)
          }
          shift.high = shift.value
          shift.low = max(shift.low, shift.value - least * least)
          if Cholesky(hessian, count: count, adding: next) != nil, next > 0 {
            shift.value = next
          } else {
            shift.low = max(shift.low, next)
            shift.value = shift.inner
          }
        }
        if shift.high - shift.low <= 1e-15 * shift.high { return finished(best) }
      case .factor(let factor):
        if shift.value == 0 { return finished(best) }
        let (least, direction) = factor.leastSingular()
        if least * least <= Self.tolerance.model * shift.value { return finished(scaled(direction, by: radius)) }
        shift.high = shift.value
        shift.low = max(shift.low, shift.value - least * least)
        shift.value = shift.inner
      }
    }
    return finished(best)
  }

  /// Bounds of the shift by Gershgorin's circles.
  private func bounds(_ slope: Double, _ radius: Double) -> Shift {
    var (lowest, highest, leastDiagonal) = (Double.infinity, -Double.infinity, Double.infinity)
    var (frobenius, rowSum) = (0.0, 0.0)
    for row in 0..<count {
      let diagonal = hessian[row * count + row]
      var others = 0.0
      for column in 0..<count where column != row { others += abs(hessian[row * count + column]) }
      (lowest, highest) = (min(lowest, diagonal - others), max(highest, diagonal + others))
      leastDiagonal = min(leastDiagonal, diagonal)
      rowSum = max(rowSum, abs(diagonal) + others)
    }
    frobenius = norm(hessian)
    return Shift(
      max(0, -leastDiagonal, slope / radius - min(highest, frobenius, rowSum)),
      max(0, slope / radius + min(-lowest, frobenius, rowSum)))
  }

  /// Where a step along a direction meets the edge, at the nearer of its two ends.
  private func edge(_ step: [Double], _ direction: [Double], _ radius: Double) -> ([Double], Double) {
    let (b, c) = (dot(step, direction), dot(step, step) - radius * radius)
    let root = max(b * b - c, 0).squareRoot()
    let far = -(b + (b < 0 ? -root : root))
    let near = far == 0 ? 0 : c / far
    let along = abs(near) < abs(far) ? near : far
    return (sum(step, along, direction), along)
  }

  private func finished(_ step: [Double]) -> (step: [Double], decrease: Double) {
    var decrease = 0.0
    for row in 0..<count {
      var product = 0.0
      for column in 0..<count { product += hessian[row * count + column] * step[column] }
      decrease -= step[row] * (gradient[row] + 0.5 * product)
    }
    return (step, decrease)
  }
}
