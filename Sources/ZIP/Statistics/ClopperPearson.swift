import Foundation

/// Exact bounds on an error rate from a count of errors (Clopper and Pearson, 1934).
///
/// They hold for letters that are independent of each other: each digit used once.
public enum ClopperPearson {
  /// The rate that is exceeded by the true one with a probability of at most 1 − `confidence`: the one-sided bound.
  ///
  /// 1 where there are no trials or nothing but errors.
  ///
  /// - Complexity: O(1), some hundred evaluations of a continued fraction.
  public static func upperBound(errors: Int, of trials: Int, confidence: Double = 0.95) -> Double {
    guard trials > 0, errors < trials else { return 1 }
    let errors = max(errors, 0)
    return BetaDistribution(a: Double(errors) + 1, b: Double(trials - errors)).quantile(confidence)
  }

  /// The interval that holds the true rate with a probability of at least `confidence`: two-sided, equal tails.
  ///
  /// - Complexity: O(1), some hundred evaluations of a continued fraction.
  public static func interval(errors: Int, of trials: Int, confidence: Double = 0.95) -> ClosedRange<Double> {
    guard trials > 0 else { return 0...1 }
    let errors = min(max(errors, 0), trials)
    let tail = (1 - confidence) / 2
    let lower =
      errors == 0 ? 0 : BetaDistribution(a: Double(errors), b: Double(trials - errors) + 1).quantile(tail)
    let upper = upperBound(errors: errors, of: trials, confidence: 1 - tail)
    return lower...max(upper, lower)
  }

  /// How many trials without a single error it takes to claim a rate: the least *n* with (1 − rate)ⁿ ≤ 1 − confidence.
  ///
  /// nil for rates that no number of trials can show (0 or less) or that overflow an Int.
  public static func trialsNeeded(forRate rate: Double, confidence: Double = 0.95) -> Int? {
    guard rate > 0, rate < 1 else { return rate >= 1 ? 1 : nil }
    return Int(exactly: (log(1 - confidence) / log1p(-rate)).rounded(.up))
  }
}

/// The beta distribution with positive parameters.
struct BetaDistribution: Sendable {
  let a: Double
  let b: Double

  /// The regularized incomplete beta function I_x(a, b).
  ///
  /// The continued fraction converges fast for x below the mean; beyond it the symmetric one for 1 − x does (Lentz's
  /// algorithm; Abramowitz and Stegun 26.5.8).
  func cumulative(_ x: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let logFront = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    if x < (a + 1) / (a + b + 2) { return exp(logFront) * Self.fraction(x, a, b) / a }
    return 1 - exp(logFront) * Self.fraction(1 - x, b, a) / b
  }

  /// The x at which the cumulative function reaches a probability.
  ///
  /// Bisection on a logarithmic scale: bounds near 10⁻⁵ need as many digits as those near 1.
  func quantile(_ probability: Double) -> Double {
    guard probability > 0 else { return 0 }
    guard probability < 1 else { return 1 }
    var low = -700.0
    var high = 0.0
    for _ in 0..<120 {
      let middle = (low + high) / 2
      if cumulative(exp(middle)) < probability { low = middle } else { high = middle }
    }
    return exp((low + high) / 2)
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func guarded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / guarded(1 - (a + b) * x / (a + 1))
    var result = d
    for index in 1...500 {
      let m = Double(index)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / guarded(1 + even * d)
      c = guarded(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / guarded(1 + odd * d)
      c = guarded(1 + odd / c)
      let change = d * c
      result *= change
      if abs(change - 1) < 1e-15 { break }
    }
    return result
  }
}
