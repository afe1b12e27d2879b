import DescentTensors
import Foundation
import Testing

@testable import DescentMinimization

@Suite struct BadInputTests {
  struct Broken: Error {}

  @Test func whatTheFunctionThrowsComesWithTheBestPoint() throws {
    var calls = 0
    let function = NumericFunction { x in
      calls += 1
      if calls > 20 { throw Broken() }
      return (x[0] - 1) * (x[0] - 1) + x[1] * x[1]
    }
    let error = #expect(throws: MinimizationError.self) { try minimize(function, from: [5, 5], by: .nelderMead()) }
    #expect(error?.underlying is Broken)
    #expect(error?.best.count == 2 && error?.value ?? 100 < 41)
    #expect(error?.message.contains("best point so far") == true)
  }

  @Test func aNumericFunctionIsAskedAsOftenAsIsCounted() throws {
    var (values, gradients, products) = (0, 0, 0)
    let function = NumericFunction { x in
      values += 1
      return (x[0] - 1) * (x[0] - 1) + 10 * pow(x[1] - x[0] * x[0], 2)
    } gradient: { x in
      gradients += 1
      return [2 * (x[0] - 1) - 40 * x[0] * (x[1] - x[0] * x[0]), 20 * (x[1] - x[0] * x[0])]
    } hessianProduct: { x, v in
      products += 1
      let a = 2 - 40 * (x[1] - 3 * x[0] * x[0])
      return [a * v[0] - 40 * x[0] * v[1], -40 * x[0] * v[0] + 20 * v[1]]
    }
    for method in [
      MinimizationMethod.lbfgs(), .bfgs(), .conjugateGradient(), .newton(), .newtonCG(), .trustRegion(),
      .trustRegion(.steihaug), .gradientDescent(), .gradientDescent(.armijo), .nelderMead(), .powell(),
    ] {
      for set in [FeasibleSet.everywhere, .box(lower: -3, upper: 3)] {
        (values, gradients, products) = (0, 0, 0)
        let result = try minimize(function, from: [-1, 2], by: method, within: set)
        #expect(result.value < 1e-8, "\(result)")
        #expect(result.evaluations == EvaluationCounts(values: values, gradients: gradients, hessianProducts: products))
      }
    }
    let bare = NumericFunction { x in x[0] * x[0] }
    #expect(throws: MinimizationError.self) { try minimize(bare, from: [1]) }
    #expect(throws: MinimizationError.self) {
      try minimize(NumericFunction({ x in x[0] * x[0] }, gradient: { _ in [1, 2] }), from: [1])
    }
    #expect(throws: TensorError.self) { try minimize(bare, from: [], by: .nelderMead()) }
  }

  @Test func aFunctionOfNothingIsNamed() throws {
    let error = #expect(throws: MinimizationError.self) {
      try minimize(from: Tensor([1.0, 2], .float64)) { (_: Tensor) in Tensor(3.0, .float64) }
    }
    #expect(error?.message.contains("does not depend") == true)
    #expect(error?.best == [1, 2] && error?.value == 3)
  }

  @Test func aSaddleIsCalledASaddle() throws {
    func saddle(_ x: Tensor) -> Tensor { square(x[0]) - square(x[1]) + 0.25 * square(square(x[1])) }
    let there = try minimize(saddle, from: Tensor([1.0, 0], .float64), by: .newton(), checksSecondOrder: true)
    guard case .saddle(let least, let largest) = there.secondOrder else {
      Issue.record("\(there)")
      return
    }
    #expect(abs(least + 2) < 1e-9 && abs(largest - 2) < 1e-9)
    #expect(there.description.contains("a saddle"))
    let minimum = try minimize(saddle, from: Tensor([1.0, 0.1], .float64), checksSecondOrder: true)
    if case .minimum = minimum.secondOrder {} else { Issue.record("\(minimum)") }
    let top = try maximize(
      { (x: Tensor) in 3.0 - square(x).sum() }, from: Tensor([1.0, 0.1], .float64), checksSecondOrder: true)
    if case .maximum(let least, _) = top.secondOrder { #expect(abs(least + 2) < 1e-9) } else { Issue.record("\(top)") }
    let flat = try minimize(
      { (x: Tensor) in square(square(x)).sum() }, from: Tensor([0.0], .float64), checksSecondOrder: true)
    if case .degenerate = flat.secondOrder {} else { Issue.record("\(flat)") }
    let early = try minimize(
      saddle, from: Tensor([1.0, 0.1], .float64), stopping: Stopping(iterations: 1), checksSecondOrder: true)
    #expect(early.secondOrder == .notStationary)
  }

  @Test func cancellationStopsTheSearch() async throws {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try minimize(
        { (x: Tensor) in square(square(x)).sum() }, from: Tensor([1.0, 2], .float64),
        by: .gradientDescent(.fixed(1e-6)),
        stopping: Stopping(gradient: 0, iterations: 1_000_000_000))
    }
    let result = try await task.value
    #expect(result.reason == .canceled && !result.isConverged)
    #expect(result.value <= 17)
  }

  @Test func anIndefiniteHessianIsLeft() throws {
    // At the start the curvature is negative in one direction.
    func hill(_ x: Tensor) -> Tensor { square(x[0]) - square(x[1]) + 0.25 * square(square(x[1])) }
    for method in [MinimizationMethod.newton(), .newtonCG(), .trustRegion(), .trustRegion(.steihaug)] {
      let result = try minimize(hill, from: Tensor([1.0, 0.1], .float64), by: method, checksSecondOrder: true)
      #expect(abs(result.value + 1) < 1e-9, "\(result)")
    }
  }

  @Test func auxiliaryValues() throws {
    let (minimum, auxiliary) = try minimizeWithAuxiliary(from: Tensor([1.0, 2], .float64)) { (x: Tensor) in
      (square(x - 3.0).sum(), ["double": 2.0 * x])
    }
    #expect(minimum.isConverged)
    #expect(try #require(auxiliary["double"]).scalars().allSatisfy { abs($0 - 6) < 1e-6 })
  }

  @Test func severalTensors() throws {
    let result = try minimize(from: Tensor([1.0], .float64), Tensor(5.0)) { a, b in
      square(a - 2.0).sum() + square(b.converted(to: .float64) + 1.0)
    }
    let (a, b) = result.point
    #expect(try abs(a.item() - 2) < 1e-5 && abs(b.item() + 1) < 1e-3)
    #expect(b.elementType == .float32 && b.shape == [])
  }
}
