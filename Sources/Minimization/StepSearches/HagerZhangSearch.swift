extension StepSearch {
  func hagerZhang(_ trials: Trials, _ first: Double, _ sufficient: Double, _ curvature: Double) throws -> Failure? {
    try HagerZhang(trials: trials, sufficient: sufficient, curvature: curvature, longest: longest).run(first)
  }
}

/// The line search of CG_DESCENT; names of steps, such as U3, are the paper's.
private struct HagerZhang {
  let trials: Trials
  let sufficient: Double
  let curvature: Double
  let longest: Double

  private typealias Sample = StepSearch.Sample

  /// What ends the search: the conditions hold, or there is nothing left to try.
  private enum End: Error {
    case found
    case failed(StepSearch.Failure)
  }

  /// A value that is not above that of the start by more than what is taken for rounding.
  private var limit: Double { trials.start.value + 1e-6 * abs(trials.start.value) }

  func run(_ first: Double) throws -> StepSearch.Failure? {
    do {
      var (a, b) = try bracket(first)
      while true {
        let width = b.step - a.step
        if trials.isFlat(width) || width <= 1e-15 * b.step { return .flat }
        (a, b) = try secantSquared(a, b)
        if b.step - a.step > 0.66 * width { (a, b) = try update(a, b, sample((a.step + b.step) / 2)) }
      }
    } catch let end as End {
      switch end {
      case .found: return nil
      case .failed(let failure): return failure
      }
    }
  }

  /// The place at a step, unless it ends the search.
  private func sample(_ step: Double) throws -> Sample {
    guard let sample = try trials.sample(step) else { throw End.failed(.evaluations) }
    let start = trials.start
    guard sample.isFinite, sample.slope >= curvature * start.slope else { return sample }
    let falls = sample.value <= start.value + sufficient * step * start.slope
    // Slopes alone are believed where the value changes too little to tell.
    let isNear = abs(sample.value - start.value) <= 1e-3 * abs(start.value)
    let nearlyFalls = isNear && sample.value <= limit && sample.slope <= (2 * sufficient - 1) * start.slope
    if falls || nearlyFalls {
      trials.found = sample
      throw End.found
    }
    return sample
  }

  /// Whether a place is so low that the interval may begin there.
  private func isLow(_ sample: Sample) -> Bool { sample.isFinite && sample.value <= limit }

  /// Whether the value rises there; one that is not a number is a wall.
  private func rises(_ sample: Sample) -> Bool { sample.isFinite && sample.slope >= 0 }

  /// B0–B3: an interval with a low place and a falling slope at its beginning, and a rising slope at its end.
  private func bracket(_ first: Double) throws -> (Sample, Sample) {
    var low = trials.start
    var step = first
    while true {
      let here = try sample(step)
      if rises(here) { return (low, here) }
      if !isLow(here) { return try halved(trials.start, here) }
      low = here
      if step >= longest { throw End.failed(.longestStep) }
      step = min(5 * step, longest)
    }
  }

  /// U3: halves an interval whose end is too high until its slope rises there.
  private func halved(_ low: Sample, _ high: Sample) throws -> (Sample, Sample) {
    var (a, b) = (low, high)
    while true {
      if trials.isFlat(b.step - a.step) { throw End.failed(.flat) }
      let middle = try sample((a.step + b.step) / 2)
      if rises(middle) { return (a, middle) }
      if isLow(middle) { a = middle } else { b = middle }
    }
  }

  /// U0–U3: the part of an interval that a place within it leaves.
  private func update(_ a: Sample, _ b: Sample, _ c: Sample) throws -> (Sample, Sample) {
    guard c.step > a.step, c.step < b.step else { return (a, b) }
    if rises(c) { return (a, c) }
    if isLow(c) { return (c, b) }
    return try halved(a, c)
  }

  private func secant(_ a: Sample, _ b: Sample) -> Double {
    (a.step * b.slope - b.step * a.slope) / (b.slope - a.slope)
  }

  /// The place at a step within an interval; `nil` outside.
  private func sample(_ step: Double, within a: Sample, _ b: Sample) throws -> Sample? {
    step > a.step && step < b.step ? try sample(step) : nil
  }

  /// S1–S4: two secants, the second from the side that the first moved.
  private func secantSquared(_ a: Sample, _ b: Sample) throws -> (Sample, Sample) {
    guard let c = try sample(secant(a, b), within: a, b) else { return (a, b) }
    let (left, right) = try update(a, b, c)
    var second: Double?
    if c == right { second = secant(b, right) } else if c == left { second = secant(a, left) }
    guard let second, let d = try sample(second, within: left, right) else { return (left, right) }
    return try update(left, right, d)
  }
}
