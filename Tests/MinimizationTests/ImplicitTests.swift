import DescentTensors
import Foundation
import Testing

@testable import DescentMinimization

@Suite struct ImplicitTests {
  /// The minimizer in x of a function of x and θ.
  private func minimizer(_ theta: Tensor) throws -> Tensor {
    try minimize(from: Tensor([0.5, -0.5], .float64)) { x in inner(x, theta) }.point
  }

  private func inner(_ x: Tensor, _ theta: Tensor) -> Tensor {
    let coupling: Tensor = exp(0.3 * x[0] * x[1])
    let bowl: Tensor = square(x - theta).sum() + 0.1 * (square(square(x))).sum()
    return bowl + coupling
  }

  @Test func theGradientThroughASolutionIsThatOfUnrolling() throws {
    let theta = Tensor([0.8, -0.6], .float64)
    let implicit = try gradient(at: theta) { theta in
      let x = try minimizer(theta)
      return (x * Tensor([1.0, 2], .float64)).sum() + 0.5 * square(theta).sum()
    }
    // Gradient descent long enough to be at the minimum, differentiated step by step.
    let unrolled = try gradient(at: theta) { theta in
      var x = Tensor([0.5, -0.5], .float64)
      for _ in 0..<120 { x = x - 0.2 * (try gradient(at: x) { x in inner(x, theta) }) }
      return (x * Tensor([1.0, 2], .float64)).sum() + 0.5 * square(theta).sum()
    }
    for (a, b) in zip(try implicit.scalars(), try unrolled.scalars()) { #expect(abs(a - b) < 1e-9) }
    // And that of differences.
    for index in 0..<2 {
      var (up, down) = ([0.8, -0.6], [0.8, -0.6])
      up[index] += 1e-5
      down[index] -= 1e-5
      func outer(_ numbers: [Double]) throws -> Double {
        let x = try minimize(from: Tensor([0.5, -0.5], .float64), stopping: Stopping(gradient: 1e-12)) { x in
          inner(x, Tensor(numbers, .float64))
        }.numbers
        return x[0] + 2 * x[1] + 0.5 * numbers.reduce(0) { $0 + $1 * $1 }
      }
      let slope = (try outer(up) - outer(down)) / 2e-5
      #expect(try abs(implicit.scalars()[index] - slope) < 1e-7)
    }
  }

  @Test func aProblemWithinAProblem() throws {
    // The regularization under which ridge regression predicts best what it has not seen.
    let x = Tensor([[1.0, 0.2], [0.4, 1], [1, 1], [-0.5, 0.7]], .float64)
    let y = Tensor([1.0, 0.3, 1.4, -0.6], .float64)
    let (held, truth) = (Tensor([[0.9, -0.3], [0.2, 0.8]], .float64), Tensor([0.5, 0.3], .float64))
    func loss(_ penalty: Tensor) throws -> Tensor {
      let fit = try minimize(from: Tensor(zeros: [2], .float64)) { w in
        square(matmul(x, w) - y).sum() + exp(penalty) * square(w).sum()
      }
      return square(matmul(held, fit.point) - truth).sum()
    }
    func closed(_ penalty: Double) throws -> Double {
      let gram = matmul(x.transposed(), x) + exp(penalty) * Tensor([[1.0, 0], [0, 1]], .float64)
      return try square(matmul(held, solve(gram, matmul(x.transposed(), y))) - truth).sum().item()
    }
    let slope = try gradient(at: Tensor(0.3, .float64)) { try loss($0) }.item()
    #expect(abs(slope - (try closed(0.3 + 1e-5) - closed(0.3 - 1e-5)) / 2e-5) < 1e-7)
    let best = try minimize({ (penalty: Tensor) in try loss(penalty) }, from: Tensor(0.0, .float64))
    #expect(best.isConverged, "\(best)")
    for nearby in [-1e-3, 1e-3] { #expect(try closed(best.numbers[0]) <= closed(best.numbers[0] + nearby) + 1e-15) }
  }

  @Test func whatIsNotKnownYetSaysSo() throws {
    let function = compiled { (theta: Tensor) in
      let result = try minimize(from: Tensor([0.5, -0.5], .float64)) { x in self.inner(x, theta) }
      #expect(result.reason == .recorded && result.value.isNaN)
      #expect(result.description.contains("recorded"))
      return result.point
    }
    let there = try function(Tensor([0.8, -0.6], .float64)).scalars()
    let direct = try minimize(from: Tensor([0.5, -0.5], .float64)) { x in inner(x, Tensor([0.8, -0.6], .float64)) }
    for (a, b) in zip(there, direct.numbers) { #expect(abs(a - b) < 1e-7) }
    #expect(throws: TensorError.self) {
      try gradient(at: Tensor([0.8, -0.6], .float64)) { theta in
        try minimize(from: Tensor([0.5, -0.5], .float64), within: .box(lower: 0, upper: 1)) { x in
          inner(x, theta)
        }.point.sum()
      }
    }
  }
}
