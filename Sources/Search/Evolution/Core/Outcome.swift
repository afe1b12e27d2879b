/// What became of an individual: its value for each objective, and how far it is from being allowed.
///
/// All objectives are minimized. With one objective, outcomes are compared by the rules of Deb (*An efficient constraint
/// handling method for genetic algorithms*, 2000): what is allowed is better than what is not, of two that are allowed the
/// one with the smaller value is better, of two that are not the one that violates less. A value that is not a number is
/// worse than all others.
public struct Outcome: Hashable, Sendable {
  /// The value for each objective.
  public var values: [Double]
  /// How far the individual is from meeting its constraints, added up; 0 where it meets them.
  public var violation: Double

  /// Makes the outcome of one objective.
  public init(_ value: Double, violation: Double = 0) { self.init([value], violation: violation) }

  /// Makes the outcome of several objectives.
  public init(_ values: [Double], violation: Double = 0) {
    self.values = values
    self.violation = violation.isNaN ? .infinity : max(violation, 0)
  }

  /// The value for the first objective; not a number where there is none.
  public var value: Double { values.first ?? .nan }

  /// Whether all constraints are met, and all values are numbers.
  public var isFeasible: Bool { violation <= 0 && !isFailure }

  /// Whether the outcome is better than another, by the first objective.
  public func isBetter(than other: Outcome) -> Bool { key < other.key }

  var isFailure: Bool { values.isEmpty || values.contains(where: \.isNaN) }

  private var key: (Int, Double) { isFailure ? (2, 0) : violation > 0 ? (1, violation) : (0, value) }

  /// Whether the outcome is as good as another, by the first objective.
  func isEqual(to other: Outcome) -> Bool { key == other.key }
}

extension Outcome: Codable {
  private enum Field: String, CodingKey {
    case values, violation
  }

  /// Reads an outcome.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Field.self)
    let violation = try container.decodeIfPresent(StoredNumbers.self, forKey: .violation)?.numbers.first
    self.init(try container.decode(StoredNumbers.self, forKey: .values).numbers, violation: violation ?? 0)
  }

  /// Writes an outcome; infinities and what is not a number as text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Field.self)
    try container.encode(StoredNumbers(values), forKey: .values)
    if violation > 0 { try container.encode(StoredNumbers([violation]), forKey: .violation) }
  }
}

extension Collection<Outcome> where Index == Int {
  /// The positions from the best outcome to the worst, by the first objective; equal ones in their order.
  func ranking() -> [Int] {
    indices.sorted { a, b in
      if self[a].isBetter(than: self[b]) { return true }
      return !self[b].isBetter(than: self[a]) && a < b
    }
  }

  /// For each outcome what stands in a list of utilities, from the best to the worst, at its rank; outcomes that are equal
  /// share the mean of theirs.
  func utilities(_ list: [Double]) -> [Double] {
    let order = ranking()
    var found = [Double](repeating: 0, count: list.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, self[order[end]].isEqual(to: self[order[start]]) { end += 1 }
      let mean = list[start..<end].reduce(0, +) / Double(end - start)
      for place in start..<end { found[order[place]] = mean }
      start = end
    }
    return found
  }
}
