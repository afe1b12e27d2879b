/// Nonlinear conjugate gradients.
struct ConjugateGradient: MethodState {
  let rule: MinimizationMethod.ConjugateRule
  let search: StepSearch
  private var direction: [Double] = []
  private var length = 0.0
  /// By how much the value fell in the last step.
  private var fall = 0.0

  init(rule: MinimizationMethod.ConjugateRule, search: StepSearch) {
    self.rule = rule
    self.search = search
  }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    if direction.isEmpty || !(dot(direction, current.gradient) < 0) { restart(current) }
    while true {
      let isFresh = length == 0
      let now = dot(direction, current.gradient)
      // The parabola that falls by a little more than the last step did (Nocedal and Wright, 3.60).
      let expected = 2.02 * fall / -now
      let initial = isFresh || !(expected > 0 && expected.isFinite) ? min(1, 1 / norm(current.gradient)) : expected
      switch try LineStep.take(search, from: current, along: direction, initial: initial, function) {
      case .moved(let next, let step):
        length = step
        fall = current.value - next.value
        direction = sum(scaled(next.gradient, by: -1), share(from: current, to: next), direction)
        return .moved(next)
      case .failed(let failure):
        guard !isFresh else { return .finished(current, LineStep.reason(failure, at: current, function)) }
        restart(current)
      }
    }
  }

  private mutating func restart(_ current: Evaluation) {
    direction = scaled(current.gradient, by: -1)
    length = 0
  }

  /// How much of the last direction the next one keeps.
  private func share(from current: Evaluation, to next: Evaluation) -> Double {
    let y = difference(next.gradient, current.gradient)
    switch rule {
    case .polakRibiere:
      let share = dot(next.gradient, y) / dot(current.gradient, current.gradient)
      return share.isFinite ? max(share, 0) : 0
    case .hagerZhang:
      let along = dot(direction, y)
      let share = (dot(y, next.gradient) - 2 * dot(direction, next.gradient) * dot(y, y) / along) / along
      let least = -1 / (norm(direction) * min(0.01, norm(current.gradient)))
      return share.isFinite ? max(share, least) : 0
    }
  }
}
