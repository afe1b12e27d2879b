import Descent
import Foundation

/// What `--where` says of parameters, and `--constraint` of what a program prints.
enum StudyConstraints {
  /// A constraint that only shows when a setting is measured.
  struct Measured: Sendable {
    /// As it was given.
    let text: String
    /// What is above zero violates it.
    let violation: Formula
    /// The values that the program has to print.
    let names: Set<String>
  }

  /// The numbers that have names of their own, but for those that parameters have.
  static func constants(besides names: some Collection<String>) -> [String: Double] {
    ["pi": .pi, "π": .pi, "e": exp(1)].filter { !names.contains($0.key) }
  }

  /// A space with what has to hold of its settings.
  ///
  /// - Throws: `ExpressionError`, `ExplainError` or `SearchError`.
  static func space(_ space: Space, where texts: [String]) throws -> Space {
    var space = space
    let known = space.parameters.map(\.name)
    for text in texts {
      let comparison = try comparison(text, of: "--where", constants(besides: known)) { name, column in
        guard !known.contains(name) else { return }
        let hint = nearestName(to: name, among: known).map { "did you mean '\($0)'?" }
        throw ExpressionError(
          text: text, column: column,
          message: "'\(name)' is not in the space; "
            + (hint ?? "--where speaks of parameters, --constraint of what a program prints"))
      }
      let (left, right) = (comparison.left, comparison.right)
      guard !left.names.union(right.names).isEmpty else {
        throw ExplainError("--where '\(text)': it speaks of no parameter, and always says the same")
      }
      let condition: Condition =
        switch comparison.sign {
        case .atMost: .atMost(left, right)
        case .atLeast: .atMost(right, left)
        case .below: .below(left, right)
        case .above: .below(right, left)
        case .equal: .equal(left, right)
        }
      space.constraints.append(condition)
    }
    try space.check()
    return space
  }

  /// - Throws: `ExpressionError` or `ExplainError`.
  static func measured(_ texts: [String], over space: Space) throws -> [Measured] {
    let domains = space.domains
    return try texts.map { text in
      let comparison = try comparison(text, of: "--constraint", constants(besides: domains.keys)) { name, _ in
        if let domain = domains[name], !domain.hasNumbers {
          throw ExplainError("--constraint '\(text)': '\(name)' is \(domain), which is not a number")
        }
      }
      let (left, right) = (comparison.left, comparison.right)
      let names = left.names.union(right.names).filter { domains[$0] == nil }
      guard !names.isEmpty else {
        throw ExplainError(
          "--constraint '\(text)': it speaks of parameters alone; say --where '\(text)', and nothing is tried in vain")
      }
      switch comparison.sign {
      case .atMost: return Measured(text: text, violation: .difference(left, right), names: names)
      case .atLeast: return Measured(text: text, violation: .difference(right, left), names: names)
      case .below, .above, .equal:
        throw ExplainError("--constraint '\(text)': what is measured is compared by <= or >=, such as memory <= 8")
      }
    }
  }

  private static func comparison(
    _ text: String, of option: String, _ constants: [String: Double], _ check: (String, Int) throws -> Void
  ) throws -> (left: Formula, sign: ExpressionParser.Sign, right: Formula) {
    let comparison = try ExpressionParser.comparison(text, functions: ExpressionFunction.all)
    func formula(_ expression: Expression) throws -> Formula {
      for name in expression.names where constants[name.name] == nil { try check(name.name, name.column) }
      do { return try expression.formula(constants) } catch { throw ExplainError("\(option) '\(text)': \(error)") }
    }
    return (try formula(comparison.left), comparison.sign, try formula(comparison.right))
  }
}

extension Expression {
  /// The expression as conditions on parameters have it.
  ///
  /// - Throws: `ExplainError` of a function that is not among theirs.
  fileprivate func formula(_ constants: [String: Double]) throws -> Formula {
    func inner(_ expression: Expression) throws -> Formula { try expression.formula(constants) }
    switch self {
    case .number(let number): return .number(number)
    case .name(let name, _): return constants[name].map { .number($0) } ?? .parameter(name)
    case .negative(.number(let number)): return .number(-number)
    case .negative(let a): return .negative(try inner(a))
    case .sum(let a, let b): return .sum(try inner(a), try inner(b))
    case .difference(let a, let b): return .difference(try inner(a), try inner(b))
    case .product(let a, let b): return .product(try inner(a), try inner(b))
    case .quotient(let a, let b): return .quotient(try inner(a), try inner(b))
    case .power(let a, let b): return .power(try inner(a), try inner(b))
    case .call(let function, _, let arguments):
      guard let known = Formula.Function(rawValue: function.name) else {
        let names = Formula.Function.allCases.map(\.rawValue).joined(separator: ", ")
        throw ExplainError("'\(function.name)' is not among the functions of constraints: \(names)")
      }
      return .function(known, of: try arguments.map(inner))
    }
  }
}
