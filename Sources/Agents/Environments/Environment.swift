import DescentGraph
import DescentTensors

/// An environment as pure functions on tensors: one state in, the next state out.
///
/// A conforming type holds settings, and its functions say what becomes of one environment. Whole batches of them run inside
/// one compiled plan, because `vectorized` maps them over many states and `scan` goes from step to step.
///
/// ```swift
/// struct Corridor: Environment {
///   struct State: Codable, Sendable { var place: Tensor }
///   let name = "Corridor"
///   let observationSpace = ObservationSpace.discrete(5)
///   let actionSpace = ActionSpace.discrete(2)
///   func reset(key: RandomKey) -> State { State(place: Tensor(integers: [2], shape: [])) }
///   func observation(of state: State) -> Tensor { state.place }
///   func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
///     let place = state.place + action * 2 - 1
///     return Transition(State(place: place), reward: Tensor(-1), terminated: (place .== 0) .| (place .== 4))
///   }
/// }
/// ```
///
/// What is random depends on the key alone, which is another one for each environment and step.
public protocol Environment: EnvironmentSource {
  /// What an environment remembers from step to step: a `Codable` value of tensors, whose shapes and types stay the same.
  associatedtype State: Codable & Sendable
  /// The first state of an episode.
  ///
  /// - Throws: `TensorError` of a mistake.
  func reset(key: RandomKey) throws -> State
  /// What is seen of a state: a tensor of the shape of the observation space.
  ///
  /// - Throws: `TensorError` of a mistake.
  func observation(of state: State) throws -> Tensor
  /// What becomes of a state by an action.
  ///
  /// - Parameters:
  ///   - state: The state.
  ///   - action: A tensor of the shape and type of the action space.
  ///   - key: A key of this step alone.
  /// - Throws: `TensorError` of a mistake.
  func step(_ state: State, _ action: Tensor, key: RandomKey) throws -> Transition<State>
}

extension Environment {
  /// The name of the type.
  public var name: String { "\(Self.self)" }
  /// Without end.
  public var stepLimit: Int? { nil }

  /// So many environments side by side.
  ///
  /// - Throws: `TensorError` where the number or the limit of steps is not positive, or the space of actions is empty.
  public func batch(_ count: Int) throws -> VectorizedEnvironment<Self> {
    try VectorizedEnvironment(self, count: count)
  }
}

/// What an action led to.
public struct Transition<State: Codable & Sendable>: Codable, Sendable {
  /// The next state.
  public var state: State
  /// The reward, a scalar.
  public var reward: Tensor
  /// Whether the state is an end of the environment, after which there is nothing to be expected: a scalar.
  public var terminated: Tensor
  /// Whether the episode is broken off without having reached an end: a scalar. A limit of steps is not among the reasons:
  /// `stepLimit` is kept by whoever runs the episodes.
  public var truncated: Tensor

  /// Makes a transition; an episode goes on where nothing else is said.
  public init(
    _ state: State, reward: Tensor, terminated: Tensor = Tensor(false), truncated: Tensor = Tensor(false)
  ) {
    (self.state, self.reward, self.terminated, self.truncated) = (state, reward, terminated, truncated)
  }
}
