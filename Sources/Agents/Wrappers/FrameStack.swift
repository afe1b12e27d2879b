import DescentGraph
import DescentTensors

/// An environment that shows its last observations together, so that what moves can be told from what stands.
///
/// Observations are `[frames, …]`, the newest one last; an episode begins with the first one in all places.
public struct FrameStack<Base: Environment>: EnvironmentWrapper {
  /// The state inside, and what has been seen.
  public struct State: Codable, Sendable {
    /// The state inside.
    public var base: Base.State
    /// The last observations, `[frames, …]`.
    public var frames: Tensor
  }

  /// The environment inside.
  public let base: Base
  /// The number of observations shown together.
  public let count: Int

  /// Several observations.
  public var observationSpace: ObservationSpace {
    let inside = base.observationSpace
    let shape = inside.shape.prepending(max(count, 0))
    switch inside {
    case .discrete(let states): return .multiDiscrete([Int](repeating: states, count: max(count, 0)))
    case .box(let low, let high):
      return .array(shape: shape, low: low.min() ?? -.infinity, high: high.max() ?? .infinity)
    case .array(_, let low, let high): return .array(shape: shape, low: low, high: high)
    case .multiDiscrete(let counts):
      return .array(shape: shape, low: 0, high: Double((counts.max() ?? 1) - 1))
    }
  }

  /// The first state, with its observation in all places.
  ///
  /// - Throws: `TensorError` where fewer than one frame is asked for, or of a mistake inside.
  public func reset(key: RandomKey) throws -> State {
    guard count >= 1 else { throw TensorError(name, "\(count) frames shown together, where at least 1 is needed") }
    let state = try base.reset(key: key)
    let seen = try shown(state)
    return State(base: state, frames: seen.expanded(axis: 0).broadcast(to: seen.shape.prepending(count)))
  }

  /// The last observations.
  public func observation(of state: State) -> Tensor { state.frames }

  /// As inside, with the new observation behind the others.
  ///
  /// - Throws: `TensorError` of a mistake inside.
  public func step(_ state: State, _ action: Tensor, key: RandomKey) throws -> Transition<State> {
    let inside = try base.step(state.base, action, key: key)
    let newest = try shown(inside.state).expanded(axis: 0)
    let frames = count > 1 ? concatenated([state.frames.sliced(1..<count), newest]) : newest
    return Transition(
      State(base: inside.state, frames: frames), reward: inside.reward, terminated: inside.terminated,
      truncated: inside.truncated)
  }

  /// What is seen of a state; several counts become numbers, since no space has tables of counts.
  private func shown(_ state: Base.State) throws -> Tensor {
    let seen = try base.observation(of: state)
    if case .multiDiscrete = base.observationSpace { return seen.converted(to: .float32) }
    return seen
  }
}

extension Environment {
  /// The environment that shows its last observations together.
  public func stackingFrames(_ count: Int) -> FrameStack<Self> { FrameStack(base: self, count: count) }
}
