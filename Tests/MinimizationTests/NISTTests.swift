import DescentTensors
import Foundation
import Testing

@testable import DescentMinimization

/// Fits of all problems of NIST's Statistical Reference Datasets, from both starts.
@Suite struct NISTTests {
  /// The digits to which a number is right.
  private func digits(_ found: Double, _ wanted: Double) -> Double {
    found == wanted ? 16 : min(16, -log10(abs(found - wanted) / abs(wanted)))
  }

  @Test func allAreThere() {
    #expect(NISTProblem.all.count == 27)
    #expect(NISTProblem.all.allSatisfy { $0.observed.count == $0.degreesOfFreedom + $0.parameters.count })
    #expect(NISTProblem.all.map(\.observed.count).reduce(0, +) == 2_176)
  }

  @Test(arguments: NISTProblem.all) func nineDigits(of problem: NISTProblem) throws {
    for start in problem.starts {
      let fit = try leastSquares(
        from: Tensor(start, .float64), observed: Tensor(problem.observed, .float64), residuals: problem.residuals)
      #expect(fit.isConverged && fit.degreesOfFreedom == problem.degreesOfFreedom, "\(fit)")
      let parameters = zip(fit.numbers, problem.parameters).map(digits).min() ?? 0
      let errors = zip(fit.standardErrors, problem.standardErrors).map(digits).min() ?? 0
      let squares = digits(fit.residualSumOfSquares, problem.squares)
      if ProcessInfo.processInfo.environment["DESCENT_FIT_TABLE"] != nil {
        let numbers = [parameters, errors, squares].map { String(format: "%.1f", $0) }
        print(
          "| \(problem.name) | \(start) | \(numbers.joined(separator: " | ")) | \(fit.iterations) | \(fit.evaluations.residuals) |"
        )
      }
      #expect(parameters >= 9, "\(problem.name) from \(start): \(parameters) digits\n\(fit)")
      // Its residuals are the thirteenth digit of the data: Float64 leaves them two or three digits of their own.
      let isRounding = problem.name == "Lanczos1"
      #expect(errors >= (isRounding ? 2 : 9), "\(problem.name) from \(start): \(errors) digits of the standard errors")
      #expect(squares >= (isRounding ? 1.5 : 9), "\(problem.name) from \(start): \(squares) digits of the squares")
    }
  }

  /// From the nearer start the other methods get there, too: a third of the problems.
  @Test(arguments: [LeastSquaresMethod.dogleg(), .gaussNewton]) func otherMethods(method: LeastSquaresMethod) throws {
    for index in stride(from: 0, to: NISTProblem.all.count, by: 3) {
      let problem = NISTProblem.all[index]
      let fit = try leastSquares(
        from: Tensor(problem.starts[1], .float64), by: method, residuals: problem.residuals)
      let parameters = zip(fit.numbers, problem.parameters).map(digits).min() ?? 0
      #expect(parameters >= 9, "\(problem.name): \(parameters) digits\n\(fit)")
    }
  }
}
