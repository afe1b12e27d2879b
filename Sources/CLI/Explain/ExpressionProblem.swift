import Descent
import Foundation

/// An expression with the values that it is taken at.
struct ExpressionProblem {
  let expression: Expression
  /// The values, in the order in which they were given.
  private(set) var values: [(name: String, value: Double)] = []
  /// The functions that are shown by their parts.
  private let opened: Set<String>
  /// The numbers that have names of their own, but for those names that were given other values.
  private var constants: [String: Double] {
    ["pi": .pi, "π": .pi, "e": exp(1)].filter { constant in !values.contains { $0.name == constant.key } }
  }

  /// Reads an expression and its values.
  ///
  /// - Throws: `ExpressionError` or `ExplainError`.
  init(_ text: String, at: [String], define: [String], open: [String] = []) throws {
    opened = try Self.opened(open)
    var functions = ExpressionFunction.all
    var defined: Set<String> = []
    for item in define.flatMap({ $0.split(separator: ",") }) {
      let parts = item.split(separator: "=", omittingEmptySubsequences: false).map(NamedValues.trimmed)
      guard parts.count == 2, NamedValues.isName(parts[0]) else {
        throw ExplainError("--define \(item): say NAME=FUNCTION, such as f=tanh")
      }
      guard let function = ExpressionFunction.all[parts[1]] else {
        throw ExplainError("--define \(item): \(ExpressionFunction.unknown(parts[1]))")
      }
      guard defined.insert(parts[0]).inserted else { throw ExplainError("--define gives '\(parts[0])' twice") }
      functions[parts[0]] = function
    }
    expression = try ExpressionParser.parse(text, functions: functions)
    values = try NamedValues.numbers(at, of: "--at")
    let names = expression.names.filter { constants[$0.name] == nil }
    if let odd = values.first(where: { value in !names.contains { $0.name == value.name } }) {
      let known = names.map(\.name).sorted().joined(separator: ", ")
      throw ExplainError("the expression has no '\(odd.name)'" + (known.isEmpty ? "" : "; it has \(known)"))
    }
    if let missing = names.first(where: { name in !values.contains { $0.name == name.name } }) {
      throw ExpressionError(
        text: text, column: missing.column, message: "'\(missing.name)' has no value; say --at \(missing.name)=0.5")
    }
    if values.isEmpty {
      throw ExplainError("the expression has no names, so that there is nothing to differentiate with respect to")
    }
  }

  private static func opened(_ items: [String]) throws -> Set<String> {
    let names = items.flatMap { $0.split(separator: ",") }.map(NamedValues.trimmed)
    if names.contains("all") { return Set(ExpressionFunction.all.keys) }
    if let odd = names.first(where: { ExpressionFunction.all[$0] == nil }) {
      throw ExplainError("--open \(odd): \(ExpressionFunction.unknown(odd))")
    }
    return Set(names)
  }

  /// Computes with tensors; see `Expression.tensor`.
  func tensor(_ value: (String) -> Tensor, _ named: (Tensor, String) -> Void = { _, _ in }) -> Tensor {
    let constants = constants
    return expression.tensor(
      { name in
        guard let constant = constants[name] else { return value(name) }
        let tensor = Tensor(constant, .float64)
        named(tensor, name)
        return tensor
      }, named)
  }

  /// What happens in the expression.
  ///
  /// - Throws: `TensorError` of a mistake in it.
  func explanation() throws -> Explanation {
    try explain(values, opening: opened) { known in
      var named: [(Tensor, name: String)] = []
      let result = tensor({ known[$0] }, { named.append(($0, $1)) })
      return (result, named)
    }
  }

  /// What is wrong with the numbers of an explanation, in one line: a value or derivative that is not finite.
  func fault(of explanation: Explanation) -> String? {
    if let node = explanation.firstBreak {
      let value = node.value.number ?? .nan
      let operands = explanation.operands(of: node).filter { $0.role != .constant }.map {
        "\($0.name) = \($0.value.number.map(short) ?? "?")"
      }
      var line = "\(node.name) = \(node.formula) is \(value.isNaN ? "not a number" : "infinite")"
      if !operands.isEmpty { line += " at \(operands.joined(separator: ", "))" }
      if node.operation == "divide", explanation.operands(of: node).last?.value.number == 0 {
        line += ": a division by zero"
      }
      return line
    }
    guard let odd = explanation.derivatives.first(where: { $0.value.number?.isFinite != true }) else { return nil }
    let value = odd.value.number ?? .nan
    return "the derivative in \(odd.name) is \(value.isNaN ? "not a number" : "infinite") here"
  }
}

/// A number with six digits.
func short(_ number: Double) -> String {
  if number == 0 { return "0" }
  return number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-∞" : "∞") : String(format: "%.6g", number)
}
