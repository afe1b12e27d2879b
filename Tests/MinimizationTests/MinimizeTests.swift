import DescentTensors
import Foundation
import Testing

@testable import DescentMinimization

@Suite struct MinimizeTests {
  private func rosenbrock(_ x: Tensor) -> Tensor {
    100.0 * square(x[1] - x[0] * x[0]) + square(1.0 - x[0])
  }
  private let start = Tensor([-1.2, 1.0], .float64)

  @Test func theResultSaysWhatHappened() throws {
    let result = try minimize(rosenbrock, from: start, by: .lbfgs(), recordsPath: true)
    #expect(result.reason == .gradient && result.isConverged)
    #expect(result.value < 1e-16)
    let point = try result.point.scalars()
    #expect(abs(point[0] - 1) < 1e-8 && abs(point[1] - 1) < 1e-8)
    #expect(result.numbers == point)
    #expect(result.iterations <= 54, "scipy 1.17.1 takes 36 iterations and 44 evaluations")
    #expect(result.evaluations.values <= 66 && result.evaluations.gradients == result.evaluations.values)
    #expect(result.path.count == result.iterations + 1)
    #expect(result.path.first?.point == [-1.2, 1])
    #expect(result.path.last?.value == result.value)
    let text = result.description
    for line in [
      "point        (", "iterations   \(result.iterations)", "method       L-BFGS",
      "stopped      the gradient is zero",
    ] {
      #expect(text.contains(line), "\(text)")
    }
    let trailing = try minimize(from: start, by: .bfgs()) { (x: Tensor) in rosenbrock(x) }
    #expect(trailing.reason == .gradient && trailing.path.isEmpty)
  }

  @Test func theHighestPoint() throws {
    let result = try maximize({ (x: Tensor) in 5.0 - square(x - 2.0).sum() }, from: Tensor([0.0, 7], .float64))
    #expect(abs(result.value - 5) < 1e-12)
    #expect(result.numbers.allSatisfy { abs($0 - 2) < 1e-7 })
    let target = try maximize(
      { (x: Tensor) in 5.0 - square(x - 2.0).sum() }, from: Tensor([0.0, 7], .float64), stopping: Stopping(target: 4))
    #expect(target.reason == .target && target.value >= 4)
  }

  struct Line: Codable, Sendable {
    var slope = Tensor(0.0)
    var offset = Tensor([0.0], .float64)
    var name = "line"
    var count = Tensor(integers: [3], shape: [1])
  }

  @Test func anyModelIsAPoint() throws {
    let x = Tensor([0.0, 1, 2, 3], .float64)
    let result = try minimize(from: Line(), by: .bfgs()) { line in
      square(line.slope.converted(to: .float64) * x + line.offset - (2.0 * x + 1.0)).sum()
    }
    #expect(result.isConverged)
    #expect(try abs(result.point.slope.item() - 2) < 1e-6)
    #expect(try abs(result.point.offset.item() - 1) < 1e-6)
    #expect(result.point.slope.elementType == .float32 && result.point.offset.elementType == .float64)
    #expect(result.point.name == "line")
    #expect(try result.point.count.integers() == [3])
    #expect(result.numbers.count == 2)
  }

  @Test func aTreeGivesTheBitsOfAVector() throws {
    func problem(_ a: Tensor, _ b: Tensor) -> Tensor { 100.0 * square(b - a * a) + square(1.0 - a) }
    let tree = try minimize(from: ["a": Tensor(-1.2, .float64), "b": Tensor(1.0, .float64)]) { x in
      problem(x["a"] ?? Tensor(0), x["b"] ?? Tensor(0))
    }
    let flat = try minimize(from: start) { (x: Tensor) in problem(x[0], x[1]) }
    #expect(tree.numbers == flat.numbers)
    #expect(tree.value == flat.value)
    #expect(tree.evaluations == flat.evaluations)
  }

  @Test func everyConditionEndsTheSearch() throws {
    func reason(_ stopping: Stopping) throws -> StopReason {
      try minimize(rosenbrock, from: start, by: .lbfgs(), stopping: stopping).reason
    }
    #expect(try reason(Stopping(iterations: 3)) == .iterations)
    #expect(try reason(Stopping(iterations: 0)) == .iterations)
    #expect(try reason(Stopping(evaluations: 7)) == .evaluations)
    #expect(try reason(Stopping(seconds: 0)) == .time)
    #expect(try reason(Stopping(target: 1)) == .target)
    #expect(try reason(Stopping(gradient: 0, valueChange: 0.5)) == .valueChange)
    #expect(try reason(Stopping(gradient: 0, pointChange: 0.5)) == .pointChange)
    #expect(try reason(Stopping(condition: { $0.iteration == 4 })) == .condition)
    #expect(try reason(Stopping(gradient: 0)).isConverged)
    let there = try minimize(rosenbrock, from: Tensor([1.0, 1], .float64))
    #expect(there.reason == .gradient && there.iterations == 0 && there.evaluations.values == 1)
    #expect(throws: TensorError.self) { try reason(Stopping(iterations: -1)) }
    #expect(throws: TensorError.self) { try reason(Stopping(gradient: .nan)) }
  }

  @Test func singlePrecisionEndsAtItsRounding() throws {
    let result = try minimize(rosenbrock, from: Tensor([-1.2, 1.0]))
    #expect(result.isConverged, "\(result)")
    #expect(result.value < 1e-9)
  }

  @Test func mistakesAreNamed() throws {
    func message(_ body: () throws -> Void) -> String? {
      #expect(throws: TensorError.self) { try body() }?.description
    }
    #expect(
      message { _ = try minimize(from: Tensor(integers: [1, 2], shape: [2])) { (x: Tensor) in x.sum() } }?.contains(
        "no floating-point numbers") == true)
    #expect(
      message { _ = try minimize(from: [Tensor]()) { (_: [Tensor]) in Tensor(1) } }?.contains(
        "no floating-point numbers") == true)
    #expect(message { _ = try minimize(from: Tensor(zeros: [0])) { (x: Tensor) in x.sum() } } != nil)
    #expect(
      message { _ = try minimize(from: start) { (x: Tensor) in x } }?.contains("one floating-point number") == true)
    #expect(
      message { _ = try minimize(from: start) { (x: Tensor) in matmul(x, Tensor(zeros: [3, 3], .float64)).sum() } }?
        .contains("matmul") == true)
    #expect(message { _ = try minimize(rosenbrock, from: start, by: .lbfgs(memory: 0)) } != nil)
    #expect(message { _ = try minimize(rosenbrock, from: start, by: .gradientDescent(.fixed(-1))) } != nil)
    #expect(message { _ = try minimize(rosenbrock, from: start, by: .nelderMead(size: 0)) } != nil)
  }

  @Test func startsThatAreNoNumbersAreNamed() throws {
    let error = #expect(throws: MinimizationError.self) {
      try minimize(from: Tensor([-1.0], .float64)) { (x: Tensor) in log(x).sum() }
    }
    #expect(error?.message.contains("at the start") == true)
    #expect(error?.best == [-1])
    let slope = #expect(throws: MinimizationError.self) {
      try minimize(from: Tensor([0.0], .float64)) { (x: Tensor) in sqrt(x).sum() }
    }
    #expect(slope?.message.contains("gradient") == true)
  }

  private static let methods: [MinimizationMethod] = [
    .lbfgs(), .bfgs(), .conjugateGradient(), .conjugateGradient(.polakRibiere), .newton(), .newtonCG(), .trustRegion(),
    .trustRegion(.steihaug), .gradientDescent(), .gradientDescent(.armijo), .nelderMead(), .powell(),
  ]

  @Test(arguments: methods) func badFunctionsEndClearly(method: MinimizationMethod) throws {
    let limits = Stopping(iterations: 300, evaluations: 3_000)
    // A wall of what is not a number close by.
    let walled = try minimize(
      { (x: Tensor) in (x - log(1.0 - x)).sum() }, from: Tensor([0.5, 0.9], .float64), by: method, stopping: limits)
    #expect(walled.value.isFinite)
    // A value that falls without end.
    let falling = try minimize(
      { (x: Tensor) in -(x * x * x).sum() }, from: Tensor([1.0, 2], .float64), by: method, stopping: limits)
    #expect(!falling.value.isNaN)
    // A kink.
    let kink = try minimize(
      { (x: Tensor) in abs(x - 0.3).sum() }, from: Tensor([1.0, 2], .float64), by: method, stopping: limits)
    #expect(kink.value < 1.7)
    // A function of nothing.
    let constant = try minimize(
      { (x: Tensor) in Tensor(3.0, .float64) + 0.0 * x.sum() }, from: Tensor([1.0, 2], .float64), by: method,
      stopping: limits)
    #expect(constant.value == 3)
    #expect(constant.isConverged)
    // A saddle to begin at: the gradient is none there.
    let saddle = try minimize(
      { (x: Tensor) in (x[0] * x[0] - x[1] * x[1]) }, from: Tensor([1.0, 0], .float64), by: method, stopping: limits)
    #expect(!saddle.value.isNaN)
  }
}
