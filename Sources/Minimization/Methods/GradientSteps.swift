/// Gradient descent.
struct GradientSteps: MethodState {
  let rate: MinimizationMethod.Rate
  /// The length of the last step along the gradient.
  private var length: Double?
  /// The values of the last steps.
  private var values: [Double] = []

  init(rate: MinimizationMethod.Rate) { self.rate = rate }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    switch rate {
    case .fixed(let rate):
      let next = try function.evaluate(at: sum(current.point, -rate, current.gradient))
      return next.isFinite ? .moved(next) : .finished(current, .lineSearch(.infinite))
    case .armijo:
      let direction = scaled(current.gradient, by: -1)
      // Twice the last length, so that it can grow again.
      let initial = length.map { 2 * $0 } ?? min(1, 1 / norm(current.gradient))
      switch try LineStep.take(.armijo(), from: current, along: direction, initial: initial, function) {
      case .moved(let next, let step):
        length = step
        return .moved(next)
      case .failed(let failure): return .finished(current, LineStep.reason(failure, at: current, function))
      }
    case .barzilaiBorwein: return try spectral(from: current, function)
    }
  }

  /// Raydan's "The Barzilai and Borwein gradient method for the large scale unconstrained minimization problem", 1997: the
  /// value is to fall below the highest of the last ten.
  private mutating func spectral(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    if values.isEmpty { values = [current.value] }
    let squared = dot(current.gradient, current.gradient)
    var step = length ?? min(1, 1 / squared.squareRoot())
    let highest = values.suffix(10).max() ?? current.value
    for _ in 0..<60 {
      let next = try function.evaluate(at: sum(current.point, -step, current.gradient))
      if next.isFinite, next.value <= highest - 1e-4 * step * squared {
        let y = difference(next.gradient, current.gradient)
        // sᵀs / sᵀy of the step s = −step · gradient.
        let curvature = -step * dot(current.gradient, y)
        let ratio = step * step * squared / curvature
        length = curvature > 0 && ratio.isFinite ? min(max(ratio, 1e-10), 1e10) : 1 / norm(next.gradient)
        if values.count == 10 { values.removeFirst() }
        values.append(next.value)
        return .moved(next)
      }
      step *= next.isFinite ? 0.5 : 0.1
      if step * squared <= 0.25 * abs(current.value) * function.roundingUnit { break }
    }
    return .finished(current, LineStep.reason(.flat, at: current, function))
  }
}
