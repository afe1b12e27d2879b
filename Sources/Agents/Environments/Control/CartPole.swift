import DescentGraph
import DescentTensors

/// A pole on a cart that is to be kept upright by pushing the cart to the left (action 0) or right (1).
///
/// Every step gives a reward of 1, and an episode ends where the cart leaves its track or the pole leans by more than 12°.
/// Observations are the cart's position and velocity and the pole's angle and angular velocity, `[4]`.
///
/// Source: Barto, Sutton and Anderson, "Neuronlike adaptive elements that can solve difficult learning control problems",
/// 1983, as Gymnasium's `CartPole-v1` has it.
public struct CartPole: Environment {
  /// What is known of cart and pole.
  public struct State: Codable, Sendable {
    /// The cart's position, in meters.
    public var position: Tensor
    /// The cart's velocity, in meters a second.
    public var velocity: Tensor
    /// The pole's angle from upright, in radians.
    public var angle: Tensor
    /// The pole's angular velocity, in radians a second.
    public var angularVelocity: Tensor

    /// Makes a state of scalars.
    public init(position: Tensor, velocity: Tensor, angle: Tensor, angularVelocity: Tensor) {
      (self.position, self.velocity) = (position, velocity)
      (self.angle, self.angularVelocity) = (angle, angularVelocity)
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

  private static let farthest = 2.4
  private static let steepest = 12 * 2 * Double.pi / 360

  /// The space of observations; positions and angles reach twice as far as an episode does.
  public var observationSpace: ObservationSpace {
    let bounds = [2 * Self.farthest, .infinity, 2 * Self.steepest, .infinity]
    return .box(low: bounds.map { -$0 }, high: bounds)
  }
  /// A push to the left, 0, or to the right, 1.
  public var actionSpace: ActionSpace { .discrete(2) }

  public func reset(key: RandomKey) -> State {
    let start = key.uniform([4], low: -0.05, high: 0.05).converted(to: elementType)
    return State(position: start[0], velocity: start[1], angle: start[2], angularVelocity: start[3])
  }

  public func observation(of state: State) -> Tensor {
    stacked([state.position, state.velocity, state.angle, state.angularVelocity])
  }

  public func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    let (gravity, poleMass, totalMass, halfLength, time) = (9.8, 0.1, 1.1, 0.5, 0.02)
    let force: Tensor = `where`(action .== 1, 10, Tensor(-10, elementType))
    let (sine, cosine) = (sin(state.angle), cos(state.angle))
    let drag: Tensor = (poleMass * halfLength) * square(state.angularVelocity) * sine
    let push: Tensor = (force + drag) / totalMass
    let inertia: Tensor = halfLength * (4.0 / 3.0 - poleMass * square(cosine) / totalMass)
    let turn: Tensor = (gravity * sine - cosine * push) / inertia
    let acceleration: Tensor = push - (poleMass * halfLength) * turn * cosine / totalMass
    let next = State(
      position: state.position + time * state.velocity, velocity: state.velocity + time * acceleration,
      angle: state.angle + time * state.angularVelocity, angularVelocity: state.angularVelocity + time * turn)
    let fallen: Tensor = (abs(next.position) .> Self.farthest) .| (abs(next.angle) .> Self.steepest)
    return Transition(next, reward: Tensor(1, elementType), terminated: fallen)
  }
}
