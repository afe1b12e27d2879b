/// Bounds that points of all space are folded into, smoothly: within, a point stays where it is but near a bound, where
/// the way toward it is slowed down until it turns back.
///
/// So a method that knows no bounds moves through all space, and what is evaluated lies within. Source: the boundary
/// transformation of Hansen's pycma.
struct Enclosure: Hashable, Sendable, Codable {
  private let low: StoredNumbers
  private let high: StoredNumbers

  /// - Throws: `SearchError` where the bounds are empty, or not as many as there are coordinates.
  init?(_ bounds: [ClosedRange<Double>]?, count: Int, of subject: String) throws {
    guard let bounds else { return nil }
    guard bounds.count == count else {
      throw SearchError(subject, "there are \(bounds.count) bounds for \(count) coordinates")
    }
    for (position, range) in bounds.enumerated() where !(range.lowerBound < range.upperBound) {
      throw SearchError(subject, "the bounds of coordinate \(position), \(range), leave it no room")
    }
    for (position, range) in bounds.enumerated()
    where range.lowerBound.isFinite && range.upperBound.isFinite
      && !(range.upperBound - range.lowerBound).isFinite
    {
      throw SearchError(subject, "the bounds of coordinate \(position), \(range), are wider than the largest number")
    }
    low = StoredNumbers(bounds.map(\.lowerBound))
    high = StoredNumbers(bounds.map(\.upperBound))
  }

  /// The bounds of all coordinates.
  var bounds: [ClosedRange<Double>] { low.numbers.indices.map(range) }

  /// The bounds of a coordinate.
  func range(_ coordinate: Int) -> ClosedRange<Double> { low.numbers[coordinate]...high.numbers[coordinate] }

  /// Whether a point lies within.
  func contains(_ point: [Double]) -> Bool {
    point.indices.allSatisfy { low.numbers[$0] <= point[$0] && point[$0] <= high.numbers[$0] }
  }

  /// The point within that a coordinate of any size is folded to.
  func folded(_ value: Double, _ coordinate: Int) -> Double {
    let (low, high) = (low.numbers[coordinate], high.numbers[coordinate])
    let (lower, upper) = turns(low, high)
    var value = value
    if low.isFinite, high.isFinite {
      // Beyond the turns the way is that back to the other bound, and so on without end.
      let period = 2 * (high - low + lower + upper)
      let start = low - 2 * lower - (high - low) / 2
      if value < start || value >= start + period {
        value -= period * ((value - start) / period).rounded(.down)
      }
    }
    if high.isFinite, value > high + upper { value = 2 * (high + upper) - value }
    if low.isFinite, value < low - lower { value = 2 * (low - lower) - value }
    if low.isFinite, value < low + lower {
      let way = value - (low - lower)
      value = low + way * way / (4 * lower)
    } else if high.isFinite, value > high - upper {
      let way = value - (high + upper)
      value = high - way * way / (4 * upper)
    }
    return Swift.min(Swift.max(value, low), high)
  }

  /// The coordinate that is folded to a value within.
  func unfolded(_ value: Double, _ coordinate: Int) -> Double {
    let (low, high) = (low.numbers[coordinate], high.numbers[coordinate])
    let (lower, upper) = turns(low, high)
    let value = Swift.min(Swift.max(value, low), high)
    if low.isFinite, value < low + lower { return low - lower + 2 * (lower * (value - low)).squareRoot() }
    if high.isFinite, value > high - upper { return high + upper - 2 * (upper * (high - value)).squareRoot() }
    return value
  }

  /// How far beyond a bound the way turns.
  private func turns(_ low: Double, _ high: Double) -> (lower: Double, upper: Double) {
    let half = (high - low) / 2
    return (Swift.min(half, (1 + abs(low)) / 20), Swift.min(half, (1 + abs(high)) / 20))
  }

  func folded(_ point: [Double]) -> [Double] { point.indices.map { folded(point[$0], $0) } }

  func unfolded(_ point: [Double]) -> [Double] { point.indices.map { unfolded(point[$0], $0) } }
}

extension Enclosure {
  init(from decoder: any Decoder) throws {
    let reader = try StateReader("bounds", decoder, by: CodingKeys.self)
    let low: StoredNumbers = try reader.value(.low)
    let high: StoredNumbers = try reader.value(.high)
    let bounds = try reader.ranges(low.numbers, high.numbers, .high)
    guard let enclosure = try Self(bounds, count: bounds.count, of: "bounds") else {
      throw reader.refused(.low, "has bounds", found: "none")
    }
    self = enclosure
  }
}
