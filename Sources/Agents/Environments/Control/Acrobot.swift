import DescentGraph
import DescentTensors

/// Two links that hang from a pivot, of which only the joint between them has a motor: the free end is to be swung up above a line.
///
/// The actions are torques of −1 (0), 0 (1) and 1 (2) at the joint; every step costs 1 until the end is above the line. Observations
/// are cosine and sine of both angles and the two angular velocities, `[6]`. Source: Sutton, "Generalization in reinforcement
/// learning", 1996, with the equations of Sutton and Barto's book, integrated by the classic method of Runge and Kutta, as
/// Gymnasium's `Acrobot-v1` has it.
public struct Acrobot: Environment {
  /// What is known of the links.
  public struct State: Codable, Sendable {
    /// The angle of the first link from hanging down, in radians.
    public var first: Tensor
    /// The angle of the second link from the first one's direction, in radians.
    public var second: Tensor
    /// The angular velocity of the first angle, in radians a second.
    public var firstVelocity: Tensor
    /// The angular velocity of the second angle, in radians a second.
    public var secondVelocity: Tensor

    /// Makes a state of scalars.
    public init(first: Tensor, second: Tensor, firstVelocity: Tensor, secondVelocity: Tensor) {
      (self.first, self.second) = (first, second)
      (self.firstVelocity, self.secondVelocity) = (firstVelocity, secondVelocity)
    }
  }

  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?
  /// The type of the numbers.
  public let elementType: ElementType

  /// Makes an environment.
  ///
  /// - Parameters:
  ///   - stepLimit: The number of steps after which an episode is truncated.
  ///   - elementType: The type of the numbers.
  public init(stepLimit: Int? = 500, elementType: ElementType = .float32) {
    (self.stepLimit, self.elementType) = (stepLimit, elementType)
  }

  private static let fastest = (4 * Double.pi, 9 * Double.pi)

  /// Cosines, sines and angular velocities.
  public var observationSpace: ObservationSpace {
    let bounds = [1, 1, 1, 1, Self.fastest.0, Self.fastest.1]
    return .box(low: bounds.map { -$0 }, high: bounds)
  }
  /// A torque of −1, 0 or 1.
  public var actionSpace: ActionSpace { .discrete(3) }

  public func reset(key: RandomKey) -> State {
    let start = key.uniform([4], low: -0.1, high: 0.1).converted(to: elementType)
    return State(first: start[0], second: start[1], firstVelocity: start[2], secondVelocity: start[3])
  }

  public func observation(of state: State) -> Tensor {
    stacked([
      cos(state.first), sin(state.first), cos(state.second), sin(state.second), state.firstVelocity,
      state.secondVelocity,
    ])
  }

  public func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    let torque = action.converted(to: elementType) - 1
    let moved = integrated(state, torque)
    let next = State(
      first: wrapped(moved.first), second: wrapped(moved.second),
      firstVelocity: moved.firstVelocity.clamped(-Self.fastest.0, Self.fastest.0),
      secondVelocity: moved.secondVelocity.clamped(-Self.fastest.1, Self.fastest.1))
    let height: Tensor = -cos(next.first) - cos(next.second + next.first)
    let isUp = height .> 1
    return Transition(next, reward: isUp.converted(to: elementType) - 1, terminated: isUp)
  }

  /// The angle between −π and π.
  private func wrapped(_ angle: Tensor) -> Tensor {
    angle - (2 * Double.pi) * ceil((angle - Double.pi) / (2 * Double.pi))
  }

  /// The state after 0.2 seconds under a torque.
  private func integrated(_ state: State, _ torque: Tensor) -> State {
    let time = 0.2
    let k1 = derivative(state, torque)
    let k2 = derivative(state.moved(by: k1, time / 2), torque)
    let k3 = derivative(state.moved(by: k2, time / 2), torque)
    let k4 = derivative(state.moved(by: k3, time), torque)
    func mean(_ part: KeyPath<State, Tensor>) -> Tensor {
      let middle: Tensor = 2 * k2[keyPath: part] + 2 * k3[keyPath: part]
      return k1[keyPath: part] + middle + k4[keyPath: part]
    }
    let slope = State(
      first: mean(\.first), second: mean(\.second), firstVelocity: mean(\.firstVelocity),
      secondVelocity: mean(\.secondVelocity))
    return state.moved(by: slope, time / 6)
  }

  /// How fast a state changes; links of mass and length 1 whose centers lie in their middles, with moments of inertia of 1.
  private func derivative(_ state: State, _ torque: Tensor) -> State {
    let gravity = 9.8
    let (cosine, sine) = (cos(state.second), sin(state.second))
    let (v1, v2) = (state.firstVelocity, state.secondVelocity)
    // d1 = m₁lc₁² + m₂(l₁² + lc₂² + 2l₁lc₂cos θ₂) + I₁ + I₂, and d2 = m₂(lc₂² + l₁lc₂cos θ₂) + I₂.
    let d1: Tensor = 3.5 + cosine
    let d2: Tensor = 1.25 + 0.5 * cosine
    let phi2: Tensor = (0.5 * gravity) * cos(state.first + state.second - Double.pi / 2)
    let swirl: Tensor = -0.5 * square(v2) * sine - v2 * v1 * sine
    let weight: Tensor = (1.5 * gravity) * cos(state.first - Double.pi / 2)
    let phi1: Tensor = swirl + weight + phi2
    let push: Tensor = torque + d2 / d1 * phi1 - 0.5 * square(v1) * sine - phi2
    let a2: Tensor = push / (1.25 - square(d2) / d1)
    let a1: Tensor = -(d2 * a2 + phi1) / d1
    return State(first: v1, second: v2, firstVelocity: a1, secondVelocity: a2)
  }
}

extension Acrobot.State {
  /// The state after some time at a rate of change.
  fileprivate func moved(by rate: Acrobot.State, _ time: Double) -> Acrobot.State {
    Acrobot.State(
      first: first + time * rate.first, second: second + time * rate.second,
      firstVelocity: firstVelocity + time * rate.firstVelocity,
      secondVelocity: secondVelocity + time * rate.secondVelocity)
  }
}
