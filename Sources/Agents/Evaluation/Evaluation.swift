import DescentGraph
import DescentTensors
import Foundation

/// How well a policy acts: the returns and lengths of some episodes.
public struct Evaluation: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The sums of the episodes' rewards, without discount.
  public let returns: [Double]
  /// The numbers of the episodes' steps.
  public let lengths: [Int]

  /// The mean of the returns.
  public var mean: Double { returns.reduce(0, +) / Double(max(1, returns.count)) }
  /// The standard deviation of the returns.
  public var standardDeviation: Double {
    let mean = mean
    return (returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, returns.count))).squareRoot()
  }
  /// The mean of the lengths.
  public var meanLength: Double { Double(lengths.reduce(0, +)) / Double(max(1, lengths.count)) }

  /// Such as `mean 500.0 ± 0.0`.
  public var description: String { String(format: "mean %.1f ± %.1f", mean, standardDeviation) }
}

extension Policy {
  /// Acts over whole episodes.
  ///
  /// - Parameters:
  ///   - environment: The environment.
  ///   - episodes: The number of episodes, which run side by side.
  ///   - seed: The seed of environments and of drawn actions.
  ///   - isGreedy: Whether the best known action is taken, rather than one drawn from the policy's distribution.
  ///   - stepLimit: The number of steps after which an episode that has no end is broken off.
  /// - Returns: Their returns and lengths.
  /// - Throws: `TensorError` where the policy was made for other spaces, or of a mistake in the environment.
  public func evaluated(
    on environment: some EnvironmentSource, episodes: Int, seed: UInt64 = 0, isGreedy: Bool = true,
    stepLimit: Int = 100_000
  ) throws -> Evaluation {
    guard episodes >= 1, stepLimit >= 1 else {
      throw TensorError("evaluate", "takes at least 1 episode of at least 1 step, not \(episodes) of \(stepLimit)")
    }
    let own = try madeSpaces()
    if let difference = own.difference(from: PolicySpaces(environment)) {
      throw TensorError("evaluate", "the policy was made for \(difference), which \(environment.name) has")
    }
    return try EvaluationRun(self, try environment.batch(episodes), isGreedy: isGreedy).run(seed: seed, stepLimit)
  }
}

/// Episodes side by side, one in each environment.
private struct EvaluationRun<ActingPolicy: Policy, Batch: EnvironmentBatch>: Sendable {
  struct State: Codable, Sendable {
    var end: RolloutEnd<Batch.State, ActingPolicy.Memory>
    var isDone: Tensor
    var returns: Tensor
    var lengths: Tensor
  }

  let policy: ActingPolicy
  let batch: Batch
  let isGreedy: Bool

  init(_ policy: ActingPolicy, _ batch: Batch, isGreedy: Bool) {
    (self.policy, self.batch, self.isGreedy) = (policy, batch, isGreedy)
  }

  func run(seed: UInt64, _ stepLimit: Int) throws -> Evaluation {
    let (policy, batch, isGreedy) = (policy, batch, isGreedy)
    let (spaces, head) = (try policy.madeSpaces(), policy.head)
    let limit = min(stepLimit, batch.stepLimit ?? stepLimit)
    let steps = min(limit, 250)
    let part = compiledUpdate { (state: inout State, policy: ActingPolicy, words: Tensor) in
      let rollout = try batch.rollout(from: state.end, steps: steps, key: RandomKey(words: words)) { moment, memory in
        let known = try forgetting(memory, policy.initialMemory(batch: batch.count), where: moment.isFirst)
        let output = try policy(moment.observations, known)
        let actions =
          isGreedy
          ? head.greedyActions(output.outputs, spaces.actions)
          : head.sampledActions(output.outputs, spaces.actions, moment.key)
        return Decision(actions, memory: output.memory, notes: [Tensor]())
      }
      let trajectory = rollout.trajectory
      let ends = trajectory.ended.converted(to: .int32)
      // Of several episodes that ended in one environment the first counts.
      let isCounted = (ends.cumulativeSum(axis: 0) .== 1) .& trajectory.ended .& .!state.isDone
      state.returns = state.returns + `where`(isCounted, trajectory.returns, 0).sum(axes: 0)
      state.lengths = state.lengths + `where`(isCounted, trajectory.lengths, 0).sum(axes: 0)
      state.isDone = state.isDone .| trajectory.ended.any(axes: 0)
      state.end = rollout.end
      return (.!state.isDone).converted(to: .int32).sum()
    }
    let keys = RandomKey(seed: seed)
    var state = State(
      end: RolloutEnd(
        state: try batch.reset(key: keys.split(0)), memory: policy.initialMemory(batch: batch.count),
        count: batch.count),
      isDone: Tensor(zeros: [batch.count], .bool), returns: Tensor(zeros: [batch.count]),
      lengths: Tensor(zeros: [batch.count], .int32))
    var done = 0
    while true {
      let left = try part(&state, policy, keys.split(1).split(done).words).integers()[0]
      done += steps
      if left == 0 { break }
      guard done < limit else {
        throw TensorError(
          "evaluate",
          "\(left) of \(batch.count) episodes of \(batch.name) have not ended after \(done) steps; give a larger stepLimit,"
            + " or the environment one")
      }
    }
    return Evaluation(returns: try state.returns.scalars(), lengths: try state.lengths.integers())
  }
}
