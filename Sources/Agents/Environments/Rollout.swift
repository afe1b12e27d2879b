import DescentGraph
import DescentTensors

/// What happened in several environments side by side over a number of steps.
///
/// All tensors begin with the axes `[steps, count]`. What nobody reads is not computed where the rollout is part of a plan.
public struct Trajectory<Notes: Codable & Sendable>: Codable, Sendable {
  /// What was seen before each action.
  public var observations: Tensor
  /// The actions.
  public var actions: Tensor
  /// The rewards.
  public var rewards: Tensor
  /// Whether the action led to an end of the environment.
  public var terminated: Tensor
  /// Whether the episode was broken off after the action.
  public var truncated: Tensor
  /// What was seen after each action, before a new episode began.
  public var finalObservations: Tensor
  /// The sums of the rewards of the running episodes, up to this step, in float32: where an episode ended, its return.
  public var returns: Tensor
  /// The numbers of steps of the running episodes, up to this one, in int32: where an episode ended, its length.
  public var lengths: Tensor
  /// What the policy noted of each action, such as its probability.
  public var notes: Notes

  /// Whether an episode ended with the step, for either reason.
  public var ended: Tensor { terminated .| truncated }
}

/// What a policy decides.
public struct Decision<Memory: Codable & Sendable, Notes: Codable & Sendable>: Codable, Sendable {
  /// The actions, one for each environment.
  public var actions: Tensor
  /// What the policy remembers for the next step.
  public var memory: Memory
  /// What is to be kept of the decision in the trajectory, with a first axis of environments.
  public var notes: Notes

  /// Makes a decision.
  public init(_ actions: Tensor, memory: Memory, notes: Notes) {
    (self.actions, self.memory, self.notes) = (actions, memory, notes)
  }
}

/// What a policy decides by.
public struct Moment: Sendable {
  /// What is seen, `[count, …]`.
  public let observations: Tensor
  /// Whether the observations are the first ones of their episodes, `[count]`: what a policy remembers is to be forgotten there.
  public let isFirst: Tensor
  /// A key of this decision alone.
  public let key: RandomKey
}

/// Where a rollout has come to.
public struct RolloutEnd<State: Codable & Sendable, Memory: Codable & Sendable>: Codable, Sendable {
  /// The states of the environments.
  public var state: State
  /// What the policy remembers.
  public var memory: Memory
  /// Whether the states are the first ones of their episodes, `[count]`.
  public var isFirst: Tensor

  /// The beginning: the states after a reset.
  ///
  /// - Parameters:
  ///   - state: The states.
  ///   - memory: What the policy begins with.
  ///   - count: The number of environments.
  public init(state: State, memory: Memory, count: Int) {
    (self.state, self.memory) = (state, memory)
    isFirst = Tensor(ones: [count], .bool)
  }

  init(state: State, memory: Memory, isFirst: Tensor) {
    (self.state, self.memory, self.isFirst) = (state, memory, isFirst)
  }
}

extension EnvironmentBatch {
  /// Acts by a policy over a number of steps: one loop, whatever the number of steps.
  ///
  /// ```swift
  /// let run = compiled { (state, key) in
  ///   try batch.rollout(from: state, steps: 128, key: key) { batch.actionSpace.sample($0.key, batch: [batch.count]) }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - state: The states to begin with.
  ///   - steps: The number of steps.
  ///   - key: The key of everything random, from the environments and the policy.
  ///   - policy: Gives an action for each environment.
  /// - Returns: The states to go on from, and what happened.
  /// - Throws: `TensorError` where the number of steps is not positive, or of a mistake in environment or policy.
  public func rollout(
    from state: State, steps: Int, key: RandomKey, policy: (Moment) throws -> Tensor
  ) throws -> Rollout<State, [Tensor], [Tensor]> {
    let start = RolloutEnd(state: state, memory: [Tensor](), count: count)
    return try rollout(from: start, steps: steps, key: key) { moment, _ in
      Decision(try policy(moment), memory: [], notes: [])
    }
  }

  /// Acts by a policy that remembers and notes something; see `rollout(from:steps:key:policy:)`.
  ///
  /// - Parameters:
  ///   - start: Where the rollout begins: the end of the one before, or states after a reset.
  ///   - steps: The number of steps.
  ///   - key: The key of everything random, from the environments and the policy.
  ///   - policy: Decides by what is seen and by what it remembers.
  /// - Returns: Where the rollout has come to, and what happened.
  /// - Throws: `TensorError` where the number of steps is not positive, or of a mistake in environment or policy.
  public func rollout<Memory: Codable & Sendable, Notes: Codable & Sendable>(
    from start: RolloutEnd<State, Memory>, steps: Int, key: RandomKey,
    policy: (Moment, Memory) throws -> Decision<Memory, Notes>
  ) throws -> Rollout<State, Memory, Notes> {
    guard steps >= 1 else { throw TensorError(name, "a rollout of \(steps) steps, where at least 1 is needed") }
    let (end, trajectory) = try scan(over: key.bits([steps, 2]), from: start) { now, words in
      let key = RandomKey(words: words)
      let seen = try observations(of: now.state)
      let decision = try policy(Moment(observations: seen, isFirst: now.isFirst, key: key.split(0)), now.memory)
      let step = try step(now.state, decision.actions, key: key.split(1))
      let next = RolloutEnd(state: step.state, memory: decision.memory, isFirst: step.ended)
      let record = Trajectory(
        observations: seen, actions: decision.actions, rewards: step.rewards, terminated: step.terminated,
        truncated: step.truncated, finalObservations: step.finalObservations, returns: step.returns,
        lengths: step.lengths, notes: decision.notes)
      return (next, record)
    }
    return Rollout(end: end, trajectory: trajectory)
  }
}

/// Where a rollout has come to, and what happened on the way.
public struct Rollout<State: Codable & Sendable, Memory: Codable & Sendable, Notes: Codable & Sendable>: Codable,
  Sendable
{
  /// Where the rollout has come to.
  public var end: RolloutEnd<State, Memory>
  /// What happened.
  public var trajectory: Trajectory<Notes>

  /// The states to go on from.
  public var state: State { end.state }
}
