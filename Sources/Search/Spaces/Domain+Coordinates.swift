import Foundation

/// Places of values in the unit cube, as methods that move through numbers see them.
///
/// Every value has a cell of its own, and is found again from the cell's middle. Reals and integers lie along one
/// coordinate, evenly on their scale; a choice has one coordinate, divided among its options; a subset has one for each
/// option, which is in from 0.5; a permutation has one for each option, and is the order of these numbers.
extension Domain {
  /// How many coordinates of the unit cube a value has.
  public var coordinateCount: Int {
    switch self {
    case .real, .integer, .choice, .toggle: 1
    case .subset(let options), .permutation(let options): options.count
    }
  }

  /// The value whose cell holds a point of the unit cube; coordinates outside count as the nearest inside.
  ///
  /// - Parameter coordinates: As many as `coordinateCount`; missing ones count as 0.5.
  public func setting(at coordinates: [Double]) -> Setting {
    let first = Self.inside(coordinates.first ?? 0.5)
    switch self {
    case .real(let range, let scale, let step): return .real(Self.real(range, scale, step, first))
    case .integer(let range, .logarithmic, _):
      let (low, high) = Self.logarithms(range)
      let value = exp(low + (high - low) * first).rounded()
      let bounded = min(max(value, Double(range.lowerBound)), Double(range.upperBound))
      return .integer(Int(bounded))
    case .integer(let range, .linear, let step):
      // A domain that `check` would refuse may be too wide.
      let value = range.lowerBound &+ max(step, 1) &* Self.place(first, of: Int(min(count, 0x1p53)))
      return .integer(min(max(value, range.lowerBound), range.upperBound))
    case .choice(let options): return .choice(Self.place(first, of: options.count))
    case .toggle: return .toggle(first >= 0.5)
    case .subset(let options):
      return .subset(options.indices.filter { $0 < coordinates.count ? coordinates[$0] >= 0.5 : true })
    case .permutation(let options):
      let keys = options.indices.map { $0 < coordinates.count ? Self.inside(coordinates[$0]) : 0.5 }
      return .permutation(options.indices.sorted { (keys[$0], $0) < (keys[$1], $1) })
    }
  }

  /// The middle of a value's cell in the unit cube; a value that does not belong to the domain has 0.5 everywhere.
  public func coordinates(of setting: Setting) -> [Double] {
    func middle(_ place: Int, _ count: Double) -> Double { (Double(place) + 0.5) / count }
    switch (self, setting) {
    case (.real(let range, let scale, let step), .real(let value)):
      return [Self.coordinate(range, scale, step, value)]
    case (.integer(let range, .logarithmic, _), .integer(let value)):
      let (low, high) = Self.logarithms(range)
      return [Self.inside((log(max(Double(value), 0.5)) - low) / (high - low))]
    case (.integer(let range, .linear, let step), .integer(let value)):
      let (offset, overflows) = value.subtractingReportingOverflow(range.lowerBound)
      return overflows ? [0.5] : [Self.inside(middle(offset / max(step, 1), count))]
    case (.choice(let options), .choice(let place)): return [Self.inside(middle(place, Double(options.count)))]
    case (.toggle, .toggle(let isOn)): return [isOn ? 0.75 : 0.25]
    case (.subset(let options), .subset(let places)):
      let chosen = Set(places)
      return options.indices.map { chosen.contains($0) ? 0.75 : 0.25 }
    case (.permutation(let options), .permutation(let places)):
      var keys = [Double](repeating: 0.5, count: options.count)
      for (rank, place) in places.enumerated() where keys.indices.contains(place) {
        keys[place] = middle(rank, Double(options.count))
      }
      return keys
    default: return [Double](repeating: 0.5, count: coordinateCount)
    }
  }

  /// A value that is drawn evenly: every value, or every stretch of the scale, as likely as any other.
  package func setting(from random: inout some RandomNumberGenerator) -> Setting {
    setting(at: (0..<coordinateCount).map { _ in Double(random.next() >> 11) * 0x1p-53 })
  }

  /// Half an integer more on either side, so that the first and the last are as likely as their scale says.
  private static func logarithms(_ range: ClosedRange<Int>) -> (Double, Double) {
    (log(Double(max(range.lowerBound, 1)) - 0.5), log(Double(max(range.upperBound, 1)) + 0.5))
  }

  static func inside(_ value: Double) -> Double { value.isNaN ? 0.5 : min(max(value, 0), 1) }

  static func place(_ coordinate: Double, of count: Int) -> Int {
    min(max(Int(coordinate * Double(count)), 0), max(count - 1, 0))
  }

  private static func real(
    _ range: ClosedRange<Double>, _ scale: Scale, _ step: Double?, _ coordinate: Double
  ) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    let value: Double
    if let step, step > 0 {
      let count = min(steps(range, step), 0x1p53)
      value = low + step * Double(place(coordinate, of: Int(count) + 1))
    } else if scale == .logarithmic {
      value = exp(log(low) * (1 - coordinate) + log(high) * coordinate)
    } else {
      value = low * (1 - coordinate) + high * coordinate
    }
    return min(max(value, low), high)
  }

  private static func coordinate(
    _ range: ClosedRange<Double>, _ scale: Scale, _ step: Double?, _ value: Double
  ) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    guard low < high else { return 0.5 }
    if let step, step > 0 { return inside((((value - low) / step).rounded() + 0.5) / (steps(range, step) + 1)) }
    if scale == .logarithmic { return inside((log(value) - log(low)) / (log(high) - log(low))) }
    // Halves, since the whole range may be wider than the largest number.
    return inside((value / 2 - low / 2) / (high / 2 - low / 2))
  }
}
