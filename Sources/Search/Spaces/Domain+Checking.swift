import Foundation

extension Domain {
  /// The most options that a subset may be of.
  static let mostOptionsOfSubset = 62

  /// Refuses a domain that has no values, or whose values cannot be told apart.
  ///
  /// - Parameter name: The parameter, which the error names.
  /// - Throws: `SearchError`.
  public func check(_ name: String) throws {
    func refused(_ words: String) -> SearchError { SearchError(name, words) }
    switch self {
    case .real(let range, let scale, let step):
      let (low, high) = (range.lowerBound, range.upperBound)
      guard low.isFinite, high.isFinite else { throw refused("the range \(self) is not finite") }
      guard scale == .linear || low > 0 else {
        throw refused("a logarithmic range lies above zero, and \(low)...\(high) does not")
      }
      guard let step else { return }
      guard scale == .linear else {
        throw refused("a logarithmic range of real numbers has no steps, and \(step) was given")
      }
      guard step > 0, step.isFinite else { throw refused("a step is positive, and \(step) was given") }
      guard (high - low) / step < 0x1p53 else {
        throw refused("steps of \(step) are too small to be told apart in \(low)...\(high)")
      }
    case .integer(let range, let scale, let step):
      let (low, high) = (range.lowerBound, range.upperBound)
      guard scale == .linear || low >= 1 else {
        throw refused("a logarithmic range lies above zero, and \(low)...\(high) does not")
      }
      guard step >= 1 else { throw refused("a step is 1 or more, and \(step) was given") }
      guard scale == .linear || step == 1 else {
        throw refused("a logarithmic range of integers has steps of 1, and \(step) was given")
      }
      let (width, overflows) = high.subtractingReportingOverflow(low)
      guard !overflows, width < 1 << 53 else {
        throw refused("the integers of \(low)...\(high) are more than 2⁵³, which cannot be told apart")
      }
    case .toggle: return
    case .choice(let options), .permutation(let options): try Self.check(options, of: name)
    case .subset(let options):
      try Self.check(options, of: name)
      guard options.count <= Self.mostOptionsOfSubset else {
        throw refused("\(options.count) options, and a subset is of \(Self.mostOptionsOfSubset) at most")
      }
    }
  }

  private static func check(_ options: [String], of name: String) throws {
    guard !options.isEmpty else { throw SearchError(name, "there are no options to choose from") }
    var seen: Set<String> = []
    for option in options where !seen.insert(option).inserted {
      throw SearchError(name, "the option \"\(option)\" is given twice")
    }
  }

  /// How many values there are; infinite for a range of real numbers without steps, and where there are too many to be
  /// told in a Double.
  public var count: Double {
    switch self {
    case .real(let range, _, let step):
      guard range.lowerBound < range.upperBound else { return 1 }
      return step.map { Self.steps(range, $0) + 1 } ?? .infinity
    case .integer(let range, _, let step):
      return ((Double(range.upperBound) - Double(range.lowerBound)) / Double(max(step, 1))).rounded(.down) + 1
    case .choice(let options): return Double(options.count)
    case .toggle: return 2
    case .subset(let options): return pow(2, Double(options.count))
    case .permutation(let options): return tgamma(Double(options.count) + 1).rounded()
    }
  }

  /// The decimal logarithm of the number of values.
  public var decimalLogarithmOfCount: Double {
    switch self {
    case .permutation(let options): lgamma(Double(options.count) + 1) / log(10)
    case .subset(let options): Double(options.count) * log10(2)
    default: log10(count)
    }
  }

  /// How many whole steps fit into a range; one that is short of fitting by rounding alone counts.
  static func steps(_ range: ClosedRange<Double>, _ step: Double) -> Double {
    ((range.upperBound - range.lowerBound) / step + 1e-9).rounded(.down)
  }

  /// Whether the domain holds a value, up to the rounding of steps.
  public func contains(_ setting: Setting) -> Bool {
    switch (self, setting) {
    case (.real(let range, _, let step), .real(let value)):
      guard value >= range.lowerBound, value <= range.upperBound else { return false }
      guard let step else { return true }
      let place = (value - range.lowerBound) / step
      return abs(place - place.rounded()) <= 1e-6 && place.rounded() <= Self.steps(range, step)
    case (.integer(let range, _, let step), .integer(let value)):
      guard range.contains(value), step >= 1 else { return false }
      let (offset, overflows) = value.subtractingReportingOverflow(range.lowerBound)
      return !overflows && offset % step == 0
    case (.choice(let options), .choice(let place)): return options.indices.contains(place)
    case (.toggle, .toggle): return true
    case (.subset(let options), .subset(let places)):
      return places.allSatisfy(options.indices.contains) && zip(places, places.dropFirst()).allSatisfy { $0 < $1 }
    case (.permutation(let options), .permutation(let places)):
      return places.sorted() == Array(options.indices)
    default: return false
    }
  }

  /// A value in words, such as `0.01`, `relu` or `[a, c]`.
  public func text(of setting: Setting) -> String {
    func named(_ places: [Int], _ options: [String]) -> String {
      "[" + places.map { options.indices.contains($0) ? options[$0] : "?" }.joined(separator: ", ") + "]"
    }
    switch (self, setting) {
    case (.choice(let options), .choice(let place)) where options.indices.contains(place): return options[place]
    case (.subset(let options), .subset(let places)): return named(places, options)
    case (.permutation(let options), .permutation(let places)): return named(places, options)
    default: return "\(setting)"
    }
  }
}

extension Domain: CustomStringConvertible {
  /// The values in words, such as `1e-05...0.1 logarithmic`.
  public var description: String {
    func range(_ range: String, _ scale: Scale, _ step: String?) -> String {
      range + (scale == .logarithmic ? " logarithmic" : "") + (step.map { " in steps of \($0)" } ?? "")
    }
    switch self {
    case .real(let values, let scale, let step):
      return range("\(values.lowerBound)...\(values.upperBound)", scale, step.map { "\($0)" })
    case .integer(let values, let scale, let step):
      return range("\(values.lowerBound)...\(values.upperBound)", scale, step == 1 ? nil : "\(step)")
    case .choice(let options): return "one of " + options.joined(separator: ", ")
    case .toggle: return "on or off"
    case .subset(let options): return "some of " + options.joined(separator: ", ")
    case .permutation(let options): return "an order of " + options.joined(separator: ", ")
    }
  }
}

extension Setting: CustomStringConvertible {
  /// The value as text; options by their positions.
  public var description: String {
    switch self {
    case .real(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .choice(let place): "\(place)"
    case .toggle(let isOn): isOn ? "on" : "off"
    case .subset(let places), .permutation(let places): "\(places)"
    }
  }
}
