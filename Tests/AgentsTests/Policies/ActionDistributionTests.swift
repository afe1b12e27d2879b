import DescentAgents
import DescentGraph
import DescentTensors
import Foundation
import Testing

@Suite struct ActionDistributionTests {
  private func expect(_ tensor: Tensor, _ values: [Double], within bound: Double = 1e-12) throws {
    let found = try tensor.scalars()
    #expect(found.count == values.count)
    for (a, b) in zip(found, values) { #expect(abs(a - b) <= bound, "found \(found), not \(values)") }
  }

  @Test func choicesHaveTheProbabilitiesOfTheirLogits() throws {
    let choice = ActionDistribution(logits: log(Tensor([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]], .float64)))
    try expect(choice.logProbability(of: Tensor(integers: [2, 0])), [log(0.7), log(0.5)])
    #expect(try choice.mode.integers() == [2, 0])
    try expect(choice.entropy, [0.8018185525433373, 1.5 * log(2)])
    let many = ActionDistribution(logits: log(Tensor([0.1, 0.2, 0.7])).broadcast(to: [2_000, 3]))
    let drawn = try many.sample(RandomKey(seed: 1)).integers()
    // Five standard deviations.
    #expect(abs(Double(drawn.count { $0 == 2 }) - 1_400) < 103)
    #expect(Set(drawn) == [0, 1, 2])
  }

  @Test func severalChoicesAreIndependent() throws {
    let logits = log(Tensor([[0.25, 0.75, 0.5, 0.3, 0.2]], .float64))
    let choices = ActionDistribution(logits: logits, counts: [2, 3])
    try expect(choices.logProbability(of: Tensor(integers: [1, 2], shape: [1, 2])), [log(0.75) + log(0.2)])
    #expect(try choices.mode.integers() == [1, 0])
    let single = [[0.25, 0.75], [0.5, 0.3, 0.2]].joined().reduce(0) { $0 - $1 * log($1) }
    try expect(choices.entropy, [single])
    #expect(choices.sample(RandomKey(seed: 2)).shape == [1, 2])
  }

  @Test func numbersHaveTheirDensity() throws {
    let normal = ActionDistribution(
      mean: Tensor([[1, -2]], .float64), logStandardDeviation: log(Tensor([0.5, 2], .float64)))
    // scipy 1.17: norm.logpdf(1.25, 1, .5) + norm.logpdf(0, -2, 2)
    try expect(normal.logProbability(of: Tensor([[1.25, 0]], .float64)), [-2.4628770664093453])
    try expect(normal.entropy, [1 + log(2 * Double.pi) + log(0.5) + log(2)])
    try expect(normal.mode, [1, -2])
  }

  @Test func squashedNumbersStayWithinBoundsAndHaveTheirDensity() throws {
    let squashed = ActionDistribution(
      mean: Tensor([[0.3, 5]], .float64), logStandardDeviation: Tensor([[-0.5, 1]], .float64), low: [-2, 0],
      high: [2, 10])
    let (action, density) = squashed.sampleWithLogProbability(RandomKey(seed: 4))
    let numbers = try action.scalars()
    #expect(abs(numbers[0]) <= 2 && (0...10).contains(numbers[1]))
    #expect(abs(try density.item() - squashed.logProbability(of: action).item()) < 1e-5)
    // The density sums to 1.
    let one = ActionDistribution(
      mean: Tensor([0.4], .float64), logStandardDeviation: Tensor([-0.3], .float64), low: [-3], high: [1])
    let places = (0..<4_000).map { -3 + (Double($0) + 0.5) / 1_000 }
    let whole = exp(one.logProbability(of: Tensor(places, .float64).expanded(axis: 1))).sum() / 1_000
    #expect(abs(try whole.item() - 1) < 1e-4)
    // Far out, where the hyperbolic tangent rounds to 1, it stays a number.
    let far = ActionDistribution(
      mean: Tensor([[30.0]]), logStandardDeviation: Tensor([[0.0]]), low: [-1], high: [1])
    #expect(try far.sampleWithLogProbability(RandomKey(seed: 1)).logProbability.item().isFinite)
  }

  @Test func derivativesAreThoseOfDifferences() throws {
    let values = Tensor([0.3, -0.7, 0.2, 0.9, -1.1, 0.4], shape: [2, 3], .float64)
    func check(_ function: (Tensor) throws -> Tensor) throws {
      let slopes = try gradient(at: values, of: function).scalars()
      for place in 0..<6 {
        func moved(_ distance: Double) throws -> Double {
          var numbers = try values.scalars()
          numbers[place] += distance
          return try function(Tensor(numbers, shape: [2, 3], .float64)).item()
        }
        let difference = (try moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(abs(difference - slopes[place]) < 1e-8)
      }
    }
    try check { ActionDistribution(logits: $0).logProbability(of: Tensor(integers: [1, 2])).sum() }
    try check { ActionDistribution(logits: $0).entropy.sum() }
    let action = Tensor([0.5, 0.1, -0.2, 0.3, 0.4, -0.6], shape: [2, 3], .float64)
    try check { ActionDistribution(mean: $0, logStandardDeviation: $0 * 0.5).logProbability(of: action).sum() }
    let bounds = (low: [-1.0, -1, -1], high: [1.0, 1, 1])
    try check {
      let squashed = ActionDistribution(mean: $0, logStandardDeviation: $0, low: bounds.low, high: bounds.high)
      let (drawn, density) = squashed.sampleWithLogProbability(RandomKey(seed: 3))
      return density.sum() + drawn.sum() + squashed.logProbability(of: action).sum()
    }
  }
}
