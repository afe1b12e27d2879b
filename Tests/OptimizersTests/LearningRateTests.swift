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

  @Test func senselessSchedulesAreNamed() throws {
    for rate in [
      LearningRate.constant(.nan), .cosine(initial: 1, total: 0), .warmupCosine(peak: 1, warmup: 5, total: 2),
      .step(initial: 1, every: 0), .oneCycle(peak: 1, total: 0),
    ] {
      #expect(rate(Tensor(1, .float64)).error?.operation == "learning rate")
    }
  }
}
