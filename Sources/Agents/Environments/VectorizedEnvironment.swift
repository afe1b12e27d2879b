import DescentGraph
import DescentTensors

/// Several environments of tensors side by side, computed all at once.
///
/// When an episode ends the environment is reset within the same step; the step gives the last observation of the old
/// episode and the first one of the new. Each environment draws from a key of its own.
public struct VectorizedEnvironment<Base: Environment>: EnvironmentBatch {
  /// The states of all environments.
  public struct State: Codable, Sendable {
    /// The environments' own states, with a first axis of environments.
    public var states: Base.State
    /// The sums of rewards since the episodes began, `[count]`, in float32.
    public var returns: Tensor
    /// The numbers of steps since the episodes began, `[count]`, in int32.
    public var lengths: Tensor
  }

  /// The environment.
  public let base: Base
  /// The number of environments.
  public let count: Int

  /// Puts so many environments side by side.
  ///
  /// - Throws: `TensorError` where the number or the limit of steps is not positive, or the space of actions is empty.
  public init(_ base: Base, count: Int) throws {
    guard count >= 1 else {
      throw TensorError(base.name, "\(count) environments side by side, where at least 1 is needed")
    }
    if let limit = base.stepLimit, limit < 1 {
      throw TensorError(base.name, "episodes of at most \(limit) steps, where at least 1 is needed")
    }
    if let fault = base.actionSpace.fault(base.name) { throw fault }
    (self.base, self.count) = (base, count)
  }

  /// What the environment is called.
  public var name: String { base.name }
  /// What is seen of the state of one environment.
  public var observationSpace: ObservationSpace { base.observationSpace }
  /// What can be done in one environment.
  public var actionSpace: ActionSpace { base.actionSpace }
  /// The number of steps after which an episode is truncated.
  public var stepLimit: Int? { base.stepLimit }

  /// The first states of new episodes.
  ///
  /// - Throws: `TensorError` of a mistake in the environment, such as an observation of another shape than its space says.
  public func reset(key: RandomKey) throws -> State {
    let base = base
    let first = vectorized { (words: Tensor) in
      let state = try base.reset(key: RandomKey(words: words))
      try base.check(try base.observation(of: state))
      return state
    }
    return State(
      states: try first(key.bits([count, 2])), returns: Tensor(zeros: [count]),
      lengths: Tensor(zeros: [count], .int32))
  }

  /// What is seen of the states, `[count, …]`.
  ///
  /// - Throws: `TensorError` of a mistake in the environment.
  public func observations(of state: State) throws -> Tensor {
    let base = base
    let seen = vectorized { (state: Base.State) in try base.observation(of: state) }
    return try seen(state.states)
  }

  /// Acts once in every environment; one whose episode ends is at the first state of a new one afterwards.
  ///
  /// - Throws: `TensorError` where actions have another shape or lie outside their space (where their values are known),
  ///   or of a mistake in the environment.
  public func step(_ state: State, _ actions: Tensor, key: RandomKey) throws -> BatchStep<State> {
    if let fault = try actionSpace.fault(in: actions, batch: [count], of: name) { throw fault }
    let base = base
    let act = vectorized { (states: Base.State, action: Tensor, length: Tensor, words: [Tensor]) in
      let transition = try base.step(states, action, key: RandomKey(words: words[0]))
      let reward = transition.reward
      guard reward.rank == 0, transition.terminated.rank == 0, transition.truncated.rank == 0 else {
        throw TensorError(
          base.name,
          "a step gives scalars as reward, terminated and truncated, found \(reward.shape),"
            + " \(transition.terminated.shape) and \(transition.truncated.shape)")
      }
      let steps = length + 1
      let isLate = base.stepLimit.map { steps .>= Double($0) } ?? Tensor(false)
      let truncated = (transition.truncated .| isLate) .& .!transition.terminated
      let ended = transition.terminated .| truncated
      let first = try base.reset(key: RandomKey(words: words[1]))
      return OneStep(
        states: try chosen(ended, first, transition.state), last: transition.state, reward: reward,
        terminated: transition.terminated, truncated: truncated, length: steps)
    }
    let typed = actions.converted(to: actionSpace.elementType)
    let keys = [key.split(0).bits([count, 2]), key.split(1).bits([count, 2])]
    let step = try act(state.states, typed, state.lengths, keys)
    let seen = vectorized { (state: Base.State) in try base.observation(of: state) }
    let returns = state.returns + step.reward.converted(to: .float32)
    let ended = step.terminated .| step.truncated
    let next = State(
      states: step.states, returns: `where`(ended, 0, returns), lengths: `where`(ended, 0, step.length))
    return BatchStep(
      state: next, observations: try seen(step.states), finalObservations: try seen(step.last), rewards: step.reward,
      terminated: step.terminated, truncated: step.truncated, returns: returns, lengths: step.length)
  }

  /// What becomes of one environment.
  private struct OneStep: Codable {
    let states: Base.State
    let last: Base.State
    let reward: Tensor
    let terminated: Tensor
    let truncated: Tensor
    let length: Tensor
  }
}

extension Environment {
  /// Refuses an observation that the observation space does not have.
  fileprivate func check(_ observation: Tensor) throws {
    if let error = observation.error { throw error }
    guard observation.shape == observationSpace.shape else {
      throw TensorError(
        name, "shows observations of the shape \(observation.shape), its space says \(observationSpace.shape)")
    }
    guard observation.elementType.isFloatingPoint != observationSpace.isDiscrete else {
      throw TensorError(
        name,
        "shows observations of \(observation.elementType), its space says"
          + (observationSpace.isDiscrete ? " integers" : " floating-point numbers"))
    }
  }
}

/// The first value where the condition holds, the second elsewhere, tensor by tensor.
///
/// - Throws: `TensorError` where the two differ in structure or types.
func chosen<Value: Codable>(_ condition: Tensor, _ a: Value, _ b: Value) throws -> Value {
  let (first, second) = (try ModelTree(a), try ModelTree(b))
  let (own, its) = (first.leaves, second.leaves)
  guard own.map(\.path) == its.map(\.path) else {
    throw TensorError(
      "\(Value.self)",
      "a reset gives the tensors \(own.map(\.path)), a step \(its.map(\.path)); both need the same structure")
  }
  let tensors = try zip(own, its).map { pair -> Tensor? in
    guard let one = pair.0.tensor, let other = pair.1.tensor else { return pair.1.tensor }
    guard one.shape == other.shape, one.elementType == other.elementType else {
      throw one.error ?? other.error
        ?? TensorError(
          "\(Value.self)",
          "'\(pair.0.path)' is \(one.elementType)\(one.shape) after a reset and \(other.elementType)\(other.shape) after a step"
        )
    }
    return `where`(condition, one, other)
  }
  return try second.rebuilt(Value.self, with: tensors)
}
