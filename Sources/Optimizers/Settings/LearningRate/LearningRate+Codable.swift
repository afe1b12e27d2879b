import DescentTensors

extension LearningRate: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
    static let schedule = Key("schedule")
    static let (pieces, steps) = (Key("pieces"), Key("steps"))
    static let (rate, factor) = (Key("of"), Key("by"))
    static let start = Key("start")
  }

  /// The names of schedules of schedules.
  private static let (joined, product, warmedUp) = ("joined", "product", "warmedUp")

  /// Reads a rate that was written as a number or as a schedule.
  ///
  /// - Throws: `DecodingError` where it is a schedule in Swift code, of which files have the name alone.
  public init(from decoder: any Decoder) throws {
    guard let container = try? decoder.container(keyedBy: Key.self) else {
      self = .constant(try decoder.singleValueContainer().decode(Hyperparameter.self))
      return
    }
    if let function = try? container.decode(OpaqueBox<Function>.self, forKey: .schedule) {
      rule = .function(function.value)
      return
    }
    let name = try container.decode(String.self, forKey: .schedule)
    switch name {
    case Self.joined:
      rule = .joined(
        try container.decode([LearningRate].self, forKey: .pieces),
        try container.decode([Hyperparameter].self, forKey: .steps))
    case Self.product:
      rule = .product(
        try container.decode(LearningRate.self, forKey: .rate),
        try container.decode(LearningRate.self, forKey: .factor))
    case Self.warmedUp:
      rule = .warmedUp(
        try container.decode(LearningRate.self, forKey: .rate),
        steps: try container.decode(Hyperparameter.self, forKey: .steps),
        start: try container.decode(Hyperparameter.self, forKey: .start))
    default: rule = try Self.numbers(name, in: container)
    }
  }

  private static func numbers(_ name: String, in container: KeyedDecodingContainer<Key>) throws -> Rule {
    guard let kind = ScheduleKind(rawValue: name) else {
      throw DecodingError.dataCorruptedError(
        forKey: .schedule, in: container,
        debugDescription: "the learning rate '\(name)' is a function in Swift, which cannot be read from a file")
    }
    var numbers: [String: Hyperparameter] = [:]
    for key in container.allKeys where key.stringValue != Key.schedule.stringValue {
      numbers[key.stringValue] = try container.decode(Hyperparameter.self, forKey: key)
    }
    guard Set(numbers.keys) == kind.numbers else {
      throw DecodingError.dataCorruptedError(
        forKey: .schedule, in: container,
        debugDescription: "the learning rate '\(name)' has \(kind.numbers.sorted().joined(separator: ", ")), found"
          + " \(numbers.keys.sorted().joined(separator: ", "))")
    }
    return .numbers(kind, numbers)
  }

  /// Writes a constant rate as a number, and a schedule as its name with its numbers and parts.
  public func encode(to encoder: any Encoder) throws {
    if case .numbers(.constant, let numbers) = rule {
      var container = encoder.singleValueContainer()
      try container.encode(numbers["rate"] ?? Hyperparameter(.nan))
      return
    }
    var container = encoder.container(keyedBy: Key.self)
    switch rule {
    case .numbers(let kind, let numbers):
      try container.encode(kind.rawValue, forKey: .schedule)
      for (name, number) in numbers.sorted(by: { $0.key < $1.key }) { try container.encode(number, forKey: Key(name)) }
    case .function(let function):
      try container.encode(OpaqueBox(value: function, name: function.name), forKey: .schedule)
    case .joined(let pieces, let steps):
      try container.encode(Self.joined, forKey: .schedule)
      try container.encode(pieces, forKey: .pieces)
      try container.encode(steps, forKey: .steps)
    case .product(let rate, let factor):
      try container.encode(Self.product, forKey: .schedule)
      try container.encode(rate, forKey: .rate)
      try container.encode(factor, forKey: .factor)
    case .warmedUp(let rate, let steps, let start):
      try container.encode(Self.warmedUp, forKey: .schedule)
      try container.encode(rate, forKey: .rate)
      try container.encode(steps, forKey: .steps)
      try container.encode(start, forKey: .start)
    }
  }
}
