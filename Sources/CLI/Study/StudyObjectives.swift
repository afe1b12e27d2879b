import Descent

/// What a study of the command line measures: a name and a direction for each number, and the numbers of a trial.
protocol StudyMeasurement: Sendable {
  var names: [String] { get }
  func values(_ trial: Trial) throws -> [Double]
}

/// Expressions of the parameters.
struct MeasuredExpressions: StudyMeasurement {
  let names: [String]
  private let expressions: [Expression]
  private let constants: [String: Double]
  private let domains: [String: Domain]

  /// - Throws: `ExpressionError` or `ExplainError` where they do not fit the space.
  init(_ texts: [String], over space: Space) throws {
    names = texts
    expressions = try texts.map { try ExpressionParser.parse($0, functions: ExpressionFunction.all) }
    domains = space.domains
    let known = space.parameters.map(\.name)
    constants = StudyConstraints.constants(besides: known)
    var used: Set<String> = []
    for (text, expression) in zip(texts, expressions) {
      for name in expression.names where constants[name.name] == nil {
        used.insert(name.name)
        guard !known.contains(name.name) else { continue }
        let hint = nearestName(to: name.name, among: known).map { "did you mean '\($0)'?" }
        throw ExpressionError(
          text: text, column: name.column,
          message: "'\(name.name)' is not in the space; \(hint ?? "say --space \(name.name)=0..1")")
      }
    }
    if let odd = known.first(where: { !used.contains($0) }) {
      throw ExplainError("--space gives '\(odd)', which no objective uses")
    }
    for parameter in space.parameters {
      guard case .choice(let options) = parameter.domain else { continue }
      if let odd = options.first(where: { Double($0) == nil }) {
        throw ExplainError("--space \(parameter.name): '\(odd)' is not a number, which an expression needs")
      }
    }
  }

  func values(_ trial: Trial) throws -> [Double] {
    var numbers = constants
    for (name, domain) in domains { numbers[name] = domain.number(of: trial.setting(name, domain)) }
    return try expressions.map { expression in
      try expression.tensor { Tensor(numbers[$0] ?? .nan, .float64) }.item()
    }
  }
}
