/// What has to hold of parameters for a part of a space to be there, or for settings to be allowed.
///
/// ```swift
/// let deep: Condition = .number("layers", atLeast: 2)
/// let allowed: Condition = .all([.choice("optimizer", among: ["sgd", "momentum"]), .not(deep)])
/// ```
public indirect enum Condition: Hashable, Sendable, Codable {
  /// A real or an integer is at least, or at most, so much.
  case number(String, atLeast: Double? = nil, atMost: Double? = nil)
  /// A choice is one of these options.
  case choice(String, among: [String])
  /// A toggle is on.
  case isOn(String)
  /// A subset has this option.
  case holds(String, String)
  /// A weighted sum of reals and integers is at most so much; toggles count 0 or 1.
  case sum([String: Double], atMost: Double)
  /// The first formula is at most the second.
  case atMost(Formula, Formula)
  /// The first formula is below the second.
  case below(Formula, Formula)
  /// The two formulas are equal.
  case equal(Formula, Formula)
  /// All of these hold.
  case all([Condition])
  /// Any of these holds.
  case any([Condition])
  /// This does not hold.
  case not(Condition)

  /// The parameters that it speaks of.
  public var names: Set<String> {
    switch self {
    case .number(let name, _, _), .choice(let name, _), .isOn(let name), .holds(let name, _): [name]
    case .sum(let weights, _): Set(weights.keys)
    case .atMost(let a, let b), .below(let a, let b), .equal(let a, let b): a.names.union(b.names)
    case .all(let parts), .any(let parts): Set(parts.flatMap(\.names))
    case .not(let part): part.names
    }
  }

  /// Whether it holds of settings; what speaks of a parameter that is not among them does not hold.
  public func holds(_ settings: Settings, in domains: [String: Domain]) -> Bool {
    switch self {
    case .number(let name, let low, let high):
      guard let value = Self.number(settings[name]) else { return false }
      return value >= low ?? -.infinity && value <= high ?? .infinity
    case .choice(let name, let options):
      guard case .choice(let all)? = domains[name], case .choice(let place)? = settings[name] else { return false }
      return all.indices.contains(place) && options.contains(all[place])
    case .isOn(let name): return settings[name] == .toggle(true)
    case .holds(let name, let option):
      guard case .subset(let all)? = domains[name], case .subset(let places)? = settings[name] else { return false }
      return places.contains { all.indices.contains($0) && all[$0] == option }
    case .sum(let weights, let most):
      var total = 0.0
      for (name, weight) in weights.sorted(by: { $0.key < $1.key }) {
        guard let value = Self.number(settings[name]) else { return false }
        total += weight * value
      }
      return total <= most
    case .atMost(let a, let b): return Self.compare(a, b, settings, domains) { $0 <= $1 }
    case .below(let a, let b): return Self.compare(a, b, settings, domains) { $0 < $1 }
    case .equal(let a, let b): return Self.compare(a, b, settings, domains) { $0 == $1 }
    case .all(let parts): return parts.allSatisfy { $0.holds(settings, in: domains) }
    case .any(let parts): return parts.contains { $0.holds(settings, in: domains) }
    case .not(let part): return !part.holds(settings, in: domains)
    }
  }

  private static func compare(
    _ a: Formula, _ b: Formula, _ settings: Settings, _ domains: [String: Domain], _ holds: (Double, Double) -> Bool
  ) -> Bool {
    func number(_ name: String) -> Double? { settings[name].flatMap { domains[name]?.number(of: $0) } }
    guard let first = a.value(number), let second = b.value(number) else { return false }
    return holds(first, second)
  }

  private static func number(_ setting: Setting?) -> Double? {
    switch setting {
    case .real(let value): value
    case .integer(let value): Double(value)
    case .toggle(let isOn): isOn ? 1 : 0
    default: nil
    }
  }

  /// Refuses what cannot hold of parameters of these domains.
  func check(_ subject: String, _ domains: [String: Domain]) throws {
    func refused(_ words: String) -> SearchError { SearchError(subject, "\(self) \(words)") }
    func domain(_ name: String) throws -> Domain {
      guard let domain = domains[name] else {
        throw refused("speaks of \(name), which does not stand before it in the space")
      }
      return domain
    }
    switch self {
    case .number(let name, let low, let high):
      guard try domain(name).isNumeric else { throw refused("asks for a number, and \(name) is \(try domain(name))") }
      guard low ?? -.infinity <= high ?? .infinity else { throw refused("holds of no number") }
    case .choice(let name, let options):
      guard case .choice(let all) = try domain(name) else {
        throw refused("asks for a choice, and \(name) is \(try domain(name))")
      }
      for option in options where !all.contains(option) {
        throw refused("names \"\(option)\", which is not among the options of \(name): \(all.joined(separator: ", "))")
      }
    case .isOn(let name):
      guard try domain(name) == .toggle else { throw refused("asks for a toggle, and \(name) is \(try domain(name))") }
    case .holds(let name, let option):
      guard case .subset(let all) = try domain(name) else {
        throw refused("asks for a subset, and \(name) is \(try domain(name))")
      }
      guard all.contains(option) else {
        throw refused("names \"\(option)\", which is not among the options of \(name): \(all.joined(separator: ", "))")
      }
    case .sum(let weights, let most):
      guard most.isFinite, weights.values.allSatisfy(\.isFinite) else {
        throw refused("has numbers that are not finite")
      }
      for name in weights.keys.sorted() {
        let domain = try domain(name)
        guard domain.isNumeric || domain == .toggle else { throw refused("adds up \(name), which is \(domain)") }
      }
    case .atMost(let a, let b), .below(let a, let b), .equal(let a, let b):
      for formula in [a, b] {
        if let mistake = formula.mistake(domains) { throw refused(mistake) }
      }
    case .all(let parts), .any(let parts): for part in parts { try part.check(subject, domains) }
    case .not(let part): try part.check(subject, domains)
    }
  }
}

extension Condition: CustomStringConvertible {
  /// The condition in words, such as `layers ≥ 2`.
  public var description: String {
    switch self {
    case .number(let name, let low, let high):
      switch (low, high) {
      case (let low?, let high?): return "\(low) ≤ \(name) ≤ \(high)"
      case (let low?, nil): return "\(name) ≥ \(low)"
      case (nil, let high?): return "\(name) ≤ \(high)"
      case (nil, nil): return "\(name) is a number"
      }
    case .choice(let name, let options):
      return options.count == 1 ? "\(name) = \(options[0])" : "\(name) in {\(options.joined(separator: ", "))}"
    case .isOn(let name): return "\(name) is on"
    case .holds(let name, let option): return "\(name) has \(option)"
    case .sum(let weights, let most):
      let terms = weights.sorted { $0.key < $1.key }.map { $0.value == 1 ? $0.key : "\($0.value)·\($0.key)" }
      return terms.joined(separator: " + ") + " ≤ \(most)"
    case .atMost(let a, let b): return "\(a) ≤ \(b)"
    case .below(let a, let b): return "\(a) < \(b)"
    case .equal(let a, let b): return "\(a) = \(b)"
    case .all(let parts): return parts.map { "(\($0))" }.joined(separator: " and ")
    case .any(let parts): return parts.map { "(\($0))" }.joined(separator: " or ")
    case .not(let part): return "not (\(part))"
    }
  }
}
