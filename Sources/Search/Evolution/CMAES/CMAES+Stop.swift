import Foundation

extension CMAES {
  /// Why a further search from here promises nothing.
  public enum Stop: String, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The values of the last generations hardly differ.
    case flatValues
    /// The steps have become too small to matter.
    case smallSteps
    /// The covariance is too long and thin to compute with.
    case illConditioned
    /// A step along an axis of the covariance, or a coordinate, no longer changes the mean.
    case noEffect
    /// The best values of long stretches no longer fall.
    case stagnation
    /// The step size has grown beyond all measure: the first one was much too small, or there is no minimum.
    case divergence

    /// The reason in words.
    public var description: String {
      switch self {
      case .flatValues: "the values of the last generations hardly differ"
      case .smallSteps: "the steps have become too small to matter"
      case .illConditioned: "the covariance is too long and thin to compute with"
      case .noEffect: "steps no longer change the mean"
      case .stagnation: "the best values no longer fall"
      case .divergence: "the step size has grown beyond all measure"
      }
    }
  }

  /// Writes down the values of a generation, from the best to the worst, and looks for a reason to stop.
  mutating func noteValues(_ outcomes: [Outcome]) {
    let values = outcomes.map { $0.isFeasible ? $0.value : .infinity }
    recent.numbers.append(values[0])
    let most = 2 * longStretch
    if recent.numbers.count > most { recent.numbers.removeFirst(recent.numbers.count - most) }
    lastRange.numbers = [values[0], values[values.count - 1]]
    stop = stop ?? reason()
  }

  /// How many generations have to be alike before that is a reason.
  private var shortStretch: Int { 10 + 30 * dimension / populationSize }

  /// How many generations without a better median are a reason.
  private var longStretch: Int { 120 + 30 * dimension / populationSize + generation / 5 }

  private func reason() -> Stop? {
    let n = dimension
    let last = recent.numbers.suffix(shortStretch)
    if last.count >= shortStretch, let low = last.min(), let high = last.max(), high < .infinity {
      let all = [low, high] + lastRange.numbers
      if let least = all.min(), let largest = all.max(), largest - least < 1e-11 { return .flatValues }
    }
    let deviations = deviations
    let least = initialSigma * 1e-11
    let isSmall = (0..<n).allSatisfy { place in
      max(deviations[place] / (scales?[place] ?? 1), sigma * abs(path[place])) < least
    }
    if isSmall { return .smallSteps }
    if let longest = lengths.max(), let shortest = lengths.min() {
      if longest > 1e7 * shortest { return .illConditioned }
      if sigma * longest > 1e4 * initialSigma { return .divergence }
    }
    if hasNoEffect(deviations) { return .noEffect }
    return isStagnant ? .stagnation : nil
  }

  private func hasNoEffect(_ deviations: [Double]) -> Bool {
    let n = dimension
    for place in 0..<n where axes?[place] ?? .continuous == .continuous {
      let moved: Double = center[place] + 0.2 * deviations[place] / (scales?[place] ?? 1)
      if center[place] == moved { return true }
    }
    guard !isSeparable else { return false }
    // One axis a generation.
    let axis = generation % n
    return (0..<n).allSatisfy { place in
      center[place] == center[place] + 0.1 * sigma * lengths[axis] * directions[place * n + axis]
    }
  }

  private var isStagnant: Bool {
    let values = recent.numbers
    guard values.count >= 2 * longStretch else { return false }
    func median(_ part: ArraySlice<Double>) -> Double { part.sorted()[part.count / 2] }
    let third = values.count * 3 / 10
    return median(values.suffix(max(20, third))) >= median(values.prefix(max(20, third)))
  }
}
