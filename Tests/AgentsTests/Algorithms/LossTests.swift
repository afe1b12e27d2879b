import DescentGraph
import DescentTensors
import Foundation
import Testing

@testable import DescentAgents

@Suite struct LossTests {
  /// Holds a gradient against differences in Float64.
  private func check(_ values: Tensor, within bound: Double = 1e-7, _ function: (Tensor) throws -> Tensor) throws {
    let slopes = try gradient(at: values, of: function).scalars()
    let numbers = try values.scalars()
    #expect(slopes.contains { $0 != 0 })
    for place in numbers.indices {
      func moved(_ distance: Double) throws -> Double {
        var next = numbers
        next[place] += distance
        return try function(Tensor(next, shape: values.shape, .float64)).item()
      }
      let difference = (try moved(1e-5) - moved(-1e-5)) / 2e-5
      #expect(abs(difference - slopes[place]) < bound, "at \(place): \(slopes[place]), by differences \(difference)")
    }
  }

  private func settings(
    clip: Double? = nil, valueClip: Double? = nil, normalizes: Bool = false, hasBaseline: Bool = true
  ) -> OnPolicySettings {
    OnPolicySettings(
      discount: 0.9, lambda: 0.8, clip: clip, valueClip: valueClip, valueWeight: 0.5, entropyWeight: 0.02,
      normalizesAdvantages: normalizes, hasBaseline: hasBaseline)
  }

  private let sample = OnPolicySample(
    observations: Tensor(zeros: [4, 1], .float64), actions: Tensor(integers: [0, 2, 1, 2]),
    logProbabilities: Tensor([-1.3, -0.6, -1.0, -1.4], .float64), values: Tensor([0.1, -0.2, 0.4, 0.3], .float64),
    advantages: Tensor([1, -0.5, 0.3, -1.2], .float64), returns: Tensor([1.1, -0.9, 0.2, 0.5], .float64),
    weights: Tensor([1, 1, 0, 1], .float64))
  private let logits = Tensor(
    [0.3, -0.4, 0.8, 1.1, 0.2, -0.5, -0.7, 0.6, 0.1, 0.9, -0.3, 0.4], shape: [4, 3], .float64)
  private let values = Tensor([0.6, -0.1, 0.3, -0.2], .float64)

  @Test(arguments: [nil, 0.2], [false, true]) func policyLosses(_ clip: Double?, _ hasAll: Bool) throws {
    let settings = settings(clip: clip, valueClip: hasAll ? 0.3 : nil, normalizes: hasAll, hasBaseline: !hasAll)
    try check(logits) { settings.loss(ActionDistribution(logits: $0), values, sample).0 }
    let numbers = Tensor([0.2, -0.3, 0.5, 0.1, -0.2, 0.4, 0.6, -0.1], shape: [4, 2], .float64)
    var continuous = sample
    continuous.actions = Tensor([0.5, -0.5, 0.1, 0.4, -0.6, 0.2, 0.3, 0.9], shape: [4, 2], .float64)
    continuous.logProbabilities = Tensor([-2.2, -2.1, -2.6, -2.3], .float64)
    try check(numbers) {
      settings.loss(ActionDistribution(mean: $0, logStandardDeviation: 0.3 * $0), values, continuous).0
    }
    let distribution = ActionDistribution(logits: logits)
    try check(values) { settings.loss(distribution, $0, sample).0 }
  }

  @Test func clippedLossIsTheFormula() throws {
    let (loss, numbers) = settings(clip: 0.2, valueClip: 0.3).loss(
      ActionDistribution(logits: logits), values, sample)
    let rows = try logits.scalars()
    let (actions, old) = ([0, 2, 1, 2], [-1.3, -0.6, -1.0, -1.4])
    let (advantages, returns) = ([1, -0.5, 0.3, -1.2], [1.1, -0.9, 0.2, 0.5])
    let (before, now) = ([0.1, -0.2, 0.4, 0.3], [0.6, -0.1, 0.3, -0.2])
    var (policy, value, entropy, divergence, outside) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for row in 0..<4 {
      let powers = (0..<3).map { exp(rows[3 * row + $0]) }
      let shares = powers.map { $0 / powers.reduce(0, +) }
      let ratio = shares[actions[row]] / exp(old[row])
      policy -= min(ratio * advantages[row], min(max(ratio, 0.8), 1.2) * advantages[row]) / 4
      let near = before[row] + min(max(now[row] - before[row], -0.3), 0.3)
      let (first, second) = (now[row] - returns[row], near - returns[row])
      value += max(first * first, second * second) / 4
      entropy -= shares.reduce(0) { $0 + $1 * log($1) } / 4
      divergence += (ratio - 1 - log(ratio)) / 4
      outside += abs(ratio - 1) > 0.2 ? 0.25 : 0
    }
    let expected = [policy + 0.5 * value - 0.02 * entropy, policy, value, entropy, divergence]
    for (found, number) in zip(try numbers.scalars(), expected) { #expect(abs(found - number) < 1e-12) }
    #expect(try numbers.scalars()[6] == outside)
    #expect(abs(try loss.item() - expected[0]) < 1e-12)
  }

  private func valueSettings() -> ValueSettings {
    ValueSettings(
      batchSize: 4, updates: 1, targetInterval: 1, isDouble: true, initialExploration: 1, finalExploration: 0.1,
      explorationShare: 0.5)
  }

  @Test(arguments: [PolicyHead.actionValues(), .actionValues(isDueling: true), .quantiles(2)])
  func valueLosses(_ head: PolicyHead) throws {
    let outputs = Tensor((0..<24).map { sin(Double($0) * 1.7) * 1.3 }, shape: [4, 6], .float64)
    let items = ReplayedSteps(
      observations: Tensor(zeros: [4, 1]), actions: Tensor(integers: [0, 2, 1, 2]),
      rewards: Tensor([0.5, -1, 2.5, 0], .float64), nextObservations: Tensor(zeros: [4, 1]),
      discounts: Tensor([0.9, 0, 0.81, 0.9], .float64))
    let next = Tensor((0..<24).map { cos(Double($0) * 0.9) }, shape: [4, 6], .float64)
    let targets = valueSettings().targets(head, next, head.actionValues(next).argMax(), items)
    try check(outputs) { valueSettings().losses(head, $0, items.actions, targets).losses.sum() }
  }

  @Test func doubleTargetsAreTheFormula() throws {
    let items = ReplayedSteps(
      observations: Tensor(zeros: [2, 1]), actions: Tensor(integers: [0, 1]), rewards: Tensor([1, 2], .float64),
      nextObservations: Tensor(zeros: [2, 1]), discounts: Tensor([0.9, 0], .float64))
    let outputs = Tensor([3, 5, 7, 1], shape: [2, 2], .float64)
    let targets = valueSettings().targets(.actionValues(), outputs, Tensor(integers: [0, 0]), items)
    #expect(try targets.scalars() == [1 + 0.9 * 3, 2])
  }

  @Test func criticLosses() throws {
    let targets = Tensor([0.4, -0.3], .float64)
    try check(Tensor([0.1, 0.2, -0.5, 0.7], shape: [2, 2], .float64)) {
      Critics.loss([$0[0], $0[1]], targets)
    }
  }

  @Test func rewardsOverSeveralStepsEndWithTheEpisode() throws {
    func column(_ values: [Double]) -> Tensor { Tensor(values, shape: [5, 1]) }
    let steps = StepSequence(
      observations: column([0, 1, 2, 3, 4]), actions: Tensor(integers: [0, 1, 2, 3, 4], shape: [5, 1]),
      rewards: column([1, 2, 4, 8, 16]), finalObservations: column([1, 2, 30, 4, 5]),
      terminated: Tensor([false, false, true, false, false]).expanded(axis: 1),
      ended: Tensor([false, false, true, false, false]).expanded(axis: 1))
    let summed = steps.summed(over: 3, 3, 0.5)
    #expect(try summed.rewards.scalars() == [1 + 1 + 1, 2 + 2, 4])
    #expect(try summed.nextObservations.scalars() == [30, 30, 30])
    #expect(try summed.discounts.scalars() == [0, 0, 0])
    #expect(try summed.actions.integers() == [0, 1, 2])
    var truncated = steps
    truncated.terminated = Tensor(zeros: [5, 1], .bool)
    let discounts = try truncated.summed(over: 3, 3, 0.5).discounts.scalars()
    #expect(discounts == [0.125, 0.25, 0.5])
    let single = truncated.summed(over: 1, 5, 0.5)
    #expect(try single.rewards.scalars() == [1, 2, 4, 8, 16])
    #expect(try single.nextObservations.scalars() == [1, 2, 30, 4, 5])
  }

  @Test func stepsWaitForThoseThatFollow() throws {
    let settings = ReplaySettings(capacity: 10, discount: 0.5, stepCount: 2)
    let spaces = PolicySpaces(observations: .box(low: [0], high: [9]), actions: .discrete(2))
    var store = try ReplayStore(settings, spaces, environments: 2)
    for round in 0..<2 {
      let numbers = (0..<4).map { Double($0 + 4 * round) }
      try store.insert(
        StepSequence(
          observations: Tensor(numbers, shape: [2, 2, 1]), actions: Tensor(zeros: [2, 2], .int32),
          rewards: Tensor(numbers, shape: [2, 2]), finalObservations: Tensor(numbers.map { $0 + 2 }, shape: [2, 2, 1]),
          terminated: Tensor(zeros: [2, 2], .bool), ended: Tensor(zeros: [2, 2], .bool)), settings)
    }
    // Steps 0 to 5 have a step that follows in the same environment; 6 and 7 wait.
    let items = try store.sample(200, beta: Tensor(1), RandomKey(seed: 1)).items
    let (seen, rewards) = (try items.observations.scalars(), try items.rewards.scalars())
    #expect(Set(seen) == [0, 1, 2, 3, 4, 5])
    for (number, reward) in zip(seen, rewards) { #expect(reward == number + 0.5 * (number + 2)) }
    #expect(try items.discounts.scalars().allSatisfy { $0 == 0.25 })
  }
}
