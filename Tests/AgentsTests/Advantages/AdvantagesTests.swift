import DescentAgents
import DescentGraph
import DescentTensors
import Testing

@Suite struct AdvantagesTests {
  private func steps(
    _ rewards: [Double], _ values: [Double], _ next: [Double], terminated: [Bool]? = nil, truncated: [Bool]? = nil
  ) -> RewardSequence {
    let no = rewards.map { _ in false }
    return RewardSequence(
      rewards: Tensor(rewards, .float64), values: Tensor(values, .float64), nextValues: Tensor(next, .float64),
      terminated: Tensor(terminated ?? no), truncated: Tensor(truncated ?? no))
  }

  private func expect(_ tensor: Tensor, _ values: [Double], within bound: Double = 1e-10) throws {
    let found = try tensor.scalars()
    #expect(found.count == values.count)
    for (a, b) in zip(found, values) { #expect(abs(a - b) <= bound, "found \(found), not \(values)") }
  }

  @Test func generalizedAdvantagesAreThoseOfTheReference() throws {
    let (advantages, returns) = try steps([1, 1, 1], [0.5, 0.4, 0.3], [0.4, 0.3, 0.2])
      .generalizedAdvantages(discount: 0.99, lambda: 0.95)
    try expect(advantages, [2.5339456445, 1.741569, 0.898])
    try expect(returns, [3.0339456445, 2.141569, 1.198])
  }

  @Test func nothingFollowsWhatHasTerminatedAndAValueFollowsWhatWasTruncated() throws {
    // The second step ends an episode.
    let terminated = try steps([1, 2, 4], [0, 0, 0], [8, 16, 32], terminated: [false, true, false])
      .generalizedAdvantages(discount: 0.5, lambda: 0.5).advantages
    try expect(terminated, [1 + 4 + 0.25 * 2, 2, 4 + 16])
    let truncated = try steps([1, 2, 4], [0, 0, 0], [8, 16, 32], truncated: [false, true, false])
      .generalizedAdvantages(discount: 0.5, lambda: 0.5).advantages
    try expect(truncated, [1 + 4 + 0.25 * (2 + 8), 2 + 8, 4 + 16])
  }

  @Test func lambdaReturnsAreAdvantagesAndValues() throws {
    let walk = steps(
      [1, -2, 0.5, 3, 1], [0.3, 0.1, -0.4, 0.9, 0.2], [0.1, -0.4, 0.9, 0.7, 0.8],
      terminated: [false, true, false, false, false], truncated: [false, false, false, true, false])
    let returns = try walk.lambdaReturns(discount: 0.9, lambda: 0.7)
    // By hand, from the end of each episode.
    let fourth = 3 + 0.9 * 0.7
    let fifth = 1 + 0.9 * 0.8
    let third = 0.5 + 0.9 * (0.3 * 0.9 + 0.7 * fourth)
    let first = 1 + 0.9 * (0.3 * 0.1 + 0.7 * -2)
    try expect(returns, [first, -2, third, fourth, fifth], within: 1e-12)
    let (_, same) = try walk.generalizedAdvantages(discount: 0.9, lambda: 0.7)
    // The two differ by rounding alone, because each value is that of the observation after the step before.
    try expect(same, try returns.scalars(), within: 1e-12)
  }

  @Test func lambdaOneGivesDiscountedSumsAndLambdaZeroOneStep() throws {
    let walk = steps([1, 2, 3], [5, 6, 7], [6, 7, 8])
    try expect(try walk.lambdaReturns(discount: 0.5, lambda: 1), [1 + 1 + 0.75 + 1, 2 + 1.5 + 2, 3 + 4])
    try expect(try walk.lambdaReturns(discount: 0.5, lambda: 0), [1 + 3, 2 + 3.5, 3 + 4])
  }

  @Test func twoStateChainHasItsValues() throws {
    // A state that pays 1 and leads to one that pays 0 and leads back: V₀ = 1/(1 − γ²), V₁ = γ/(1 − γ²).
    let discount = 0.9
    let first = 1 / (1 - discount * discount)
    let second = discount * first
    let walk = steps([1, 0, 1, 0], [first, second, first, second], [second, first, second, first])
    let (advantages, returns) = try walk.generalizedAdvantages(discount: discount, lambda: 0.8)
    try expect(advantages, [0, 0, 0, 0], within: 1e-12)
    try expect(returns, [first, second, first, second], within: 1e-12)
    try expect(try walk.lambdaReturns(discount: discount, lambda: 0.3), [first, second, first, second], within: 1e-12)
  }

  @Test func vTraceOfTheSamePolicyIsTheSumOfRewards() throws {
    let walk = steps([1, 2, 3], [0.5, 0.25, 0.125], [0.25, 0.125, 4])
    let zeros = Tensor([0, 0, 0], .float64)
    let (values, advantages) = try walk.vTrace(logRatios: zeros, discount: 0.5)
    try expect(values, [1 + 1 + 0.75 + 0.5, 2 + 1.5 + 1, 3 + 2], within: 1e-12)
    try expect(advantages, [3.25 - 0.5, 4.5 - 0.25, 5 - 0.125], within: 1e-12)
  }

  @Test func vTraceOfAnotherPolicyIsTheFormula() throws {
    let (discount, ratios) = (0.9, [0.5, 3, 0.8])
    let (rewards, v, next) = ([1.0, -1, 2], [0.3, 0.6, -0.2], [0.6, -0.2, 0.4])
    let walk = steps(rewards, v, next)
    let (values, advantages) = try walk.vTrace(
      logRatios: log(Tensor(ratios, .float64)), discount: discount, lambda: 0.95, ratioBound: 2, traceBound: 1)
    let rho = ratios.map { min($0, 2) }
    let c = ratios.map { 0.95 * min($0, 1) }
    var expected = [0.0, 0, 0]
    var above = 0.0
    for t in [2, 1, 0] {
      above = rho[t] * (rewards[t] + discount * next[t] - v[t]) + discount * c[t] * above
      expected[t] = v[t] + above
    }
    try expect(values, expected, within: 1e-12)
    let later = [expected[1], expected[2], next[2]]
    try expect(
      advantages, (0..<3).map { rho[$0] * (rewards[$0] + discount * later[$0] - v[$0]) }, within: 1e-12)
  }

  @Test func environmentsSideBySideAreKeptApart() throws {
    let one = steps([1, 2], [0.5, 0.2], [0.2, 0.9], terminated: [true, false])
    let other = steps([3, 1], [0.1, 0.4], [0.4, 0.7])
    func both(_ path: KeyPath<RewardSequence, Tensor>) -> Tensor {
      stacked([one[keyPath: path], other[keyPath: path]], axis: 1)
    }
    let whole = RewardSequence(
      rewards: both(\.rewards), values: both(\.values), nextValues: both(\.nextValues),
      terminated: both(\.terminated), truncated: both(\.truncated))
    let found = try whole.generalizedAdvantages(discount: 0.9, lambda: 0.5).advantages
    for (place, alone) in [one, other].enumerated() {
      let own = try alone.generalizedAdvantages(discount: 0.9, lambda: 0.5).advantages
      try expect(found[.all, place], try own.scalars(), within: 0)
    }
  }

  @Test func shapesThatDifferAreNamed() {
    var walk = steps([1, 2], [0, 0], [0, 0])
    walk.values = Tensor([1.0], .float64)
    let error = #expect(throws: TensorError.self) { try walk.generalizedAdvantages(discount: 0.9, lambda: 0.5) }
    #expect(error?.message.contains("values") == true)
    #expect(throws: TensorError.self) { try steps([], [], []).lambdaReturns(discount: 0.9, lambda: 0.5) }
  }
}
