import DescentGraph
import DescentTensors

/// What an agent acts in and learns from: an `Environment` of tensors, or one of the user's own in plain Swift,
/// `ExternalEnvironment`.
///
/// Algorithms ask it for a batch of environments side by side, and see nothing else of it.
public protocol EnvironmentSource: Sendable {
  /// Several of the environments, side by side.
  associatedtype Batch: EnvironmentBatch
  /// What the environment is called in errors, tables and files, such as `CartPole`.
  var name: String { get }
  /// What is seen of a state.
  var observationSpace: ObservationSpace { get }
  /// What can be done.
  var actionSpace: ActionSpace { get }
  /// The number of steps after which an episode is truncated; `nil` where it may go on without end.
  var stepLimit: Int? { get }
  /// So many environments side by side.
  ///
  /// - Throws: `TensorError` where the number is not positive, or the environment's settings are wrong.
  func batch(_ count: Int) throws -> Batch
}

/// Several environments of one kind side by side, each of which begins a new episode by itself when one has ended.
///
/// All functions are pure functions on tensors, to be recorded into plans: the state holds everything that changes.
///
/// ```swift
/// let batch = try CartPole().batch(8)
/// let key = RandomKey(seed: 1)
/// let start = try batch.reset(key: key.split(0))
/// let step = try batch.step(start, batch.actionSpace.sample(key.split(1), batch: [8]), key: key.split(2))
/// print(try step.rewards.floats())
/// ```
public protocol EnvironmentBatch: Sendable {
  /// Everything that changes from step to step: a `Codable` value of tensors.
  associatedtype State: Codable & Sendable
  /// What the environment is called.
  var name: String { get }
  /// The number of environments.
  var count: Int { get }
  /// What is seen of the state of one environment.
  var observationSpace: ObservationSpace { get }
  /// What can be done in one environment.
  var actionSpace: ActionSpace { get }
  /// The number of steps after which an episode is truncated; `nil` where it may go on without end.
  var stepLimit: Int? { get }
  /// Whether a state that was kept, such as one from a checkpoint, can be gone on from. Where it cannot, begin with `reset(key:)`.
  var isRestorable: Bool { get }
  /// The first states of new episodes.
  ///
  /// - Throws: `TensorError` of a mistake in the environment.
  func reset(key: RandomKey) throws -> State
  /// What is seen of the states, `[count, …]`.
  ///
  /// - Throws: `TensorError` of a mistake in the environment.
  func observations(of state: State) throws -> Tensor
  /// Acts once in every environment; one whose episode ends is at the first state of a new one afterwards.
  ///
  /// - Parameters:
  ///   - state: The states.
  ///   - actions: An action for each environment, `[count, …]`.
  ///   - key: A key of this step alone.
  /// - Throws: `TensorError` where actions have another shape or lie outside their space (where their values are known),
  ///   or of a mistake in the environment.
  func step(_ state: State, _ actions: Tensor, key: RandomKey) throws -> BatchStep<State>
}

extension EnvironmentBatch {
  /// The state holds everything.
  public var isRestorable: Bool { true }
}

/// What came of one step of several environments side by side.
public struct BatchStep<State: Codable & Sendable>: Codable, Sendable {
  /// The states to go on from: where an episode ended, the first one of the next.
  public var state: State
  /// What is seen of the states to go on from, `[count, …]`.
  public var observations: Tensor
  /// What is seen of the states that the actions led to, `[count, …]`: where an episode ended, its last one, whose value a
  /// truncated episode is bootstrapped with.
  public var finalObservations: Tensor
  /// The rewards, `[count]`.
  public var rewards: Tensor
  /// Whether an episode has ended because it reached an end of the environment, `[count]`: nothing is to be expected afterwards.
  public var terminated: Tensor
  /// Whether an episode was broken off, by its number of steps, without having reached an end, `[count]`. What is to be
  /// expected afterwards is the value of the final observation.
  public var truncated: Tensor
  /// The sums of the rewards of the running episodes up to this step, without discount, `[count]`, in float32: where an
  /// episode ended, its return.
  public var returns: Tensor
  /// The numbers of steps of the running episodes up to this one, `[count]`, in int32: where an episode ended, its length.
  public var lengths: Tensor

  /// Makes the result of a step.
  public init(
    state: State, observations: Tensor, finalObservations: Tensor, rewards: Tensor, terminated: Tensor,
    truncated: Tensor, returns: Tensor, lengths: Tensor
  ) {
    self.state = state
    (self.observations, self.finalObservations) = (observations, finalObservations)
    (self.rewards, self.terminated, self.truncated) = (rewards, terminated, truncated)
    (self.returns, self.lengths) = (returns, lengths)
  }

  /// Whether episodes have ended, for either reason, `[count]`.
  public var ended: Tensor { terminated .| truncated }
}
