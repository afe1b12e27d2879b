import DescentOptimizers
import DescentTensors
import Foundation
import Testing

@Suite struct LearningRateTests {
  private func rates(_ rate: LearningRate, _ steps: [Int]) throws -> [Double] {
    try steps.map { try rate(Tensor(Double($0), .float64)).item() }
  }

  @Test func numbersAreConstantRates() throws {
    expectClose(try rates(1e-3, [1, 100]), [1e-3, 1e-3])
    expectClose(try rates(1, [5]), [1])
    #expect(LearningRate.constant(0.1)(Tensor(1, .float64)).elementType == .float64)
  }

  @Test func cosine() throws {
    expectClose(try rates(.cosine(initial: 2, total: 5, floor: 1), [1, 3, 5, 9]), [2, 1.5, 1, 1])
    // A fall of one step begins at the top.
    expectClose(try rates(.cosine(initial: 2, total: 1), [1, 2]), [2, 0])
  }

  @Test func warmupCosine() throws {
    expectClose(
      try rates(.warmupCosine(peak: 1, warmup: 4, total: 8), [1, 2, 4, 6, 8, 20]), [0.25, 0.5, 1, 0.5, 0, 0])
    // Without a warmup the first step has the peak, and so has a warmup's last step where nothing follows it.
    expectClose(try rates(.warmupCosine(peak: 1, warmup: 0, total: 2), [1, 2]), [1, 0])
    expectClose(try rates(.warmupCosine(peak: 1, warmup: 0, total: 3), [1, 2, 3]), [1, 0.5, 0])
    expectClose(try rates(.warmupCosine(peak: 1, warmup: 3, total: 3), [1, 2, 3, 4]), [1.0 / 3, 2.0 / 3, 1, 0])
  }

  @Test func stepAndExponential() throws {
    expectClose(try rates(.step(initial: 1, every: 3), [1, 3, 4, 7]), [1, 1, 0.1, 0.01])
    expectClose(try rates(.exponential(initial: 1, factor: 0.5), [1, 2, 4]), [1, 0.5, 0.125])
  }

  @Test func oneCycle() throws {
    let found = try rates(.oneCycle(peak: 1, total: 100), [1, 30, 100, 200])
    expectClose(found, [0.04, 1, 4e-6, 4e-6])
    let all = try rates(.oneCycle(peak: 1, total: 100), Array(1...100))
    #expect(zip(all[..<29], all[1..<30]).allSatisfy { $0 < $1 })
    #expect(zip(all[30..<99], all[31...]).allSatisfy { $0 > $1 })
  }

  @Test func optimizersAskForTheStepsRate() throws {
    let rate = LearningRate.step(initial: 1, every: 1, factor: 0.5)
    expectClose(try descend(SGD(learningRate: rate), from: [[0]], steps: 3) { _ in [1] }[0], [-1.75])
  }

  @Test func linearAndPolynomial() throws {
    expectClose(try rates(.linear(from: 0, to: 1, over: 5), [1, 2, 5, 9]), [0, 0.25, 1, 1])
    expectClose(try rates(.polynomial(initial: 2, total: 5, power: 2, floor: 1), [1, 3, 5, 9]), [2, 1.25, 1, 1])
  }

  /// Against optax's exponential_decay(1, 3, 0.5, end_value=0.2).
  @Test func exponentialsOverSeveralSteps() throws {
    expectClose(
      try rates(.exponential(initial: 1, factor: 0.5, every: 3, floor: 0.2), [1, 2, 4, 6, 8, 20]),
      [1, 0.7937005259840998, 0.5, 0.31498026247371835, 0.2, 0.2])
  }

  @Test func inverses() throws {
    expectClose(try rates(.inverseTime(initial: 1, decay: 0.5), [1, 2, 3]), [1, 1 / 1.5, 0.5])
    expectClose(try rates(.inverseSquareRoot(peak: 2, warmup: 4), [1, 2, 4, 16]), [0.5, 1, 2, 1])
  }

  /// Restarts come exactly where periods end, however the logarithm is rounded.
  @Test(arguments: [1.0, 1.5, 2, 3, 7]) func restartsAreExact(growth: Double) throws {
    let rate = LearningRate.cosineRestarts(initial: 1, period: 2, growth: growth, factor: 0.5, floor: 0.01)
    var (begin, period, top) = (0.0, 2.0, 1.0)
    for _ in 0..<6 {
      // The first whole step within the period, and the one before it.
      let first = begin.rounded(.up)
      let part = (first - begin) / period
      let wanted = 0.01 + (top - 0.01) / 2 * (1 + cos(Double.pi * part))
      expectClose(try rates(rate, [Int(first) + 1]), [wanted], within: 1e-9)
      (begin, period, top) = (begin + period, period * growth, top * 0.5)
    }
  }

  @Test func triangles() throws {
    let rate = LearningRate.cyclic(from: 1, to: 3, rising: 2, falling: 1, cycleFactor: 0.5)
    expectClose(try rates(rate, [1, 2, 3, 4, 5, 6, 7, 9]), [1, 2, 3, 1, 1.5, 2, 1, 1.5])
  }

  @Test func piecesCountTheirOwnSteps() throws {
    let rate = LearningRate.joined(
      [.linear(from: 0, to: 2, over: 3), 5, .exponential(initial: 4, factor: 0.5)], at: [3, 4])
    expectClose(try rates(rate, [1, 2, 3, 4, 5, 6, 7]), [0, 1, 2, 5, 4, 2, 1])
    expectClose(try rates(.multiStep(initial: 1, at: [2, 4]), [1, 2, 3, 4, 5]), [1, 1, 0.1, 0.1, 0.01])
    expectClose(try rates(rate.multiplied(by: 0.5), [3, 4]), [1, 2.5])
  }

  /// Any schedule warms up; the cosine as the one that is written as such.
  @Test func schedulesWarmUp() throws {
    let steps = Array(1...12)
    expectClose(
      try rates(LearningRate.cosine(initial: 2, total: 7, floor: 0.5).warmedUp(over: 4), steps),
      try rates(.warmupCosine(peak: 2, warmup: 4, total: 10, floor: 0.5), steps))
    let rate = LearningRate.step(initial: 1, every: 2, factor: 0.5).warmedUp(over: 3, from: 0.25)
    expectClose(try rates(rate, [1, 2, 3, 4, 5, 6]), [0.5, 0.75, 1, 1, 0.5, 0.5])
    for steps in [0, 1] {
      let rate = LearningRate.exponential(initial: 1, factor: 0.5).warmedUp(over: steps)
      expectClose(try rates(rate, [1, 2, 3]), [1, 0.5, 0.25])
    }
  }

  /// The values that training libraries agree on for 10 steps of warmup, 100 in all.
  @Test func warmupCosineHasTheCustomaryValues() throws {
    expectClose(
      try rates(.warmupCosine(peak: 1, warmup: 10, total: 100), [5, 10, 32, 55, 77, 100]),
      [0.5, 1, 0.859669900169, 0.5, 0.152670814771, 0], within: 1e-11)
  }

  @Test func senselessCompositionsAreNamed() throws {
    func message(_ rate: LearningRate) -> String { fault(of: SGD(learningRate: rate)) }
    #expect(message(.joined([1, 2], at: [3, 4])).contains("joins 2 pieces at 2 places; it needs one place less"))
    #expect(message(.joined([1, 2, 3], at: [3, 3])).contains("joins pieces at 3, 3; each has to be later"))
    #expect(message(.joined([1, 2], at: [0])).contains("joins pieces at 0; each has to be later"))
    #expect(message(.joined([1, -2], at: [1])).contains("is -2.0"))
    #expect(message(LearningRate.constant(1.0).multiplied(by: -1)).contains("is -1.0"))
    #expect(message(LearningRate.constant(1.0).warmedUp(over: -1)).contains("its warmup must be at least 0.0"))
    #expect(message(.cosineRestarts(initial: 1, period: 0)).contains("restarts after 0 steps"))
    #expect(message(.cyclic(from: 0, to: 1, rising: 0)).contains("rises for 0 steps and falls for 0"))
    #expect(message(.inverseSquareRoot(peak: 1, warmup: 0)).contains("warms up for 0 steps"))
    #expect(message(.linear(from: 0, to: 1, over: 0)).contains("goes over 0 steps"))
  }

  @Test func senselessSchedulesAreNamed() throws {
    for rate in [
      LearningRate.constant(.nan), .cosine(initial: 1, total: 0), .warmupCosine(peak: 1, warmup: 5, total: 2),
      .step(initial: 1, every: 0), .oneCycle(peak: 1, total: 0),
    ] {
      #expect(rate(Tensor(1, .float64)).error?.operation == "learning rate")
    }
  }
}
