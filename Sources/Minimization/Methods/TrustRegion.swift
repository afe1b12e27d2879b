import DescentTensors

/// A trust region: the quadratic model is minimized where it is believed.
struct TrustRegion: MethodState {
  let isExact: Bool
  private var radius = 1.0
  private static let largestRadius = 1e10

  init(count: Int, isExact: Bool) throws {
    if isExact { try checkHessianSize(count, of: "trustRegion") }
    self.isExact = isExact
  }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    let exact = isExact ? try BallProblem(try function.hessian(at: current.point), current.gradient) : nil
    // A radius that shrinks in vain ends below rounding.
    while true {
      let (step, decrease): ([Double], Double)
      if let exact {
        (step, decrease) = exact.solution(radius: radius)
      } else {
        let size = norm(current.gradient)
        let inner = TruncatedConjugateGradient(radius: radius, tolerance: min(0.5, size.squareRoot()) * size)
        (step, decrease) = try inner.solve(current.gradient) { try function.hessianProduct(at: current.point, $0) }
      }
      let length = norm(step)
      let rounding = 4 * abs(current.value) * function.roundingUnit
      guard decrease > 0, length > 0, isFinite(step) else {
        return .finished(current, LineStep.reason(.flat, at: current, function))
      }
      let next = try function.evaluate(at: sum(current.point, 1, step))
      // Where both changes are below rounding the model is believed.
      let ratio =
        decrease <= rounding && next.value <= current.value + rounding ? 1 : (current.value - next.value) / decrease
      let isGood = next.isFinite && ratio > 1e-4 && next.value <= current.value + rounding
      if !next.isFinite || ratio < 0.25 {
        radius = 0.25 * length
      } else if ratio > 0.75, length > 0.8 * radius {
        radius = min(2 * radius, Self.largestRadius)
      }
      if isGood {
        // A step that changes nothing is the last one.
        if next.value >= current.value, norm(next.gradient) >= norm(current.gradient) {
          return .finished(current, LineStep.reason(.flat, at: current, function))
        }
        return .moved(next)
      }
      if radius <= max(norm(current.point), 1e-10) * 0x1p-52 || decrease <= rounding / 16 {
        return .finished(current, LineStep.reason(.flat, at: current, function))
      }
      if function.isExhausted { return .finished(current, .evaluations) }
    }
  }
}
