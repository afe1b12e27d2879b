import DescentTensors
import Foundation

/// How the numbers of an axis become shares of its length.
struct Scale: Sendable {
  let isLogarithmic: Bool
  /// The numbers at both ends.
  let low: Double
  let high: Double
  /// Whether numbers grow toward the axis's beginning.
  let isReversed: Bool
  private let start: Double
  private let length: Double

  /// Fits an axis to what is drawn.
  ///
  /// - Parameters:
  ///   - axis: What the user asked for.
  ///   - name: How errors call the axis.
  ///   - extent: The least and the largest number that is drawn; `nil` where there is none.
  ///   - padding: The room at each end as a share of the length.
  ///   - base: A number that bars stand on, beyond which there is no room.
  ///   - isReversed: Whether numbers grow toward the axis's beginning.
  init(
    _ axis: Chart.Axis, name: String, extent: ClosedRange<Double>?, padding: ClosedRange<Double>, base: Double? = nil,
    isReversed: Bool = false
  ) throws {
    self.isReversed = isReversed
    isLogarithmic = axis.scale == .logarithmic
    if let range = axis.range {
      (low, high) = (range.lowerBound, range.upperBound)
      guard low.isDrawable, high.isDrawable, low < high else {
        throw TensorError("Chart", "the range \(range) of the \(name) axis is empty or not finite")
      }
      guard !isLogarithmic || low > 0 else {
        throw TensorError(
          "Chart", "the range \(range) of the \(name) axis, which is logarithmic, does not begin above 0")
      }
    } else if isLogarithmic {
      (low, high) = Self.padded(extent ?? 1...10, by: padding, logarithmically: true)
    } else {
      var ends = Self.padded(extent ?? 0...1, by: padding, logarithmically: false)
      if let base, let extent {
        if extent.lowerBound >= base { ends.low = base }
        if extent.upperBound <= base { ends.high = base }
      }
      (low, high) = ends
    }
    start = isLogarithmic ? log10(low) : low
    length = (isLogarithmic ? log10(high) : high) - start
  }

  private static func padded(
    _ extent: ClosedRange<Double>, by padding: ClosedRange<Double>, logarithmically: Bool
  ) -> (low: Double, high: Double) {
    func inner(_ value: Double) -> Double { logarithmically ? log10(value) : value }
    func outer(_ value: Double) -> Double { logarithmically ? pow(10, min(max(value, -307), 300)) : value }
    var (low, high) = (inner(extent.lowerBound), inner(extent.upperBound))
    // So near to each other that the steps between numbers would be seen.
    if high - low <= max(max(abs(low), abs(high)) * 1e-12, 1e-290) {
      let room = logarithmically ? 0.5 : (abs(low) < 1e-280 ? 1 : abs(low) * 0.1)
      (low, high) = (low - room, high + room)
    } else {
      let span = high - low
      low -= span * padding.lowerBound
      high += span * padding.upperBound
    }
    return (outer(low), outer(high))
  }

  /// 0 at the lower end, 1 at the upper one; `nil` for what cannot be drawn.
  func position(of value: Double) -> Double? {
    guard value.isDrawable(logarithmically: isLogarithmic) else { return nil }
    let place = ((isLogarithmic ? log10(value) : value) - start) / length
    // Far outside, coordinates lose nothing by an end.
    return min(max(isReversed ? 1 - place : place, -1e4), 1e4)
  }

  /// The number at a share of the length.
  func value(at share: Double) -> Double {
    let place = start + (isReversed ? 1 - share : share) * length
    return isLogarithmic ? pow(10, place) : place
  }

  /// Whether a number lies between the ends.
  func contains(_ value: Double) -> Bool { value >= low && value <= high }
}
