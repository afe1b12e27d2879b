/// Gradient descent; within a set, its steps are projected on it.
struct GradientSteps: MethodState {
  let rate: MinimizationMethod.Rate
  let region: Region
  /// The length of the last step along the gradient.
  private var length: Double?
  /// The last step, for momentum.
  private var velocity: [Double] = []
  /// The values of the last steps.
  private var values: [Double] = []

  init(rate: MinimizationMethod.Rate, region: Region) { (self.rate, self.region) = (rate, region) }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    switch rate {
    case .fixed(let rate):
      let next = try take(rate, from: current, function)
      return next.isFinite ? .moved(next) : .finished(current, .lineSearch(.infinite))
    case .momentum(let rate, let share):
      velocity = velocity.isEmpty ? current.point.map { _ in 0 } : velocity
      velocity = sum(scaled(velocity, by: share), -rate, current.gradient)
      let next = try function.evaluate(at: region.project(sum(current.point, 1, velocity)))
      return next.isFinite ? .moved(next) : .finished(current, .lineSearch(.infinite))
    case .armijo: return try armijo(from: current, function)
    case .barzilaiBorwein: return try spectral(from: current, function)
    }
  }

  /// Value and gradient where a step along the negative gradient leads, projected.
  private func take(_ length: Double, from current: Evaluation, _ function: PointFunction) throws -> Evaluation {
    if region.isEverywhere {
      return try function.evaluate(from: current.point, step: -length, along: current.gradient)
    }
    return try function.evaluate(at: region.project(sum(current.point, -length, current.gradient)))
  }

  /// Armijo's condition along the path of projected steps (Bertsekas, "On the Goldstein-Levitin-Polyak gradient projection
  /// method", 1976).
  private mutating func armijo(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    // Twice the last length, so that it can grow again.
    var trial = length.map { 2 * $0 } ?? min(1, 1 / norm(current.gradient))
    for _ in 0..<100 {
      let next = try take(trial, from: current, function)
      let slope = dot(current.gradient, difference(next.point, current.point))
      if next.isFinite, slope < 0, next.value <= current.value + 1e-4 * slope {
        length = trial
        return .moved(next)
      }
      // The parabola through the start, its slope and the trial.
      let curvature = next.value - current.value - slope
      let share = next.isFinite && curvature > 0 ? min(max(-slope / (2 * curvature), 0.1), 0.5) : 0.1
      trial *= share
      if abs(slope) <= 0.25 * abs(current.value) * function.roundingUnit || function.isExhausted { break }
    }
    return .finished(
      current, function.isExhausted ? .evaluations : LineStep.reason(.flat, at: current, function))
  }

  /// The value is to fall below the highest of the last ten: Raydan's "The Barzilai and Borwein gradient method for the
  /// large scale unconstrained minimization problem", 1997, and within a set Birgin, Martínez and Raydan's "Nonmonotone
  /// spectral projected gradient methods on convex sets", 2000.
  private mutating func spectral(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    if values.isEmpty { values = [current.value] }
    let full = length ?? min(1, 1 / max(norm(current.gradient), .leastNormalMagnitude))
    let direction = difference(region.project(sum(current.point, -full, current.gradient)), current.point)
    let slope = dot(direction, current.gradient)
    let highest = values.suffix(10).max() ?? current.value
    var share = 1.0
    for _ in 0..<60 where slope < 0 {
      let next = try function.evaluate(from: current.point, step: share, along: direction)
      if next.isFinite, next.value <= highest + 1e-4 * share * slope {
        let (s, y) = (difference(next.point, current.point), difference(next.gradient, current.gradient))
        let ratio = dot(s, s) / dot(s, y)
        length = ratio > 0 && ratio.isFinite ? min(max(ratio, 1e-10), 1e10) : 1 / max(norm(next.gradient), 1e-10)
        if values.count == 10 { values.removeFirst() }
        values.append(next.value)
        return .moved(next)
      }
      share *= next.isFinite ? 0.5 : 0.1
      if share * -slope <= 0.25 * abs(current.value) * function.roundingUnit || function.isExhausted { break }
    }
    return .finished(
      current, function.isExhausted ? .evaluations : LineStep.reason(.flat, at: current, function))
  }
}
