import Foundation

extension CMAES {
  /// Moves the mean of coordinates that have few values, and widens their steps, so that each value next to the mean's keeps
  /// a probability of at least 1/(2nλ) to be drawn: otherwise a coordinate stays where it is once σ is small.
  ///
  /// Source: Hamano, Saito, Nomura, Shirakawa, *CMA-ES with margin*, 2022.
  mutating func keepMargins() {
    guard let axes, var margins else { return }
    let n = dimension
    let least = 1 / (Double(n) * Double(populationSize))
    for (place, axis) in axes.enumerated() where axis != .continuous {
      let bounds = range(place)
      let scale = scales?[place] ?? 1
      // Beyond its bounds the mean would have a long way back.
      var mean = center[place] * scale
      mean = axis == .whole ? min(max(mean, bounds.lowerBound), bounds.upperBound) : min(max(mean, 0), 1)
      defer { center[place] = mean / scale }
      let spread = scale * sigma * covariance[isSeparable ? place : place * n + place].squareRoot()
      guard spread > 0, spread.isFinite else { continue }
      let (below, above) = axis.thresholds(around: mean, within: bounds)
      switch (below, above) {
      case (let threshold?, nil), (nil, let threshold?):
        // With a value on one side alone, moving the mean is enough.
        let reach = margins[place] * spread * NormalQuantile.upper(least)
        let distance = mean - threshold
        if abs(distance) > reach { mean = threshold + (distance < 0 ? -reach : reach) }
      case (let low?, let high?):
        let deviation = margins[place] * spread
        let down = NormalQuantile.tail((mean - low) / deviation)
        let up = NormalQuantile.tail((high - mean) / deviation)
        guard down < least / 2 || up < least / 2 else { continue }
        let middle = 1 - down - up
        let (raisedDown, raisedUp) = (max(down, least / 2), max(up, least / 2))
        let excess = 1 - raisedDown - raisedUp - middle
        let share = excess / (raisedDown + raisedUp + middle - 1.5 * least)
        let newDown = raisedDown + share * (raisedDown - least / 2)
        let newUp = raisedUp + share * (raisedUp - least / 2)
        let (toLow, toHigh) = (NormalQuantile.upper(newDown), NormalQuantile.upper(newUp))
        guard toLow + toHigh > 0 else { continue }
        mean = (low * toHigh + high * toLow) / (toLow + toHigh)
        margins[place] = (high - low) / (spread * (toLow + toHigh))
      case (nil, nil): continue
      }
    }
    self.margins = margins
  }
}

/// Probabilities and quantiles of the standard normal distribution.
enum NormalQuantile {
  /// The probability to lie above a number.
  static func tail(_ x: Double) -> Double { 0.5 * erfc(x / 2.0.squareRoot()) }

  /// The number above which a probability lies.
  static func upper(_ probability: Double) -> Double {
    guard probability > 0 else { return .infinity }
    guard probability < 1 else { return -.infinity }
    if probability > 0.5 { return -upper(1 - probability) }
    // Abramowitz and Stegun 26.2.23, made exact by Halley's steps.
    let t = (-2 * log(probability)).squareRoot()
    let numerator = 2.515517 + t * (0.802853 + t * 0.010328)
    let denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
    var x = t - numerator / denominator
    for _ in 0..<3 {
      let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      guard density > 0 else { break }
      let error = (tail(x) - probability) / density
      x += error / (1 - x * error / 2)
    }
    return x
  }
}
