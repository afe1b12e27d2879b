import DescentGraph
import DescentTensors

/// A car in a valley whose engine is too weak to drive up the hill on the right: it has to swing back and forth first.
///
/// The actions push to the left (0), not at all (1) or to the right (2); every step costs 1 until the car is up. Observations are
/// position and velocity, `[2]`. Source: Moore, "Efficient memory-based learning for robot control", 1990, as Gymnasium's
/// `MountainCar-v0` has it.
public struct MountainCar: Environment {
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?
  /// The type of the numbers.
  public let elementType: ElementType

  /// Makes an environment.
  ///
  /// - Parameters:
  ///   - stepLimit: The number of steps after which an episode is truncated.
  ///   - elementType: The type of the numbers.
  public init(stepLimit: Int? = 200, elementType: ElementType = .float32) {
    (self.stepLimit, self.elementType) = (stepLimit, elementType)
  }

  /// Position and velocity.
  public var observationSpace: ObservationSpace { MountainCarState.observationSpace }
  /// To the left, not at all, or to the right.
  public var actionSpace: ActionSpace { .discrete(3) }

  public func reset(key: RandomKey) -> MountainCarState { .start(key, elementType) }

  public func observation(of state: MountainCarState) -> Tensor { state.observation }

  public func step(_ state: MountainCarState, _ action: Tensor, key: RandomKey) -> Transition<MountainCarState> {
    let next = state.pushed(by: 0.001 * (action.converted(to: elementType) - 1))
    let isUp: Tensor = (next.position .>= 0.5) .& (next.velocity .>= 0)
    return Transition(next, reward: Tensor(-1, elementType), terminated: isUp)
  }
}

/// The mountain car with a force between −1 and 1.
///
/// A step costs a tenth of the force's square, and reaching the top gives 100. Source: Gymnasium's `MountainCarContinuous-v0`.
public struct MountainCarContinuous: Environment {
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?
  /// The type of the numbers.
  public let elementType: ElementType

  /// Makes an environment.
  ///
  /// - Parameters:
  ///   - stepLimit: The number of steps after which an episode is truncated.
  ///   - elementType: The type of the numbers.
  public init(stepLimit: Int? = 999, elementType: ElementType = .float32) {
    (self.stepLimit, self.elementType) = (stepLimit, elementType)
  }

  /// Position and velocity.
  public var observationSpace: ObservationSpace { MountainCarState.observationSpace }
  /// The force.
  public var actionSpace: ActionSpace { .box(low: [-1], high: [1]) }

  public func reset(key: RandomKey) -> MountainCarState { .start(key, elementType) }

  public func observation(of state: MountainCarState) -> Tensor { state.observation }

  public func step(_ state: MountainCarState, _ action: Tensor, key: RandomKey) -> Transition<MountainCarState> {
    let asked = action[0].converted(to: elementType)
    let next = state.pushed(by: 0.0015 * asked.clamped(-1, 1))
    let isUp: Tensor = (next.position .>= 0.45) .& (next.velocity .>= 0)
    let reward: Tensor = 100 * isUp.converted(to: elementType) - 0.1 * square(asked)
    return Transition(next, reward: reward, terminated: isUp)
  }
}

/// What is known of a car in its valley.
public struct MountainCarState: Codable, Sendable {
  /// The place, from −1.2 to 0.6; the lowest is at −π/6.
  public var position: Tensor
  /// The velocity, at most 0.07 either way.
  public var velocity: Tensor

  /// Makes a state of scalars.
  public init(position: Tensor, velocity: Tensor) { (self.position, self.velocity) = (position, velocity) }

  static var observationSpace: ObservationSpace { .box(low: [-1.2, -0.07], high: [0.6, 0.07]) }

  static func start(_ key: RandomKey, _ elementType: ElementType) -> MountainCarState {
    let position = key.uniform([], low: -0.6, high: -0.4).converted(to: elementType)
    return MountainCarState(position: position, velocity: Tensor(0, elementType))
  }

  var observation: Tensor { stacked([position, velocity]) }

  /// The state after a step in which the engine adds something to the velocity; the left wall stops the car.
  func pushed(by push: Tensor) -> MountainCarState {
    let slope: Tensor = 0.0025 * cos(3 * position)
    let moved = (velocity + push - slope).clamped(-0.07, 0.07)
    let place = (position + moved).clamped(-1.2, 0.6)
    let isStopped: Tensor = (place .<= -1.2) .& (moved .< 0)
    return MountainCarState(position: place, velocity: `where`(isStopped, 0, moved))
  }
}
