/// Reads the state of a strategy, which may have been damaged or changed since it was written.
///
/// One rule serves all strategies. Settings go through the initializer that a search begins with, which refuses what makes
/// no sense; what has moved since must have the form that it has in a search that begins with these settings: as many
/// numbers, finite, counts that are not negative. So whatever has been read can be asked and told.
struct StateReader<Key: CodingKey> {
  let subject: String
  private let container: KeyedDecodingContainer<Key>

  /// - Parameter subject: The strategy, which errors name.
  init(_ subject: String, _ decoder: any Decoder, by: Key.Type) throws {
    self.subject = subject
    container = try decoder.container(keyedBy: by)
  }

  func value<Value: Decodable>(_ key: Key, _ type: Value.Type = Value.self) throws -> Value {
    try container.decode(type, forKey: key)
  }

  func optional<Value: Decodable>(_ key: Key, _ type: Value.Type = Value.self) throws -> Value? {
    try container.decodeIfPresent(type, forKey: key)
  }

  /// The error of a part that does not fit.
  func refused(_ key: Key, _ asked: String, found: some Any) -> SearchError {
    SearchError(
      subject, "the state that was read does not fit together: \(key.stringValue) \(asked), and \(found) was found")
  }

  /// Refuses a part that does not fit.
  func check(_ isRight: Bool, _ key: Key, _ asked: String, found: some Any) throws {
    guard isRight else { throw refused(key, asked, found: found) }
  }

  /// A count, such as that of the generations.
  func count(_ key: Key, in range: ClosedRange<Int> = 0...(1 << 53)) throws -> Int {
    let count: Int = try value(key)
    try check(range.contains(count), key, "lies in \(range.lowerBound)...\(range.upperBound)", found: count)
    return count
  }

  func number(_ key: Key, in range: ClosedRange<Double> = .finite) throws -> Double {
    let number: Double = try value(key)
    try check(range.contains(number), key, "lies in \(range.lowerBound)...\(range.upperBound)", found: number)
    return number
  }

  /// Numbers, as many as are told.
  func numbers(_ key: Key, count: Int, in range: ClosedRange<Double> = .finite) throws -> [Double] {
    let numbers: [Double] = try value(key)
    try check(numbers, count: count, in: range, key)
    return numbers
  }

  func check(_ numbers: [Double], count: Int, in range: ClosedRange<Double> = .finite, _ key: Key) throws {
    try check(numbers.count == count, key, "has \(count) numbers", found: numbers.count)
    guard let wrong = numbers.first(where: { !range.contains($0) }) else { return }
    throw refused(key, "has numbers in \(range.lowerBound)...\(range.upperBound)", found: wrong)
  }

  /// The mean of a search, the bounds that it lies in, and the start of which it would be the mean.
  func center(
    _ key: Key, within enclosureKey: Key
  ) throws -> (center: [Double], start: [Double], bounds: [ClosedRange<Double>]?) {
    let center: [Double] = try value(key)
    try check(center, count: center.count, key)
    guard let enclosure: Enclosure = try optional(enclosureKey) else { return (center, center, nil) }
    let bounds = enclosure.bounds
    try check(bounds.count == center.count, enclosureKey, "bounds \(center.count) coordinates", found: bounds.count)
    return (center, enclosure.folded(center), bounds)
  }

  /// The bounds of a box.
  func box(_ lows: Key, _ highs: Key) throws -> [ClosedRange<Double>] {
    try ranges(try value(lows), try value(highs), highs)
  }

  /// Lower and upper bounds as ranges.
  func ranges(_ lows: [Double], _ highs: [Double], _ key: Key) throws -> [ClosedRange<Double>] {
    try check(highs.count == lows.count, key, "has \(lows.count) bounds, as many as lie below", found: highs.count)
    return try zip(lows, highs).map { low, high in
      try check(low <= high, key, "has bounds above \(low)", found: high)
      return low...high
    }
  }

  /// An individual that was evaluated.
  func evaluated(_ key: Key, count: Int) throws -> Evaluated<[Double]>? {
    let evaluated: Evaluated<[Double]>? = try optional(key)
    if let evaluated { try check(evaluated.individual, count: count, key) }
    return evaluated
  }

  /// Individuals that were evaluated: none yet, or as many as are told.
  func population(_ key: Key, sizes: ClosedRange<Int>, count: Int) throws -> [Evaluated<[Double]>] {
    let population: [Evaluated<[Double]>] = try value(key)
    try checkSize(population.count, sizes, key)
    for member in population { try check(member.individual, count: count, key) }
    return population
  }

  /// Settings that were evaluated: none yet, or as many as a generation has.
  func population(_ key: Key, size: Int, of genome: Genome) throws -> [Evaluated<Settings>] {
    let population: [Evaluated<Settings>] = try value(key)
    try checkSize(population.count, size...size, key)
    for member in population { try genome.check(member.individual, subject) }
    return population
  }

  func evaluated(_ key: Key, of genome: Genome) throws -> Evaluated<Settings>? {
    let evaluated: Evaluated<Settings>? = try optional(key)
    if let evaluated { try genome.check(evaluated.individual, subject) }
    return evaluated
  }

  private func checkSize(_ size: Int, _ sizes: ClosedRange<Int>, _ key: Key) throws {
    let asked = sizes.count == 1 ? "\(sizes.lowerBound)" : "\(sizes.lowerBound) to \(sizes.upperBound)"
    try check(size == 0 || sizes.contains(size), key, "has \(asked) individuals or none", found: size)
  }
}

extension ClosedRange<Double> {
  static var finite: Self { -.greatestFiniteMagnitude ... .greatestFiniteMagnitude }
  /// What may have shrunk until it was too small to be told from zero.
  static var notNegative: Self { 0 ... .greatestFiniteMagnitude }
}
