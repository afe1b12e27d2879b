/// Goes along a direction as far as a line search says.
struct LineStep {
  /// What becomes of a step.
  enum Outcome {
    case moved(Evaluation, step: Double)
    case failed(StepSearch.Failure)
  }

  /// - Parameters:
  ///   - current: Where the step begins.
  ///   - direction: Where it goes.
  ///   - initial: The length that is tried first.
  static func take(
    _ search: StepSearch, from current: Evaluation, along direction: [Double], initial: Double,
    _ function: PointFunction
  ) throws -> Outcome {
    let slope = dot(current.gradient, direction)
    var tried: [Double: Evaluation] = [:]
    let start = StepSearch.Sample(step: 0, value: current.value, slope: slope)
    let outcome = try search.search(from: start, initial: initial) { step in
      let evaluation = try function.evaluate(from: current.point, step: step, along: direction)
      tried[step] = evaluation
      return StepSearch.Sample(step: step, value: evaluation.value, slope: evaluation.slope)
    }
    // A place that is lower is taken even where the conditions do not hold.
    if outcome.sample.step > 0, outcome.failure == nil || outcome.sample.value < current.value,
      let next = tried[outcome.sample.step], next.isFinite
    {
      return .moved(next, step: outcome.sample.step)
    }
    return .failed(outcome.failure ?? .flat)
  }

  /// What it means that no step was found along the negative gradient.
  static func reason(_ failure: StepSearch.Failure, at current: Evaluation, _ function: PointFunction) -> StopReason {
    switch failure {
    case .flat, .evaluations:
      // The value falls by less than rounding within the distance in which the gradient would vanish.
      let scale = max(abs(current.value), .leastNormalMagnitude) * function.roundingUnit
      let reach = max(norm(current.point), 1) * function.roundingUnit.squareRoot()
      return norm(current.gradient) * reach <= 1e3 * scale || failure == .flat
        ? .precision : .lineSearch(failure)
    case .notDescending, .longestStep, .infinite: return .lineSearch(failure)
    }
  }
}
