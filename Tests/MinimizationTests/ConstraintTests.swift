import DescentTensors
import Foundation
import Testing

@testable import DescentMinimization

@Suite struct ConstraintTests {
  private func rosenbrock(_ x: Tensor) -> Tensor { 100.0 * square(x[1] - x[0] * x[0]) + square(1.0 - x[0]) }

  private static let methods: [MinimizationMethod] = [
    .lbfgs(), .lbfgsb(), .bfgs(), .conjugateGradient(), .conjugateGradient(.polakRibiere), .newton(), .newtonCG(),
    .trustRegion(), .trustRegion(.steihaug), .gradientDescent(), .gradientDescent(.armijo), .nelderMead(), .powell(),
  ]

  @Test(arguments: methods) func everyMethodKeepsToABox(method: MinimizationMethod) throws {
    // Rosenbrock's function with x ≤ 0.5 is lowest at (0.5, 0.25); the start is outside.
    let set = FeasibleSet.box(lower: Tensor([-1.5, -1], .float64), upper: Tensor([0.5, 2], .float64))
    let result = try minimize(
      rosenbrock, from: Tensor([-2.0, 1], .float64), by: method, within: set,
      stopping: Stopping(gradient: 1e-7, iterations: 5_000), recordsPath: true)
    #expect(abs(result.value - 0.25) < 1e-6, "\(result)")
    #expect(result.numbers[0] <= 0.5 && abs(result.numbers[0] - 0.5) < 1e-6)
    #expect(result.notes.count == 1 && result.description.contains("outside"))
    #expect(
      result.path.allSatisfy { (-1.5...0.5).contains($0.point[0]) && (-1.0...2).contains($0.point[1]) })
  }

  @Test(arguments: methods) func aBoundThatDoesNotHoldChangesNothing(method: MinimizationMethod) throws {
    func bowl(_ x: Tensor) -> Tensor { square(x - Tensor([1.0, -2, 0.5], .float64)).sum() }
    let result = try minimize(
      bowl, from: Tensor([3.0, 3, 3], .float64), by: method,
      within: .box(lower: Tensor([-5.0, -.infinity, 0], .float64), upper: Tensor([5.0, 10, .infinity], .float64)))
    for (found, right) in zip(result.numbers, [1, -2, 0.5]) { #expect(abs(found - right) < 1e-5, "\(result)") }
    #expect(result.notes.isEmpty)
  }

  @Test(arguments: methods) func aStartAtABoundLeavesIt(method: MinimizationMethod) throws {
    func bowl(_ x: Tensor) -> Tensor { square(x - 0.5).sum() }
    let result = try minimize(
      bowl, from: Tensor([0.0, 1], .float64), by: method, within: .box(lower: 0, upper: 1),
      stopping: Stopping(gradient: 1e-7))
    for found in result.numbers { #expect(abs(found - 0.5) < 1e-5, "\(result)") }
  }

  @Test func boundsOfGayAreMet() throws {
    // Wood's function with the bounds of Gay, "A trust-region approach to linearly constrained optimization", 1984.
    func wood(_ x: Tensor) -> Tensor {
      let first: Tensor = 100.0 * square(x[1] - x[0] * x[0]) + square(1.0 - x[0])
      let second: Tensor = 90.0 * square(x[3] - x[2] * x[2]) + square(1.0 - x[2])
      let third: Tensor = 10.0 * square(x[1] + x[3] - 2.0) + 0.1 * square(x[1] - x[3])
      return first + second + third
    }
    let set = FeasibleSet.box(
      lower: Tensor([-100.0, -100, -100, -100], .float64), upper: Tensor([0.0, 10, 100, 100], .float64))
    // There is another minimum, at 7.09, on the near side of x₃ = 0.
    let starts = [-3.0, 1, 2, 3].map { Tensor([-3.0, -1, $0, -1], .float64) }
    let minima = try minimize(wood, fromEach: starts, within: set)
    #expect(abs((minima.best?.value ?? 0) - 1.5567008) < 1e-6, "\(minima)")
  }

  @Test func manyNumbersAtTheirBounds() throws {
    // Each number has its own minimum inside or outside of the box.
    let goals = (0..<40).map { Double($0) / 10 - 2 }
    let target = Tensor(goals, shape: [40], .float64)
    let result = try minimize(
      { (x: Tensor) in (square(x - target) + 0.1 * square(square(x - target))).sum() },
      from: Tensor(zeros: [40], .float64), by: .lbfgsb(), within: .box(lower: -1, upper: 1))
    for (found, goal) in zip(result.numbers, goals) { #expect(abs(found - min(max(goal, -1), 1)) < 1e-5) }
    #expect(result.iterations < 20, "\(result)")
  }

  struct Line: Codable, Sendable {
    var slope = Tensor(0.0, .float64)
    var offset = Tensor([0.0], .float64)
  }

  @Test func boundsOfAModelByPath() throws {
    let x = Tensor([0.0, 1, 2, 3], .float64)
    let result = try minimize(from: Line(), within: .box(["slope": 0...1])) { line in
      square(line.slope * x + line.offset - (2.0 * x + 1.0)).sum()
    }
    // With the slope at 1 the offset is the mean of x + 1.
    #expect(abs(result.numbers[0] - 1) < 1e-9 && abs(result.numbers[1] - 2.5) < 1e-6, "\(result)")
    let error = #expect(throws: TensorError.self) {
      try minimize(from: Line(), within: .box(["height": 0...1])) { line in square(line.slope).sum() }
    }
    #expect(error?.message.contains("slope, offset") == true)
  }

  @Test func projections() throws {
    let region = try Region(.simplex(), count: 3, places: [], of: "minimize")
    #expect(region.project([0.2, 0.3, 0.5]).elementsEqual([0.2, 0.3, 0.5]) { abs($0 - $1) < 1e-15 })
    #expect(region.project([2, 0, 0]) == [1, 0, 0])
    #expect(region.project([0, 0, 0]).allSatisfy { abs($0 - 1.0 / 3) < 1e-15 })
    let ball = try Region(.ball(radius: 2, center: Tensor([1.0, 0], .float64)), count: 2, places: [], of: "minimize")
    #expect(ball.project([5, 0]) == [3, 0] && ball.project([1, 1]) == [1, 1])
    let half = try Region(
      .halfSpace(normal: Tensor([1.0, 1], .float64), offset: 1), count: 2, places: [], of: "minimize")
    #expect(half.project([1, 1]) == [0.5, 0.5] && half.project([0, 0]) == [0, 0])
  }

  @Test(arguments: [MinimizationMethod.gradientDescent(), .gradientDescent(.armijo), .gradientDescent(.fixed(0.1))])
  func projectedGradient(method: MinimizationMethod) throws {
    let goal = Tensor([0.9, 0.6, -0.3], .float64)
    func distance(_ x: Tensor) -> Tensor { square(x - goal).sum() }
    let start = Tensor([0.0, 0, 1], .float64)
    // The nearest point of each set is the projection itself.
    for (set, right) in [
      (FeasibleSet.simplex(), [0.65, 0.35, 0]), (.ball(radius: 0.5), [0.4008919, 0.2672612, -0.1336306]),
      (.halfSpace(normal: Tensor([1.0, 1, 1], .float64), offset: 0), [0.5, 0.2, -0.7]),
    ] {
      let result = try minimize(distance, from: start, by: method, within: set, stopping: Stopping(gradient: 1e-9))
      #expect(result.isConverged, "\(result)")
      for (found, right) in zip(result.numbers, right) { #expect(abs(found - right) < 1e-6, "\(set): \(result)") }
    }
  }

  @Test(arguments: [MinimizationMethod.lbfgs(), .bfgs(), .newton(), .trustRegion(), .nelderMead()])
  func equalitiesAndInequalities(method: MinimizationMethod) throws {
    // The point of the unit circle that is nearest to (2, 1).
    let circle = try minimize(
      from: Tensor([0.5, 0.1], .float64), by: method, equalities: { (x: Tensor) in [square(x).sum() - 1.0] }
    ) { (x: Tensor) in square(x - Tensor([2.0, 1], .float64)).sum() }
    #expect(circle.isConverged, "\(circle)")
    #expect(
      abs(circle.numbers[0] - 2 / 5.0.squareRoot()) < 1e-6 && abs(circle.numbers[1] - 1 / 5.0.squareRoot()) < 1e-6)
    #expect(circle.constraints?.violation ?? 1 < 1e-6)
    // ∇f + λ ∇c = 0 gives λ = √5 − 1.
    #expect(abs((circle.constraints?.equalityMultipliers[0] ?? 0) - (5.0.squareRoot() - 1)) < 1e-4, "\(circle)")
    // Hock and Schittkowski 21, and with one that does not hold it back.
    let bounded = try minimize(
      from: Tensor([-1.0, -1], .float64), by: method,
      inequalities: { (x: Tensor) in
        let slanted: Tensor = 10.0 * x[0] - x[1] - 10.0
        return [slanted, x[0] - 2.0, x[0] + 50.0]
      }
    ) { (x: Tensor) in
      let value: Tensor = 0.01 * square(x[0]) + square(x[1])
      return value - 100.0
    }
    #expect(abs(bounded.value + 99.96) < 1e-6, "\(bounded)")
    #expect(bounded.constraints?.inequalityMultipliers[0] == 0 && bounded.constraints?.inequalityMultipliers[2] == 0)
    #expect(abs((bounded.constraints?.inequalityMultipliers[1] ?? 0) - 0.04) < 1e-5)
  }

  @Test func constraintsTogetherWithABox() throws {
    // Hock and Schittkowski 71.
    let result = try minimize(
      from: Tensor([1.0, 5, 5, 1], .float64), within: .box(lower: 1, upper: 5),
      equalities: { (x: Tensor) in [square(x).sum() - 40.0] }, inequalities: { (x: Tensor) in [x.product() - 25.0] }
    ) { (x: Tensor) in
      let sum: Tensor = x[0] + x[1] + x[2]
      return x[0] * x[3] * sum + x[2]
    }
    #expect(abs(result.value - 17.0140173) < 1e-5, "\(result)")
    let highest = try maximize(
      from: Tensor([0.5, 0.1], .float64), equalities: { (x: Tensor) in [square(x).sum() - 1.0] }
    ) { (x: Tensor) in x.sum() }
    #expect(abs(highest.value - 2.0.squareRoot()) < 1e-6)
    let contradiction = try minimize(
      from: Tensor([0.0], .float64), equalities: { (x: Tensor) in [x - 1.0, x + 1.0] }
    ) { (x: Tensor) in square(x).sum() }
    #expect(contradiction.reason == .infeasible && !contradiction.isConverged, "\(contradiction)")
  }

  @Test func setsThatMakeNoSenseAreNamed() throws {
    func message(_ set: FeasibleSet, by method: MinimizationMethod = .lbfgs()) -> String? {
      #expect(throws: TensorError.self) {
        try minimize(rosenbrock, from: Tensor([-1.2, 1.0], .float64), by: method, within: set)
      }?.description
    }
    #expect(message(.box(lower: 2, upper: 1))?.contains("contradictory bounds: [0] is to lie") == true)
    #expect(message(.box(lower: Tensor([0.0, 3]), upper: Tensor(2.0)))?.contains("[1] is to lie") == true)
    #expect(message(.box(lower: .nan)) != nil && message(.box(lower: .infinity)) != nil)
    #expect(message(.box(lower: Tensor([0.0, 1, 2]), upper: Tensor(5.0)))?.contains("3 numbers") == true)
    #expect(
      message(.box(lower: matmul(Tensor([1.0]), Tensor([1.0, 2])), upper: Tensor(5.0)))?.contains("matmul") == true)
    #expect(message(.simplex(total: 0), by: .gradientDescent()) != nil)
    #expect(message(.ball(radius: -1), by: .gradientDescent()) != nil)
    #expect(message(.halfSpace(normal: Tensor([0.0, 0]), offset: 1), by: .gradientDescent()) != nil)
    #expect(message(.simplex(), by: .newton())?.contains("gradientDescent") == true)
  }
}
