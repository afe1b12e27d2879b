import DescentGraph
import Foundation

extension RandomKey {
  /// Normally distributed numbers that lie between two bounds, as float32.
  ///
  /// By the inverse of the distribution function in Float64 where the interval reaches to within `TruncatedNormal.tail`
  /// standard deviations of the mean; farther out by that of the tail itself, so that bounds may lie anywhere.
  /// - Parameters:
  ///   - shape: The result's shape.
  ///   - lower: The lower bound.
  ///   - upper: The upper bound, larger than the lower one.
  ///   - mean: The mean before numbers outside are left out.
  ///   - standardDeviation: The standard deviation before that, positive.
  public func truncatedNormal(
    _ shape: Shape, lower: Double = -2, upper: Double = 2, mean: Double = 0, standardDeviation: Double = 1
  ) -> Tensor {
    .calling {
      guard lower < upper, standardDeviation > 0, standardDeviation.isFinite else {
        return .failure(
          "truncatedNormal",
          "takes bounds in order and a positive standard deviation, not \(lower), \(upper) and \(standardDeviation)")
      }
      guard mean.isFinite else { return .failure("truncatedNormal", "the mean \(mean) is not finite") }
      let (low, high) = ((lower - mean) / standardDeviation, (upper - mean) / standardDeviation)
      guard low < .infinity, high > -.infinity else {
        return .failure("truncatedNormal", "no number lies between \(lower) and \(upper)")
      }
      let even = wideUniform(shape)
      // The normal distribution is symmetric, so that a lower tail is an upper one with the sign turned.
      let standard =
        low >= TruncatedNormal.tail
        ? TruncatedNormal.upperTail(even, from: low, to: high)
        : high <= -TruncatedNormal.tail
          ? -TruncatedNormal.upperTail(even, from: -high, to: -low) : TruncatedNormal.central(even, from: low, to: high)
      let scaled = standard * .constant(standardDeviation, .float64) + .constant(mean, .float64)
      return scaled.clamped(lower, upper).converted(to: .float32)
    }
  }
}

/// The inverse of the distribution function of the standard normal distribution between two bounds, in Float64.
private enum TruncatedNormal {
  /// Beyond it the distribution function is too near 1 for its inverse.
  static let tail = 4.0

  /// Numbers between bounds of which one at least is no farther out than the tail's beginning, from even ones in [0, 1).
  static func central(_ even: Tensor, from low: Double, to high: Double) -> Tensor {
    let root = 2.0.squareRoot()
    let (first, last) = (Foundation.erf(low / root), Foundation.erf(high / root))
    let spread = even * .constant(last - first, .float64) + .constant(first, .float64)
    return .record(ErfInverse(), [spread]) * .constant(root, .float64)
  }

  /// Numbers between bounds in the upper tail, from even ones in [0, 1).
  ///
  /// With Q the probability of what is larger, y = x − low solves −log(Q(x) / Q(low)) = t for an exponentially distributed
  /// t. The left side, low · y + y²/2 − log(e(x) / e(low)) with the scaled complementary error function e, is convex, and
  /// its first two terms alone are smaller, so that Newton's steps from their root approach y from above.
  static func upperTail(_ even: Tensor, from low: Double, to high: Double) -> Tensor {
    func number(_ value: Double) -> Tensor { .constant(value, .float64) }
    let start = number(low)
    let scale = scaledErrorComplement(start)
    let width = high - low
    // The probability of what lies beyond the upper bound, as a part of the tail's.
    let beyond =
      width < .infinity
      ? exp(number(-width * (low + width / 2))) * scaledErrorComplement(number(high)) / scale : number(0)
    let target = -log1p(even * (beyond - number(1)))
    var distance = number(2) * target / (sqrt(number(2) * target + number(low * low)) + start)
    for _ in 0..<3 {
      let complement = scaledErrorComplement(distance + start)
      let value = distance * (start + distance * number(0.5)) - log(complement / scale)
      // The slope is the hazard rate, the density divided by the probability of what is larger.
      let slope = number((2 / Double.pi).squareRoot()) / complement
      distance = maximum(distance - (value - target) / slope, number(0))
    }
    return distance + start
  }

  /// exp(x²/2) · erfc(x / √2) for x in the upper tail, by its continued fraction √(2/π) / (x + 1/(x + 2/(x + 3/(x + …)))).
  ///
  /// Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.14.
  private static func scaledErrorComplement(_ x: Tensor) -> Tensor {
    var fraction = x
    for term in (1...40).reversed() { fraction = x + .constant(Double(term), .float64) / fraction }
    return .constant((2 / Double.pi).squareRoot(), .float64) / fraction
  }
}
