import Foundation

/// Arithmetic on the numbers of parameters, for conditions that compare them.
///
/// ```swift
/// let fits: Condition = .atMost(.product("layers", "width"), 1_024)
/// ```
///
/// Reals and integers count as what they are, toggles as 0 or 1, and an option of a choice as the number that it spells.
public indirect enum Formula: Hashable, Sendable, Codable {
  /// A function of one or two numbers, named as `descent explain` names it.
  public enum Function: String, Hashable, Sendable, Codable, CaseIterable {
    /// Functions of one number.
    case abs, sqrt, cbrt, square, exp, expm1, exp2, log, log1p, log2, log10
    /// Functions of one number.
    case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, floor, ceil, round, trunc
    /// Functions of two numbers.
    case pow, max, min, hypot, atan2, fmod

    /// How many numbers it takes.
    public var arity: Int {
      switch self {
      case .pow, .max, .min, .hypot, .atan2, .fmod: 2
      default: 1
      }
    }

    func callAsFunction(_ x: Double, _ y: Double) -> Double {
      switch self {
      case .abs: Swift.abs(x)
      case .sqrt: x.squareRoot()
      case .cbrt: Foundation.cbrt(x)
      case .square: x * x
      case .exp: Foundation.exp(x)
      case .expm1: Foundation.expm1(x)
      case .exp2: Foundation.exp2(x)
      case .log: Foundation.log(x)
      case .log1p: Foundation.log1p(x)
      case .log2: Foundation.log2(x)
      case .log10: Foundation.log10(x)
      case .sin: Foundation.sin(x)
      case .cos: Foundation.cos(x)
      case .tan: Foundation.tan(x)
      case .asin: Foundation.asin(x)
      case .acos: Foundation.acos(x)
      case .atan: Foundation.atan(x)
      case .sinh: Foundation.sinh(x)
      case .cosh: Foundation.cosh(x)
      case .tanh: Foundation.tanh(x)
      case .floor: x.rounded(.down)
      case .ceil: x.rounded(.up)
      case .round: x.rounded(.toNearestOrEven)
      case .trunc: x.rounded(.towardZero)
      case .pow: Foundation.pow(x, y)
      // What is not a number stays so.
      case .max: x.isNaN ? x : y.isNaN ? y : Swift.max(x, y)
      case .min: x.isNaN ? x : y.isNaN ? y : Swift.min(x, y)
      case .hypot: Foundation.hypot(x, y)
      case .atan2: Foundation.atan2(x, y)
      case .fmod: Foundation.fmod(x, y)
      }
    }
  }

  /// A number.
  case number(Double)
  /// The value of a parameter.
  case parameter(String)
  /// The number below zero that is as far from it, or above.
  case negative(Formula)
  /// The first and the second.
  case sum(Formula, Formula)
  /// The first without the second.
  case difference(Formula, Formula)
  /// The first times the second.
  case product(Formula, Formula)
  /// The first by the second.
  case quotient(Formula, Formula)
  /// The first to the power of the second.
  case power(Formula, Formula)
  /// What a function gives for its numbers.
  case function(Function, of: [Formula])

  /// The parameters that it speaks of.
  public var names: Set<String> {
    if case .parameter(let name) = self { return [name] }
    return parts.reduce(into: []) { $0.formUnion($1.names) }
  }

  private var parts: [Formula] {
    switch self {
    case .number, .parameter: []
    case .negative(let part): [part]
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b), .quotient(let a, let b),
      .power(let a, let b):
      [a, b]
    case .function(_, let parts): parts
    }
  }

  /// Its value.
  ///
  /// - Parameter number: The number of a parameter, `nil` where it has none.
  /// - Returns: `nil` where a parameter that it speaks of has no number.
  package func value(_ number: (String) -> Double?) -> Double? {
    func both(_ a: Formula, _ b: Formula, _ operation: (Double, Double) -> Double) -> Double? {
      guard let first = a.value(number), let second = b.value(number) else { return nil }
      return operation(first, second)
    }
    switch self {
    case .number(let value): return value
    case .parameter(let name): return number(name)
    case .negative(let part): return part.value(number).map { -$0 }
    case .sum(let a, let b): return both(a, b, +)
    case .difference(let a, let b): return both(a, b, -)
    case .product(let a, let b): return both(a, b, *)
    case .quotient(let a, let b): return both(a, b, /)
    case .power(let a, let b): return both(a, b, pow)
    case .function(let function, let parts):
      guard let first = parts.first else { return nil }
      return both(first, parts.count > 1 ? parts[1] : first) { function($0, $1) }
    }
  }

  // MARK: Checking

  /// The deepest formula, which files of JSON can hold.
  private static let deepest = 200

  private var depth: Int { 1 + (parts.map(\.depth).max() ?? 0) }

  /// What is wrong with it; `nil` where nothing is.
  func mistake(_ domains: [String: Domain]) -> String? {
    let depth = depth
    guard depth <= Self.deepest else { return "is nested \(depth) deep, where \(Self.deepest) is the most" }
    return mistakeInside(domains)
  }

  private func mistakeInside(_ domains: [String: Domain]) -> String? {
    switch self {
    case .number(let value): if !value.isFinite { return "has numbers that are not finite" }
    case .parameter(let name):
      guard let domain = domains[name] else { return "speaks of \(name), which does not stand before it in the space" }
      guard domain.hasNumbers else { return "calculates with \(name), which is \(domain)" }
    case .function(let function, let parts) where parts.count != function.arity:
      return "gives \(function.rawValue) \(parts.count) numbers, and it takes \(function.arity)"
    default: break
    }
    for part in parts {
      if let mistake = part.mistakeInside(domains) { return mistake }
    }
    return nil
  }
}

extension Formula: ExpressibleByStringLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// The value of a parameter, by its name.
  public init(stringLiteral name: String) { self = .parameter(name) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
}

extension Formula: CustomStringConvertible {
  /// As it would be typed, such as `layers * width + 2`.
  public var description: String { text(above: 0) }

  /// - Parameter level: How tightly the operator around it binds.
  private func text(above level: Int) -> String {
    func joined(_ a: Formula, _ sign: String, _ b: Formula, _ own: Int, _ left: Int, _ right: Int) -> String {
      let text = a.text(above: left) + sign + b.text(above: right)
      return own > level ? text : "(\(text))"
    }
    switch self {
    case .number(let value):
      let text = value == value.rounded() && Swift.abs(value) < 1e15 ? String(format: "%.0f", value) : "\(value)"
      return value < 0 && level > 0 ? "(\(text))" : text
    case .parameter(let name): return name
    case .negative(let part): return level > 2 ? "(-\(part.text(above: 3)))" : "-\(part.text(above: 3))"
    case .sum(let a, let b): return joined(a, " + ", b, 1, 0, 1)
    case .difference(let a, let b): return joined(a, " - ", b, 1, 0, 1)
    case .product(let a, let b): return joined(a, " * ", b, 2, 1, 2)
    case .quotient(let a, let b): return joined(a, " / ", b, 2, 1, 2)
    case .power(let a, let b): return joined(a, "^", b, 4, 4, 3)
    case .function(let function, let parts):
      return function.rawValue + "(\(parts.map { $0.text(above: 0) }.joined(separator: ", ")))"
    }
  }
}

extension Domain {
  /// Whether its values are numbers, or count as such: toggles, and options that spell numbers.
  package var hasNumbers: Bool {
    switch self {
    case .real, .integer, .toggle: true
    case .choice(let options): options.allSatisfy { Double($0) != nil }
    case .subset, .permutation: false
    }
  }

  /// The number that a value is or counts as, `nil` where it is none.
  package func number(of setting: Setting) -> Double? {
    switch (setting, self) {
    case (.real(let value), _): value
    case (.integer(let value), _): Double(value)
    case (.toggle(let isOn), _): isOn ? 1 : 0
    case (.choice(let place), .choice(let options)) where options.indices.contains(place): Double(options[place])
    default: nil
    }
  }
}
