/// Means over examples by name: the loss first, then the metrics in the order in which they were asked for.
public struct Means: Sendable, Hashable {
  /// The names, in order.
  public let names: [String]
  /// The means, in the order of the names.
  public let values: [Double]

  /// Means by their names.
  init(_ names: [String], _ values: [Double]) { (self.names, self.values) = (names, values) }

  /// No means, of a judgment that did not take place.
  static let empty = Means([], [])

  /// The same means with that of a name set, last where it is new.
  func setting(_ name: String, to value: Double) -> Means {
    guard let place = names.firstIndex(of: name) else { return Means(names + [name], values + [value]) }
    var values = values
    values[place] = value
    return Means(names, values)
  }

  /// The mean of a name, `nil` where there is none.
  public subscript(name: String) -> Double? { names.firstIndex(of: name).map { values[$0] } }
}

extension Means: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { names.count }
  public subscript(index: Int) -> (name: String, value: Double) { (names[index], values[index]) }
}

extension Means: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, Double)...) { self.init(elements.map(\.0), elements.map(\.1)) }
}

extension Means: CustomStringConvertible {
  /// Such as `loss 0.25, accuracy 0.93`.
  public var description: String { map { "\($0.name) \($0.value)" }.joined(separator: ", ") }
}

extension Means: Codable {
  private enum CodingKeys: String, CodingKey { case names, values }

  /// Reads means, those without an order too, which were written as a dictionary.
  ///
  /// - Throws: `DecodingError` where names and values differ in number.
  public init(from decoder: any Decoder) throws {
    if let unordered = try? decoder.singleValueContainer().decode([String: Double].self) {
      let names = unordered.keys.sorted { $0 == "loss" || $1 != "loss" && $0 < $1 }
      self.init(names, names.compactMap { unordered[$0] })
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let names = try container.decode([String].self, forKey: .names)
    let values = try container.decode([Double].self, forKey: .values)
    guard names.count == values.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container, debugDescription: "\(values.count) means have \(names.count) names")
    }
    self.init(names, values)
  }
}
