/// Which values a coordinate of a search may take.
enum SearchAxis: Hashable, Sendable, Codable {
  /// All numbers, within the bounds where there are any.
  case continuous
  /// The whole numbers, within the bounds where there are any.
  case whole
  /// The middles of the cells that thresholds in ascending order divide the range from 0 to 1 into.
  case cells([Double])

  /// The value of a number that moves freely.
  ///
  /// - Parameter bounds: The least and the largest of the whole numbers.
  func value(_ number: Double, within bounds: ClosedRange<Double>) -> Double {
    switch self {
    case .continuous: return number
    case .whole:
      return min(max(number.rounded(), bounds.lowerBound.rounded(.up)), bounds.upperBound.rounded(.down))
    case .cells(let thresholds):
      let place = Self.place(of: number, among: thresholds)
      let low = place == 0 ? 0 : thresholds[place - 1]
      let high = place == thresholds.count ? 1 : thresholds[place]
      return (low + high) / 2
    }
  }

  /// The numbers next to one, on either side, beyond which the value is another; `nil` where there is no other.
  func thresholds(around number: Double, within bounds: ClosedRange<Double>) -> (below: Double?, above: Double?) {
    switch self {
    case .continuous: return (nil, nil)
    case .whole:
      let value = self.value(number, within: bounds)
      let isLeast = value - 1 < bounds.lowerBound
      let isLargest = value + 1 > bounds.upperBound
      return (isLeast ? nil : value - 0.5, isLargest ? nil : value + 0.5)
    case .cells(let thresholds):
      let place = Self.place(of: number, among: thresholds)
      return (place == 0 ? nil : thresholds[place - 1], place == thresholds.count ? nil : thresholds[place])
    }
  }

  /// How many thresholds lie at a number or below it.
  private static func place(of number: Double, among thresholds: [Double]) -> Int {
    var (low, high) = (0, thresholds.count)
    while low < high {
      let middle = (low + high) / 2
      if thresholds[middle] <= number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension SearchAxis {
  /// Refuses thresholds that do not divide the range.
  fileprivate func check(_ subject: String) throws {
    guard case .cells(let thresholds) = self else { return }
    guard zip(thresholds, thresholds.dropFirst()).allSatisfy({ $0 < $1 }), thresholds.allSatisfy((0...1).contains)
    else { throw SearchError(subject, "thresholds of cells ascend from 0 to 1, and \(thresholds) were read") }
  }
}

extension StateReader {
  /// What the numbers of coordinates stand for, where it is told of all of them.
  func axes(_ key: Key, count: Int) throws -> [SearchAxis]? {
    guard let axes: [SearchAxis] = try optional(key) else { return nil }
    try check(axes.count == count, key, "tells of \(count) coordinates", found: axes.count)
    for axis in axes { try axis.check(subject) }
    return axes
  }
}
