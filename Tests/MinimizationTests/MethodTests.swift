import DescentTensors
import Foundation
import TestProblems
import Testing

@testable import DescentMinimization

@Suite struct MethodTests {
  private static let smooth: [MinimizationMethod] = [
    .lbfgs(), .bfgs(), .conjugateGradient(.polakRibiere),
    .conjugateGradient(.hagerZhang),
    .newton(), .newtonCG(), .trustRegion(.exact), .trustRegion(.steihaug),
  ]

  /// What a method does not solve in Float64 from the standard start, as Documentation/Minimization.md explains. Conjugate
  /// gradients are left out where they take too long for a test as well.
  private static let unsolved: [String: Set<String>] = [
    "L-BFGS, 10 steps remembered": ["20 Watson, n = 12"], "BFGS": ["20 Watson, n = 12"],
    "conjugate gradients, Polak and Ribière": slow, "conjugate gradients, Hager and Zhang": slow,
    "Newton-CG": ["10 Meyer", "20 Watson, n = 12"], "trust region, exact": ["18 Biggs EXP6", "35 Chebyquad, n = 10"],
    "trust region, Steihaug and Toint": ["10 Meyer", "20 Watson, n = 12"],
  ]
  private static let slow: Set<String> = [
    "3 Powell badly scaled", "4 Brown badly scaled", "10 Meyer", "11 Gulf", "16 Brown and Dennis", "17 Osborne 1",
    "18 Biggs EXP6", "19 Osborne 2", "20 Watson, n = 6", "20 Watson, n = 9", "20 Watson, n = 12",
    "24 Penalty II, n = 4", "24 Penalty II, n = 10", "31 Broyden banded, n = 10",
  ]

  @Test(arguments: Problem.all) func problemsAreSolved(problem: Problem) throws {
    let start = Tensor(problem.start, shape: [problem.start.count], .float64)
    for method in Self.smooth where Self.unsolved[method.description]?.contains(problem.description) != true {
      let result = try minimize(
        problem.value, from: start, by: method, stopping: Stopping(gradient: 1e-10, iterations: 5_000))
      #expect(problem.isSolved(by: result.value), "\(method): \(result)")
    }
  }

  @Test func anotherLineSearch() throws {
    for problem in Problem.all where [1, 5, 7, 8, 14, 21].contains(problem.number) {
      let result = try minimize(
        problem.value, from: problem.startPoint, by: .lbfgs(search: .hagerZhang()), stopping: Stopping(gradient: 1e-9))
      #expect(problem.isSolved(by: result.value), "\(problem): \(result)")
    }
  }

  @Test(arguments: [MinimizationMethod.nelderMead(), .powell()]) func withoutDerivatives(method: MinimizationMethod)
    throws
  {
    for problem in Problem.all where [1, 5, 7, 8, 9, 14].contains(problem.number) {
      let start = Tensor(problem.start, shape: [problem.start.count], .float64)
      let result = try minimize(problem.value, from: start, by: method)
      #expect(problem.isSolved(by: result.value), "\(problem): \(result)")
      #expect(result.evaluations.gradients == 0)
      #expect(result.gradientNorm.isNaN)
    }
  }

  @Test func newtonSolvesQuadraticsInOneStep() throws {
    let a = Tensor([4.0, 1, 0.5, 1, 3, -0.5, 0.5, -0.5, 2], shape: [3, 3], .float64)
    let b = Tensor([1.0, -2, 3], .float64)
    func quadratic(_ x: Tensor) -> Tensor { 0.5 * (x * matmul(a, x)).sum() - (b * x).sum() }
    let start = Tensor([5.0, -7, 11], .float64)
    let solution = try solve(a, b).scalars()
    for method in [MinimizationMethod.newton(), .trustRegion(.exact)] {
      let result = try minimize(quadratic, from: start, by: method, stopping: Stopping(gradient: 1e-10))
      for (found, right) in zip(result.numbers, solution) { #expect(abs(found - right) < 1e-9, "\(method)") }
    }
    #expect(try minimize(quadratic, from: start, by: .newton(), stopping: Stopping(gradient: 1e-10)).iterations == 1)
    let few = try minimize(
      quadratic, from: start, by: .conjugateGradient(.polakRibiere, search: .strongWolfe(curvature: 1e-3)))
    #expect(few.iterations <= 6, "\(few)")
  }

  @Test func barzilaiAndBorweinConvergeWhereAFixedRateCrawls() throws {
    let scales = Tensor([1.0, 10, 100], .float64)
    func bowl(_ x: Tensor) -> Tensor { (scales * square(x)).sum() }
    let start = Tensor([1.0, 1, 1], .float64)
    let fast = try minimize(bowl, from: start, by: .gradientDescent(.barzilaiBorwein))
    #expect(fast.reason == .gradient && fast.iterations < 120, "\(fast)")
    let armijo = try minimize(bowl, from: start, by: .gradientDescent(.armijo))
    #expect(armijo.reason == .gradient, "\(armijo)")
    let fixed = try minimize(bowl, from: start, by: .gradientDescent(.fixed(0.005)))
    #expect(fixed.reason == .gradient && fixed.iterations > fast.iterations)
    // The error of the slowest number shrinks by 1 − 2 · 0.005 a step.
    let some = try minimize(
      bowl, from: start, by: .gradientDescent(.fixed(0.005)), stopping: Stopping(iterations: 100))
    #expect(abs(some.numbers[0] - pow(0.99, 100)) < 1e-12)
    let wild = try minimize(bowl, from: start, by: .gradientDescent(.fixed(1)), stopping: Stopping(iterations: 1000))
    #expect(!wild.isConverged)
  }

  @Test func oneNumber() throws {
    func wave(_ x: Tensor) -> Tensor { (square(x - 1.5) + 0.3 * sin(5.0 * x)).sum() }
    let right = try minimize(wave, from: Tensor(1.7, .float64), by: .newton()).value
    for method in [MinimizationMethod.brent(), .goldenSection()] {
      let result = try minimize(wave, from: Tensor(1.9, .float64), by: method)
      #expect(abs(result.value - right) < 1e-10, "\(result)")
      #expect(result.isConverged)
    }
    let brent = try minimize(wave, from: Tensor(1.9, .float64), by: .brent())
    let golden = try minimize(wave, from: Tensor(1.9, .float64), by: .goldenSection())
    #expect(brent.evaluations.values < golden.evaluations.values)
    #expect(throws: TensorError.self) { try minimize(wave, from: Tensor([1.0, 2], .float64), by: .brent()) }
    let falling = try minimize({ (x: Tensor) in x.sum() }, from: Tensor(1.0, .float64), by: .brent())
    #expect(falling.reason == .unbounded)
  }

  @Test func theBallIsSolvedExactly() throws {
    // Against the edge, inside, and the hard case: the gradient has no part along the least curvature.
    let inside = try BallProblem([2, 0, 0, 4], [-2, -4]).solution(radius: 10)
    #expect(abs(inside.step[0] - 1) < 1e-12 && abs(inside.step[1] - 1) < 1e-12)
    #expect(abs(inside.decrease - 3) < 1e-12)
    let edge = try BallProblem([2, 0, 0, 4], [-2, -4]).solution(radius: 0.5)
    #expect(abs(hypot(edge.step[0], edge.step[1]) - 0.5) < 1e-10)
    let hard = try BallProblem([-1, 0, 0, 2], [0, 1]).solution(radius: 2)
    #expect(abs(hypot(hard.step[0], hard.step[1]) - 2) < 1e-9)
    #expect(abs(hard.step[1] + 1.0 / 3) < 1e-6)
    for (matrix, gradient, radius) in [([2.0, 0.5, 0.5, -3], [1.0, 0.2], 1.5), ([-1, 2, 2, -4], [0.3, -0.1], 0.7)] {
      let best = try BallProblem(matrix, gradient).solution(radius: radius)
      for degree in 0..<360 {
        for share in [0.25, 0.5, 0.75, 1] {
          let angle = Double(degree) * .pi / 180
          let (x, y) = (share * radius * cos(angle), share * radius * sin(angle))
          let quadratic = 0.5 * (matrix[0] * x * x + 2 * matrix[1] * x * y + matrix[3] * y * y)
          #expect(best.decrease >= -(gradient[0] * x + gradient[1] * y + quadratic) - 1e-9)
        }
      }
    }
  }
}
