import DescentMinimization
import DescentTensors
import Foundation
import TestProblems
import Testing

/// Prints what `scripts/minimum-table` shows; `DESCENT_MINIMUM_TABLE` says which: `problems`, `rosenbrock` or `time`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DESCENT_MINIMUM_TABLE"] != nil)) struct MinimumTable {
  private static let part = ProcessInfo.processInfo.environment["DESCENT_MINIMUM_TABLE"]

  private let methods: [(name: String, method: MinimizationMethod)] = [
    ("L-BFGS", .lbfgs()), ("BFGS", .bfgs()), ("CG", .conjugateGradient()),
    ("CG, PR+", .conjugateGradient(.polakRibiere)),
    ("Newton", .newton()), ("Newton-CG", .newtonCG()), ("trust region", .trustRegion()),
    ("Steihaug", .trustRegion(.steihaug)), ("gradient", .gradientDescent()), ("Nelder–Mead", .nelderMead()),
    ("Powell", .powell()),
  ]

  /// A table in Markdown: how many evaluations each method needs from the standard starts. An arrow means that the search
  /// did not end at a minimum that the table names, to eight digits.
  @Test(.enabled(if: part == "problems")) func problems() {
    print("| problem | minimum | " + methods.map(\.name).joined(separator: " | ") + " |")
    print("| --- | --- |" + methods.map { _ in " --- |" }.joined())
    var solved = methods.map { _ in 0 }
    for problem in Problem.all {
      var cells: [String] = []
      for (index, method) in methods.map(\.method).enumerated() {
        do {
          let result = try minimize(
            problem.value, from: problem.startPoint, by: method,
            stopping: Stopping(gradient: 1e-10, iterations: 10_000, evaluations: 50_000))
          let isSolved = problem.isSolved(by: result.value)
          if isSolved { solved[index] += 1 }
          let count = result.evaluations.values
          cells.append(isSolved ? "\(count)" : "→ \(short(result.value)) (\(count))")
        } catch { cells.append("→ \(error)") }
      }
      let minima = problem.minima.map { short($0) }.joined(separator: ", ")
      print("| \(problem) | \(minima) | " + cells.joined(separator: " | ") + " |")
    }
    print("| solved of \(Problem.all.count) | | " + solved.map { "\($0)" }.joined(separator: " | ") + " |")
  }

  /// Name, unknowns, iterations, evaluations and value of each method, to a gradient of 1e-5, and without derivatives to a
  /// value.
  @Test(.enabled(if: part == "rosenbrock")) func rosenbrockCounts() throws {
    for (name, method) in methods where name != "gradient" {
      for start in [[1.3, 0.7, 0.8, 1.9, 1.2], [-1.2, 1]] {
        let target = start.count == 5 ? 1e-4 : 1e-9
        let result = try minimize(
          rosenbrock, from: Tensor(start, .float64), by: method,
          stopping: name == "Nelder–Mead" ? Stopping(target: target) : Stopping(gradient: 1e-5))
        let row = [name, "\(start.count)", "\(result.iterations)", "\(result.evaluations.values)", "\(result.value)"]
        print("|" + row.joined(separator: "|"))
      }
    }
  }

  private func rosenbrock(_ x: Tensor) -> Tensor {
    let (head, tail) = (x[0..<x.count - 1], x[1..<x.count])
    return (100.0 * square(tail - head * head) + square(1.0 - head)).sum()
  }

  /// How long ten thousand iterations of a function of two numbers take.
  @Test(.enabled(if: part == "time")) func time() throws {
    let clock = ContinuousClock()
    for (name, method) in [
      ("fixed rate", MinimizationMethod.gradientDescent(.fixed(1e-4))), ("Armijo", .gradientDescent(.armijo)),
      ("Nelder–Mead", .nelderMead()),
    ] {
      var counts = (iterations: 0, evaluations: 0)
      let time = try clock.measure {
        let result = try minimize(
          rosenbrock, from: Tensor([-1.2, 1.0], .float64), by: method,
          stopping: Stopping(gradient: 0, iterations: 10_000))
        counts = (result.iterations, result.evaluations.values)
      }
      print("|\(name)|\(counts.iterations) iterations|\(counts.evaluations) evaluations|\(time)")
    }
  }

  /// A number of four digits.
  private func short(_ value: Double) -> String {
    value == 0 ? "0" : String(format: "%.4g", value)
  }
}
