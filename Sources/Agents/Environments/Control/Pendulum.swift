import DescentGraph
import DescentTensors

/// A pendulum that hangs and is to be swung up and held upright by a torque between −2 and 2.
///
/// Every step costs by how far the pendulum is from upright and still; episodes have no end, only a limit of steps.
/// Observations are cosine and sine of the angle and the angular velocity, `[3]`. Source: Gymnasium's `Pendulum-v1`.
public struct Pendulum: Environment {
  /// What is known of the pendulum.
  public struct State: Codable, Sendable {
    /// The angle from upright, in radians.
    public var angle: Tensor
    /// The angular velocity, in radians a second.
    public var angularVelocity: Tensor

    /// Makes a state of scalars.
    public init(angle: Tensor, angularVelocity: Tensor) {
      (self.angle, self.angularVelocity) = (angle, angularVelocity)
    }
  }

  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?
  /// The acceleration by gravity.
  public let gravity: Double
  /// The type of the numbers.
  public let elementType: ElementType

  /// Makes an environment.
  ///
  /// - Parameters:
  ///   - stepLimit: The number of steps after which an episode is truncated.
  ///   - gravity: The acceleration by gravity.
  ///   - elementType: The type of the numbers.
  public init(stepLimit: Int? = 200, gravity: Double = 10, elementType: ElementType = .float32) {
    (self.stepLimit, self.gravity, self.elementType) = (stepLimit, gravity, elementType)
  }

  /// Cosine, sine and angular velocity.
  public var observationSpace: ObservationSpace { .box(low: [-1, -1, -8], high: [1, 1, 8]) }
  /// The torque.
  public var actionSpace: ActionSpace { .box(low: [-2], high: [2]) }

  public func reset(key: RandomKey) -> State {
    let start = key.uniform([2], low: -1, high: 1).converted(to: elementType)
    return State(angle: start[0] * Double.pi, angularVelocity: start[1])
  }

  public func observation(of state: State) -> Tensor {
    stacked([cos(state.angle), sin(state.angle), state.angularVelocity])
  }

  public func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    let time = 0.05
    let torque = action[0].converted(to: elementType).clamped(-2, 2)
    let angle = angleFromUpright(state.angle)
    let cost: Tensor = square(angle) + 0.1 * square(state.angularVelocity) + 0.001 * square(torque)
    let acceleration: Tensor = (1.5 * gravity) * sin(state.angle) + 3 * torque
    let velocity = (state.angularVelocity + time * acceleration).clamped(-8, 8)
    return Transition(
      State(angle: state.angle + time * velocity, angularVelocity: velocity), reward: -cost)
  }

  /// The angle between −π and π.
  private func angleFromUpright(_ angle: Tensor) -> Tensor {
    let turns = floor((angle + Double.pi) / (2 * Double.pi))
    return angle - turns * (2 * Double.pi)
  }
}
