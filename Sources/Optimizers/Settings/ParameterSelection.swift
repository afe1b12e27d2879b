import DescentTensors

/// Some of a model's parameters, chosen by what is known of each.
///
/// Selections are values: they can be compared, printed and coded, one by a function of the user's own by its name.
public struct ParameterSelection: Sendable, Hashable {
  private indirect enum Rule: Sendable, Hashable {
    case all
    case matrices
    case paths([String])
    case names([String])
    case not(Rule)
    case both(Rule, Rule)
    case function(Predicate)
  }

  private typealias Predicate = NamedFunction<@Sendable (ParameterInfo) -> Bool>

  private let rule: Rule

  private init(_ rule: Rule) { self.rule = rule }

  /// Every parameter.
  public static let all = ParameterSelection(.all)
  /// Those of two and more axes: matrices and kernels, but no biases and no scales of normalization.
  public static let matrices = ParameterSelection(.matrices)

  /// Those at a path or below it: `.paths("encoder", "head.weight")`.
  public static func paths(_ paths: String...) -> ParameterSelection { ParameterSelection(.paths(paths)) }

  /// Those whose property has one of these names: `.names("bias")`.
  public static func names(_ names: String...) -> ParameterSelection { ParameterSelection(.names(names)) }

  /// Those for which a function says so.
  ///
  /// - Parameters:
  ///   - name: What the selection is called in descriptions and in files, from which Swift code cannot be read.
  ///   - predicate: Whether a parameter is one of them.
  public static func `where`(
    _ name: String = "selection", _ predicate: @escaping @Sendable (ParameterInfo) -> Bool
  ) -> ParameterSelection { ParameterSelection(.function(Predicate(name, predicate))) }

  /// All others.
  public static prefix func ! (selection: ParameterSelection) -> ParameterSelection {
    ParameterSelection(.not(selection.rule))
  }

  /// Those of this selection that are also of another.
  public func and(_ other: ParameterSelection) -> ParameterSelection { ParameterSelection(.both(rule, other.rule)) }

  /// Whether a parameter is one of them.
  public func contains(_ parameter: ParameterInfo) -> Bool { Self.contains(rule, parameter) }

  private static func contains(_ rule: Rule, _ parameter: ParameterInfo) -> Bool {
    switch rule {
    case .all: true
    case .matrices: parameter.rank >= 2
    case .paths(let paths): paths.contains { parameter.isWithin($0) }
    case .names(let names): names.contains(parameter.name)
    case .not(let other): !contains(other, parameter)
    case .both(let one, let other): contains(one, parameter) && contains(other, parameter)
    case .function(let function): function.function(parameter)
    }
  }
}

extension ParameterSelection: CustomStringConvertible {
  /// The selection as it is written in Swift, a function by its name.
  public var description: String { Self.text(rule) }

  private static func text(_ rule: Rule) -> String {
    switch rule {
    case .all: "all"
    case .matrices: "matrices"
    case .paths(let paths): "paths(\(paths.map { "\"\($0)\"" }.joined(separator: ", ")))"
    case .names(let names): "names(\(names.map { "\"\($0)\"" }.joined(separator: ", ")))"
    case .not(let other): "!\(text(other))"
    case .both(let one, let other): "\(text(one)).and(\(text(other)))"
    case .function(let function): function.name
    }
  }
}

extension ParameterSelection: Codable {
  private enum CodingKeys: String, CodingKey { case all, matrices, paths, names, not, and, function }

  /// Reads a selection.
  ///
  /// - Throws: `DecodingError` where it is a function in Swift, of which files have the name alone.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func part(_ key: CodingKeys) throws -> Rule { try container.decode(ParameterSelection.self, forKey: key).rule }
    switch container.allKeys.first {
    case .all: rule = .all
    case .matrices: rule = .matrices
    case .paths: rule = .paths(try container.decode([String].self, forKey: .paths))
    case .names: rule = .names(try container.decode([String].self, forKey: .names))
    case .not: rule = .not(try part(.not))
    case .and:
      let parts = try container.decode([ParameterSelection].self, forKey: .and)
      guard let first = parts.first else { throw Self.unknown(decoder) }
      rule = parts.dropFirst().reduce(first.rule) { .both($0, $1.rule) }
    case .function: rule = .function(try container.decode(OpaqueBox<Predicate>.self, forKey: .function).value)
    case nil: throw Self.unknown(decoder)
    }
  }

  private static func unknown(_ decoder: any Decoder) -> DecodingError {
    DecodingError.dataCorrupted(
      .init(codingPath: decoder.codingPath, debugDescription: "is not a selection of parameters"))
  }

  /// Writes the selection, a function by its name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch rule {
    case .all: try container.encode(true, forKey: .all)
    case .matrices: try container.encode(true, forKey: .matrices)
    case .paths(let paths): try container.encode(paths, forKey: .paths)
    case .names(let names): try container.encode(names, forKey: .names)
    case .not(let other): try container.encode(ParameterSelection(other), forKey: .not)
    case .both(let one, let other):
      try container.encode([ParameterSelection(one), ParameterSelection(other)], forKey: .and)
    case .function(let function):
      try container.encode(OpaqueBox(value: function, name: function.name), forKey: .function)
    }
  }
}
