import DescentGraph
import DescentTensors

/// An environment around another one that differs from it in some of what it says and does: states are the other's.
///
/// Whoever conforms writes what is different.
public protocol EnvironmentWrapper: Environment {
  /// The environment inside.
  associatedtype Base: Environment
  /// The environment inside.
  var base: Base { get }
}

extension EnvironmentWrapper {
  /// The name of the environment inside.
  public var name: String { base.name }
  /// As inside.
  public var observationSpace: ObservationSpace { base.observationSpace }
  /// As inside.
  public var actionSpace: ActionSpace { base.actionSpace }
  /// As inside.
  public var stepLimit: Int? { base.stepLimit }
}

extension EnvironmentWrapper where State == Base.State {
  /// As inside.
  ///
  /// - Throws: `TensorError` of a mistake inside.
  public func reset(key: RandomKey) throws -> State { try base.reset(key: key) }
  /// As inside.
  ///
  /// - Throws: `TensorError` of a mistake inside.
  public func observation(of state: State) throws -> Tensor { try base.observation(of: state) }
  /// As inside.
  ///
  /// - Throws: `TensorError` of a mistake inside.
  public func step(_ state: State, _ action: Tensor, key: RandomKey) throws -> Transition<State> {
    try base.step(state, action, key: key)
  }
}

/// An environment with another limit of steps.
public struct LimitedEnvironment<Base: Environment>: EnvironmentWrapper {
  public typealias State = Base.State
  /// The environment inside.
  public let base: Base
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?
}

extension Environment {
  /// The environment with another limit of steps, after which an episode is truncated; without one where it is `nil`.
  public func limited(to steps: Int?) -> LimitedEnvironment<Self> { LimitedEnvironment(base: self, stepLimit: steps) }
}
