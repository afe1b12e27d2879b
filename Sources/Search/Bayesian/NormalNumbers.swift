import DescentTensors
import Foundation

/// Functions of the standard normal distribution that keep their digits far out.
enum Normal {
  /// log √(2π).
  static let logRootTwoPi = 0.918938533204672741780329736406

  /// The density at z.
  static func density(_ z: Double) -> Double { exp(-0.5 * z * z - logRootTwoPi) }

  /// The probability of a number up to z.
  static func distribution(_ z: Double) -> Double { 0.5 * erfc(-z * 0.5.squareRoot()) }

  /// The logarithm of `distribution`, with all digits far below zero, too.
  static func logDistribution(_ z: Double) -> Double {
    if z > -1 { return log1p(-0.5 * erfc(z * 0.5.squareRoot())) }
    return logDensity(z) + log(millsRatio(-z))
  }

  /// The logarithm of the density.
  static func logDensity(_ z: Double) -> Double { -0.5 * z * z - logRootTwoPi }

  /// The probability of a number above z, over the density at z, for z ≥ 0.
  static func millsRatio(_ z: Double) -> Double {
    if z < 3 { return 0.5 * erfc(z * 0.5.squareRoot()) * exp(0.5 * z * z + logRootTwoPi) }
    // Laplace's continued fraction, from its end.
    var tail = 0.0
    for term in stride(from: 40.0, to: 0, by: -1) { tail = term / (z + tail) }
    return 1 / (z + tail)
  }

  /// The logarithm of h(z) = φ(z) + z·Φ(z), the mean of how far a normal number stays below z, with its derivative.
  ///
  /// Far below zero the two terms cancel: h(z) = φ(z)·(1 − |z|·m(|z|)) with Mills's ratio m, whose own series gives what is
  /// left. Source: Ament, Daulton, Eriksson, Balandat and Bakshy, "Unexpected improvements to expected improvement for
  /// Bayesian optimization", 2023.
  static func logMeanShortfall(_ z: Double) -> (value: Double, derivative: Double) {
    let value: Double
    if z > -1 {
      value = log(density(z) + z * distribution(z))
    } else {
      value = logDensity(z) + log(shortfallRatio(-z))
    }
    // h′ = Φ.
    return (value, exp(logDistribution(z) - value))
  }

  /// 1 − z·m(z) with Mills's ratio m, for z ≥ 1.
  private static func shortfallRatio(_ z: Double) -> Double {
    if z < 3 { return 1 - z * millsRatio(z) }
    // With m = 1 / (z + t) and Laplace's t = 1 / (z + 2 / (z + …)), 1 − z·m = t / (z + t).
    var tail = 0.0
    for term in stride(from: 40.0, to: 0, by: -1) { tail = term / (z + tail) }
    return tail / (z + tail)
  }

  /// The number up to which a standard normal number lies with a probability between 0 and 1.
  ///
  /// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988.
  static func quantile(_ p: Double) -> Double {
    let side = p - 0.5
    if abs(side) <= 0.425 {
      let r = 0.180625 - side * side
      return side * ratio(r, NdtriTerms.middle)
    }
    let least = min(p, 1 - p)
    guard least > 0 else { return p <= 0 ? -.infinity : .infinity }
    let r = (-log(least)).squareRoot()
    let size = r <= 5 ? ratio(r - 1.6, NdtriTerms.near) : ratio(r - 5, NdtriTerms.far)
    return side < 0 ? -size : size
  }

  private static func ratio(_ x: Double, _ terms: (over: [Double], under: [Double])) -> Double {
    func polynomial(_ terms: [Double]) -> Double { terms.reduce(0) { $0 * x + $1 } }
    return polynomial(terms.over) / polynomial(terms.under)
  }
}
