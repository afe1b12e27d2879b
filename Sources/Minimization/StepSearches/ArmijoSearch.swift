extension StepSearch {
  func armijo(_ trials: Trials, _ first: Double, _ sufficient: Double, _ shrinking: Double) throws -> Failure? {
    let start = trials.start
    var step = first
    while let sample = try trials.sample(step) {
      if sample.value.isFinite, sample.value <= start.value + sufficient * step * start.slope {
        trials.found = sample
        return nil
      }
      // The parabola through the start, its slope and the trial.
      var next = step / 2
      if sample.value.isFinite {
        let curvature = (sample.value - start.value - step * start.slope) / (step * step)
        if curvature > 0 { next = -start.slope / (2 * curvature) }
      }
      step = min(max(next, shrinking * step), 0.5 * step)
      if trials.isFlat(step) { return .flat }
    }
    return .evaluations
  }
}
