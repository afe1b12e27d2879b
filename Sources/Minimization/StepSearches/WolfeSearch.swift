extension StepSearch {
  func strongWolfe(_ trials: Trials, _ first: Double, _ sufficient: Double, _ curvature: Double) throws -> Failure? {
    let start = trials.start
    func isLow(_ sample: Sample) -> Bool {
      sample.isFinite && sample.value <= start.value + sufficient * sample.step * start.slope + trials.rounding
    }
    func isLevel(_ sample: Sample) -> Bool { abs(sample.slope) <= curvature * -start.slope }

    var previous = start
    var step = first
    while let sample = try trials.sample(step) {
      if !isLow(sample) || (previous.step > 0 && sample.value >= previous.value) {
        return try zoom(trials, previous, sample, isLow, isLevel)
      }
      if isLevel(sample) {
        trials.found = sample
        return nil
      }
      if sample.slope >= 0 { return try zoom(trials, sample, previous, isLow, isLevel) }
      if step >= longest { return .longestStep }
      let cubic = Self.cubicMinimum(previous, sample) ?? 2 * step
      step = min(max(cubic, 1.1 * step), 10 * step, longest)
      previous = sample
    }
    return .evaluations
  }

  /// Narrows an interval whose lower end has the lowest value so far and a slope into the interval.
  private func zoom(
    _ trials: Trials, _ low: Sample, _ high: Sample, _ isLow: (Sample) -> Bool, _ isLevel: (Sample) -> Bool
  ) throws -> Failure? {
    var (low, high) = (low, high)
    var width = abs(high.step - low.step)
    while true {
      let (left, right) = (min(low.step, high.step), max(low.step, high.step))
      var step = Self.cubicMinimum(low, high) ?? (left + right) / 2
      // Close to an end nothing is learnt; an interval that does not shrink enough is halved.
      let room = 0.1 * (right - left)
      step = min(max(step, left + room), right - room)
      if right - left > 0.66 * width { step = (left + right) / 2 }
      width = right - left
      if trials.isFlat(width) || width <= 1e-14 * right { return .flat }
      guard let sample = try trials.sample(step) else { return .evaluations }
      if !isLow(sample) || sample.value >= low.value {
        // Where rounding makes values equal, slopes decide.
        if isLow(sample), isLevel(sample) {
          trials.found = sample
          return nil
        }
        high = sample
      } else {
        if isLevel(sample) {
          trials.found = sample
          return nil
        }
        if sample.slope * (high.step - low.step) >= 0 { high = low }
        low = sample
      }
    }
  }

  /// Where the cubic through two places and their slopes is lowest; `nil` where it has no such place.
  static func cubicMinimum(_ a: Sample, _ b: Sample) -> Double? {
    guard a.isFinite, b.isFinite else { return nil }
    let distance = b.step - a.step
    let d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step)
    let square = d1 * d1 - a.slope * b.slope
    guard square >= 0 else { return nil }
    let d2 = (distance < 0 ? -1 : 1) * square.squareRoot()
    let step = b.step - distance * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
    return step.isFinite ? step : nil
  }
}
