/// The parameters of a search with the values that they may take, declared before it begins.
///
/// ```swift
/// let plane: Space = ["x": .real(-5...10), "y": .real(0...15)]
/// let network = Space(
///   [
///     .init("layers", .integer(1...3)),
///     .init("units2", .integer(16...512, scale: .logarithmic), when: .number("layers", atLeast: 2)),
///   ],
///   allowing: [.sum(["layers": 1], atMost: 2)])
/// ```
///
/// A space that makes no sense is told so where it is used; `check()` tells it at once.
public struct Space: Hashable, Sendable {
  /// A parameter of a space.
  public struct Parameter: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The values that it may take.
    public var domain: Domain
    /// When it is there at all; `nil` for always. It may speak of parameters before it.
    public var condition: Condition?

    /// Makes a parameter.
    public init(_ name: String, _ domain: Domain, when condition: Condition? = nil) {
      self.name = name
      self.domain = domain
      self.condition = condition
    }
  }

  /// The parameters, in order.
  public var parameters: [Parameter]
  /// What has to hold of settings that are tried. A constraint that speaks of a parameter which is not there at the time is
  /// met.
  public var constraints: [Condition]

  /// Makes a space.
  ///
  /// - Parameters:
  ///   - parameters: The parameters; each may depend on those before it.
  ///   - constraints: What has to hold of settings that are tried.
  public init(_ parameters: [Parameter], allowing constraints: [Condition] = []) {
    self.parameters = parameters
    self.constraints = constraints
  }

  /// Refuses a space without parameters, with two of one name, an empty domain, or a condition that cannot be told.
  ///
  /// - Throws: `SearchError`.
  public func check() throws {
    guard !parameters.isEmpty else { throw SearchError("space", "there are no parameters") }
    var before: [String: Domain] = [:]
    for parameter in parameters {
      guard !parameter.name.isEmpty else { throw SearchError("space", "a parameter has no name") }
      try parameter.domain.check(parameter.name)
      try parameter.condition?.check(parameter.name, before)
      if let other = before.updateValue(parameter.domain, forKey: parameter.name) {
        throw SearchError(parameter.name, "two parameters have this name: \(other), and \(parameter.domain)")
      }
    }
    for constraint in constraints { try constraint.check("space", before) }
  }

  /// The domains of the parameters, by name.
  public var domains: [String: Domain] {
    Dictionary(parameters.map { ($0.name, $0.domain) }) { first, _ in first }
  }

  /// Whether settings meet the constraints, as far as these can be told from them.
  public func allows(_ settings: Settings) -> Bool {
    guard !constraints.isEmpty else { return true }
    let domains = domains
    return constraints.allSatisfy { constraint in
      constraint.names.contains { settings[$0] == nil } || constraint.holds(settings, in: domains)
    }
  }

  /// The parameters that are there, given the settings of those before them.
  public func active(_ settings: Settings) -> [Parameter] {
    let domains = domains
    return parameters.filter { $0.condition?.holds(settings, in: domains) ?? true }
  }

  /// Whether settings are complete, in their domains, and allowed.
  public func contains(_ settings: Settings) -> Bool {
    let active = active(settings)
    guard active.count == settings.count else { return false }
    return active.allSatisfy { settings[$0.name].map($0.domain.contains) ?? false } && allows(settings)
  }
}

extension Space: ExpressibleByDictionaryLiteral {
  /// Makes a space of parameters that are always there.
  public init(dictionaryLiteral parameters: (String, Domain)...) {
    self.init(parameters.map { Parameter($0.0, $0.1) })
  }
}

extension Space: CustomStringConvertible {
  /// One line for each parameter and constraint.
  public var description: String {
    let lines = parameters.map { "\($0.name): \($0.domain)\($0.condition.map { ", when \($0)" } ?? "")" }
    return (lines + constraints.map { "where \($0)" }).joined(separator: "\n")
  }
}

extension Space.Parameter: Codable {
  private enum Field: String, CodingKey {
    case name, domain, when
  }

  /// Reads a parameter.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Field.self)
    self.init(
      try container.decode(String.self, forKey: .name), try container.decode(Domain.self, forKey: .domain),
      when: try container.decodeIfPresent(Condition.self, forKey: .when))
  }

  /// Writes a parameter.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Field.self)
    try container.encode(name, forKey: .name)
    try container.encode(domain, forKey: .domain)
    try container.encodeIfPresent(condition, forKey: .when)
  }
}

extension Space: Codable {
  private enum Field: String, CodingKey {
    case parameters, constraints
  }

  /// Reads a space, and checks it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Field.self)
    self.init(
      try container.decode([Parameter].self, forKey: .parameters),
      allowing: try container.decodeIfPresent([Condition].self, forKey: .constraints) ?? [])
    try check()
  }

  /// Writes a space.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Field.self)
    try container.encode(parameters, forKey: .parameters)
    if !constraints.isEmpty { try container.encode(constraints, forKey: .constraints) }
  }
}
