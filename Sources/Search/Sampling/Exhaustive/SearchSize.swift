import DescentPlotting
import Foundation

/// How many settings there are to try, and how long that takes.
///
/// ```swift
/// print(try space.size(points: 10).text(secondsEach: 0.5))
/// // 1,000 settings, 8.3 minutes at 0.5 s each
/// ```
public struct SearchSize: Sendable, Hashable {
  /// The decimal logarithm of the number of settings.
  public let decimalLogarithm: Double
  /// The number of settings, `nil` where it is larger than 10¹⁵.
  public let count: Int?

  init(decimalLogarithm: Double, count: Int?) { (self.decimalLogarithm, self.count) = (decimalLogarithm, count) }

  /// The decimal logarithm of the years that it takes to try all settings, one after the other.
  ///
  /// - Parameter seconds: What one takes.
  public func decimalLogarithmOfYears(secondsEach seconds: Double) -> Double {
    decimalLogarithm + log10(max(seconds, .leastNormalMagnitude)) - log10(365.25 * 86_400)
  }

  /// The number of settings and the time in words.
  ///
  /// - Parameter seconds: What one setting takes.
  public func text(secondsEach seconds: Double) -> String {
    "\(description), \(time(seconds)) at \(NumberText.short(seconds)) s each"
  }

  private func time(_ each: Double) -> String {
    let years = decimalLogarithmOfYears(secondsEach: each)
    if years > 6 { return "\(Self.power(years)) years" }
    let seconds = pow(10, decimalLogarithm) * each
    let units = [(365.25 * 86_400, "years"), (86_400, "days"), (3_600, "hours"), (60, "minutes")]
    for (length, name) in units where seconds >= 2 * length {
      return "\(NumberText.short(seconds / length, digits: 2)) \(name)"
    }
    return "\(NumberText.short(seconds, digits: 2)) seconds"
  }

  private static func power(_ exponent: Double) -> String {
    let whole = exponent.rounded(.down)
    let mantissa = pow(10, exponent - whole)
    let digits = whole < 1e15 ? NumberText.power(Int(whole)) : "10^\(whole)"
    // So large an exponent has no digits left for the number before it.
    if exponent > 1e9 || abs(mantissa - 1) < 1e-6 { return digits }
    return abs(mantissa - 10) < 1e-6
      ? NumberText.power(Int(whole) + 1) : "\(NumberText.short(mantissa, digits: 2))·" + digits
  }
}

extension SearchSize: CustomStringConvertible {
  /// The number of settings in words: `1,000 settings`, `10¹⁰⁰⁰⁰⁰⁰ settings, and the universe has some 10⁸⁵ atoms`.
  public var description: String {
    if let count { return count == 1 ? "1 setting" : "\(NumberText.fixed(Double(count), decimals: 0)) settings" }
    guard decimalLogarithm.isFinite else { return "infinitely many settings" }
    return "\(Self.power(decimalLogarithm)) settings"
      + (decimalLogarithm > 85 ? ", and the universe has some 10⁸⁵ atoms" : "")
  }
}

extension Space {
  /// How many settings a grid over the space has, as if all parameters were always there and every setting allowed.
  ///
  /// - Parameter points: How many values a range has at most; `nil` for all of them.
  /// - Complexity: O(parameters).
  public func size(points: Int? = nil) -> SearchSize {
    var (logarithm, exact) = (0.0, 1.0)
    for parameter in parameters {
      let isLimited = parameter.domain.isNumeric && points.map { parameter.domain.count > Double($0) } ?? false
      let count = isLimited ? Double(max(points ?? 1, 1)) : parameter.domain.count
      logarithm += isLimited ? log10(count) : parameter.domain.decimalLogarithmOfCount
      exact *= count
    }
    return SearchSize(decimalLogarithm: logarithm, count: exact <= 1e15 ? Int(exact) : nil)
  }
}
