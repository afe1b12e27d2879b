import Descent
import Foundation

/// An expression that is to be fitted to the columns of a file.
struct FitProblem {
  let expression: Expression
  /// The parameters with their starts, in the order in which they were given.
  let parameters: [(name: String, value: Double)]
  /// The predictors: how the expression calls them, and their numbers.
  let predictors: [(name: String, values: [Double])]
  /// What is fitted.
  let observed: [Double]
  /// What it is called.
  let title: String
  let weights: [Double]?
  private let constants: [String: Double]

  /// Puts together an expression, the columns of a file and the starts of the parameters.
  ///
  /// - Parameters:
  ///   - text: The expression.
  ///   - x: The predictors: names of columns that are names in the expression, or `NAME=COLUMN`.
  ///   - y: What is fitted: a column, or an expression of columns such as `log(y)`.
  ///   - at: The starts.
  ///   - weights: The column of what the square of each residual is multiplied by.
  /// - Throws: `ExpressionError`, `ExplainError` and `FileError` of what does not fit together.
  init(_ text: String, _ file: DataFile, x: [String], y: String, at: [String], weights: String?) throws {
    expression = try ExpressionParser.parse(text, functions: ExpressionFunction.all)
    let starts = try NamedValues.numbers(at, of: "--at")
    parameters = starts
    var predictors: [(name: String, values: [Double])] = []
    for item in x.flatMap({ $0.split(separator: ",") }) {
      let parts = item.split(separator: "=", maxSplits: 1).map(NamedValues.trimmed)
      guard let name = parts.first, NamedValues.isName(name), let column = parts.last else {
        throw ExplainError(
          "--x \(item): '\(parts.first ?? "")' cannot stand in an expression; say NAME=COLUMN, such as x=\(item)")
      }
      guard !predictors.contains(where: { $0.name == name }) else { throw ExplainError("--x gives '\(name)' twice") }
      guard !starts.contains(where: { $0.name == name }) else {
        throw ExplainError("'\(name)' is given by --x and by --at; it is either a column or a parameter")
      }
      predictors.append((name, try file.numbers(column)))
    }
    self.predictors = predictors
    let known = Dictionary(uniqueKeysWithValues: [("pi", Double.pi), ("π", Double.pi), ("e", exp(1.0))])
      .filter { constant in
        !starts.contains { $0.name == constant.key } && !predictors.contains { $0.name == constant.key }
      }
    constants = known
    let names = expression.names.filter { known[$0.name] == nil }
    for name in names
    where !starts.contains(where: { $0.name == name.name }) && !predictors.contains(where: { $0.name == name.name }) {
      let advice = "say --at \(name.name)=1 for a parameter, or --x \(name.name) for a column"
      throw ExpressionError(text: text, column: name.column, message: "'\(name.name)' is not known; \(advice)")
    }
    func mustStand(_ name: String, _ option: String) throws {
      guard !names.contains(where: { $0.name == name }) else { return }
      let all = names.map(\.name).joined(separator: ", ")
      throw ExplainError(
        "\(option) gives '\(name)', which is not in the expression" + (all.isEmpty ? "" : "; it has \(all)"))
    }
    for start in starts { try mustStand(start.name, "--at") }
    for predictor in predictors { try mustStand(predictor.name, "--x") }
    guard !starts.isEmpty else { throw ExplainError("--at gives no parameter, so that there is nothing to fit") }
    title = y
    observed = try Self.observed(y, file)
    self.weights = try weights.map { try file.numbers($0) }
    guard observed.count >= starts.count else {
      throw ExplainError(
        "\(file.path) has \(observed.count) rows, where \(starts.count) parameters need at least as many")
    }
  }

  /// A column, or an expression of columns.
  private static func observed(_ text: String, _ file: DataFile) throws -> [Double] {
    if file.column(text) != nil || NamedValues.isName(text) { return try file.numbers(text) }
    let expression = try ExpressionParser.parse(text, functions: ExpressionFunction.all)
    var columns: [String: Tensor] = [:]
    for name in expression.names { columns[name.name] = Tensor(try file.numbers(name.name), .float64) }
    let values = try expression.tensor { columns[$0] ?? Tensor(.nan, .float64) }.scalars()
    guard values.count == file.table.rowCount else { throw ExplainError("--y \(text): names no column") }
    if let row = values.firstIndex(where: { !$0.isFinite }) {
      throw ExplainError("--y \(text): is not finite in row \(row + 1)")
    }
    return values
  }

  /// The expression's values for parameters, at the rows of the file or for other predictors.
  func predictions(_ parameters: Tensor, at predictors: [[Double]]? = nil) -> Tensor {
    let columns = predictors ?? self.predictors.map(\.values)
    let rows = columns.first?.count ?? observed.count
    let value = expression.tensor { name in
      if let index = self.parameters.firstIndex(where: { $0.name == name }) { return parameters[index] }
      if let index = self.predictors.firstIndex(where: { $0.name == name }) {
        return Tensor(columns[index], .float64)
      }
      return Tensor(constants[name] ?? .nan, .float64)
    }
    // An expression without predictors is one number for all rows.
    return value.rank == 0 ? value.broadcast(to: [rows]) : value
  }

  /// Fits the expression.
  func fit(
    by method: LeastSquaresMethod, loss: ResidualLoss, within set: FeasibleSet, stopping: Stopping
  ) throws -> Fit<Tensor> {
    let y = Tensor(observed, .float64)
    return try leastSquares(
      from: Tensor(parameters.map(\.value), .float64), by: method, within: set, loss: loss,
      weights: weights.map { Tensor($0, .float64) }, observed: y, stopping: stopping
    ) { parameters in y - predictions(parameters) }
  }

  /// The bounds of the parameters.
  ///
  /// - Throws: `ExplainError` where one is of a name that is not a parameter.
  func box(_ within: [String]) throws -> FeasibleSet {
    try NamedBounds.box(within, of: parameters.map(\.name))
  }
}

/// Bounds by the names of numbers.
enum NamedBounds {
  /// - Throws: `ExplainError` where one is of an unknown name.
  static func box(_ within: [String], of names: [String]) throws -> FeasibleSet {
    guard !within.isEmpty else { return .everywhere }
    var lower = [Double](repeating: -.infinity, count: names.count)
    var upper = [Double](repeating: .infinity, count: names.count)
    for range in try NamedValues.ranges(within, of: "--within") {
      guard let index = names.firstIndex(of: range.name) else {
        throw ExplainError(
          "--within \(range.name): there is no such value; there are \(names.joined(separator: ", "))")
      }
      (lower[index], upper[index]) = (range.lower, range.upper)
    }
    return .box(lower: Tensor(lower, .float64), upper: Tensor(upper, .float64))
  }
}
