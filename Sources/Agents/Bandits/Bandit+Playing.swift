import DescentGraph
import DescentTensors

/// How a strategy fared with a bandit, step by step, as means over independent runs.
public struct BanditReport: Hashable, Sendable {
  /// The mean reward of each step.
  public let rewards: [Double]
  /// In which share of the runs each step pulled an arm that was the best one then.
  public let bestShares: [Double]
  /// What was lost up to each step to somebody who always pulls the best arm, by the arms' means.
  public let regrets: [Double]

  /// The mean reward of all steps.
  public var meanReward: Double { rewards.isEmpty ? 0 : rewards.reduce(0, +) / Double(rewards.count) }
}

/// What a strategy knows of each run's arms.
private struct BanditMemory: Codable {
  /// Estimated means, or preferences, `[runs, arms]`.
  var estimates: Tensor
  /// Pulls, `[runs, arms]`.
  var pulls: Tensor
  /// The number of steps so far.
  var steps: Tensor
  /// The mean reward so far, `[runs]`.
  var baseline: Tensor
}

extension Bandit {
  /// Plays by a strategy, in many runs side by side: all steps of all runs are one plan.
  ///
  /// - Parameters:
  ///   - strategy: How to choose.
  ///   - steps: The number of steps.
  ///   - runs: The number of independent runs, each with arms of its own.
  ///   - seed: The seed of everything random.
  /// - Throws: `TensorError` where a number is not positive, or the bandit's or strategy's settings cannot be.
  public func play(
    _ strategy: BanditStrategy, steps: Int = 1000, runs: Int = 1000, seed: UInt64 = 0
  ) throws -> BanditReport {
    guard steps >= 1 else { throw TensorError(name, "\(steps) steps, where at least 1 is needed") }
    try check(strategy)
    let batch = try batch(runs)
    let playing = compiled { (key: RandomKey) in
      let memory = BanditMemory(
        estimates: Tensor(repeating: initialEstimate(strategy), shape: [runs, arms]),
        pulls: Tensor(zeros: [runs, arms]),
        steps: Tensor(0), baseline: Tensor(zeros: [runs]))
      let keys = key.split(1).bits([steps, 2])
      return try scan(over: keys, from: try batch.reset(key: key.split(0)), memory) { now, words in
        let (key, means) = (RandomKey(words: words), now.0.states.means)
        let arm = choose(strategy, now.1, key.split(0))
        let step = try batch.step(now.0, arm, key: key.split(1))
        let own = means.takenAlong(arm.expanded(axis: 1), axis: 1).squeezed(axes: [1])
        let best = means.max(axes: [1])
        let isBest = (own .== best).converted(to: .float32)
        let next = updated(now.1, strategy, arm, step.rewards)
        return ((step.state, next), [step.rewards.mean(), isBest.mean(), (best - own).mean()])
      }.outputs
    }
    let curves = try playing(RandomKey(seed: seed))
    return BanditReport(
      rewards: try curves[0].scalars(), bestShares: try curves[1].scalars(),
      regrets: try curves[2].converted(to: .float64).cumulativeSum(axis: 0).scalars())
  }

  private func check(_ strategy: BanditStrategy) throws {
    func refuse(_ what: String) -> TensorError { TensorError(name, what) }
    switch strategy {
    case .epsilonGreedy(let epsilon, let stepSize, let initial):
      guard (0...1).contains(epsilon), initial.isFinite else {
        throw refuse("a chance of \(epsilon), which is not from 0 to 1")
      }
      if let stepSize, !(stepSize > 0 && stepSize <= 1) {
        throw refuse("a step size of \(stepSize), which is not from 0 to 1")
      }
    case .upperConfidenceBound(let width):
      guard width >= 0, width.isFinite else {
        throw refuse("a bound of width \(width), where a number from 0 on is needed")
      }
    case .gradient(let stepSize):
      guard stepSize > 0, stepSize.isFinite else { throw refuse("a step size of \(stepSize), which is not positive") }
    case .thompson: break
    }
  }

  private func initialEstimate(_ strategy: BanditStrategy) -> Double {
    if case .epsilonGreedy(_, _, let initial) = strategy { return initial }
    return 0
  }

  /// An arm for each run.
  private func choose(_ strategy: BanditStrategy, _ memory: BanditMemory, _ key: RandomKey) -> Tensor {
    let runs = memory.pulls.shape[0]
    // Equal estimates are told apart by noise too small to matter elsewhere.
    let noise = 1e-6 * key.split(7).uniform([runs, arms])
    switch strategy {
    case .epsilonGreedy(let epsilon, _, _):
      let any = actionSpace.sample(key.split(0), batch: [runs])
      let isAny = key.split(1).bernoulli([runs], probability: epsilon)
      return `where`(isAny, any, (memory.estimates + noise).argMax(axis: 1))
    case .upperConfidenceBound(let width):
      let reach = sqrt(log(memory.steps + 1) / maximum(memory.pulls, 1)) * width
      let bound = memory.estimates + reach + noise
      return `where`(memory.pulls .> 0, bound, 1e9 + 1e9 * noise).argMax(axis: 1)
    case .thompson:
      guard case .normal(let deviation) = payout else {
        let paid = memory.estimates * memory.pulls
        return key.beta([runs, arms], paid + 1, memory.pulls - paid + 1).argMax(axis: 1)
      }
      // With a prior of variance 1 and payments of variance σ², n of them leave a variance of σ² / (n + σ²).
      let variance = max(deviation * deviation, 1e-12)
      let mean = memory.estimates * memory.pulls / (memory.pulls + variance)
      let spread = sqrt(variance / (memory.pulls + variance))
      return (mean + spread * key.normal([runs, arms])).argMax(axis: 1)
    case .gradient: return key.categorical(logits: memory.estimates)
    }
  }

  private func updated(
    _ memory: BanditMemory, _ strategy: BanditStrategy, _ arm: Tensor, _ rewards: Tensor
  ) -> BanditMemory {
    let chosen = arm.oneHot(count: arms)
    let pulls = memory.pulls + chosen
    let steps = memory.steps + 1
    let baseline = memory.baseline + (rewards - memory.baseline) / steps
    let estimates: Tensor
    switch strategy {
    case .gradient(let stepSize):
      let chances = softmax(memory.estimates, axis: 1)
      // The baseline of a step holds the rewards up to it, its own among them.
      let better = (rewards - baseline).expanded(axis: 1)
      estimates = memory.estimates + stepSize * better * (chosen - chances)
    case .epsilonGreedy(_, let stepSize?, _):
      estimates = memory.estimates + stepSize * chosen * (rewards.expanded(axis: 1) - memory.estimates)
    default:
      estimates = memory.estimates + chosen * (rewards.expanded(axis: 1) - memory.estimates) / maximum(pulls, 1)
    }
    return BanditMemory(estimates: estimates, pulls: pulls, steps: steps, baseline: baseline)
  }
}
