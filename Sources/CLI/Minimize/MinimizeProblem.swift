import Descent
import Foundation

/// An expression whose lowest point is looked for.
struct MinimizeProblem {
  /// A search by one of the methods.
  struct Search {
    /// The method's name on the command line.
    let name: String
    let result: Result<Minimum<Tensor>, any Error>

    var minimum: Minimum<Tensor>? { try? result.get() }
  }

  let text: String
  let names: [String]
  let start: [Double]
  private let problem: ExpressionProblem

  /// - Throws: `ExpressionError` or `ExplainError`.
  init(_ text: String, at: [String], define: [String]) throws {
    problem = try ExpressionProblem(text, at: at, define: define)
    self.text = text
    names = problem.values.map(\.name)
    start = problem.values.map(\.value)
  }

  /// The value at a point.
  func value(_ point: Tensor) -> Tensor {
    problem.tensor { name in names.firstIndex(of: name).map { point[$0] } ?? Tensor(.nan, .float64) }
  }

  /// Searches from the start.
  func search(_ settings: MinimizeSettings, by method: (name: String, method: MinimizationMethod)) -> Search {
    Search(name: method.name, result: Result { try found(settings, by: method.method) })
  }

  private func found(_ settings: MinimizeSettings, by method: MinimizationMethod) throws -> Minimum<Tensor> {
    let from = Tensor(start, .float64)
    // Without the type of the result in sight, or Swift looks at functions of other points.
    guard settings.isMaximized else {
      let lowest = try minimize(
        value, from: from, by: method, within: settings.set, stopping: settings.stopping, recordsPath: true)
      return lowest
    }
    let highest = try maximize(
      value, from: from, by: method, within: settings.set, stopping: settings.stopping, recordsPath: true)
    return highest
  }
}

/// How a lowest point is looked for.
struct MinimizeSettings {
  var isMaximized: Bool
  var set: FeasibleSet
  var stopping: Stopping
}

/// The methods by the names that the command line has for them.
enum MinimizeMethods {
  static let all: [(name: String, method: MinimizationMethod)] = [
    ("lbfgs", .lbfgs()), ("bfgs", .bfgs()), ("newton", .newton()), ("newton-cg", .newtonCG()),
    ("trust-region", .trustRegion(.exact)), ("trust-region-steihaug", .trustRegion(.steihaug)),
    ("conjugate-gradient", .conjugateGradient(.hagerZhang)),
    ("conjugate-gradient-polak-ribiere", .conjugateGradient(.polakRibiere)),
    ("gradient-descent", .gradientDescent(.barzilaiBorwein)), ("gradient-descent-armijo", .gradientDescent(.armijo)),
    ("nelder-mead", .nelderMead()), ("powell", .powell()), ("brent", .brent()),
    ("golden-section", .goldenSection()),
  ]

  static var names: String { all.map(\.name).joined(separator: ", ") }

  /// Those that can be used for so many numbers.
  static func fitting(_ count: Int) -> [(name: String, method: MinimizationMethod)] {
    all.filter { count == 1 || !["brent", "golden-section"].contains($0.name) }
  }
}
