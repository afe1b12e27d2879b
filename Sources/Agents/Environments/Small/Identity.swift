import DescentGraph
import DescentTensors

/// An environment in which the right action is what is seen: whatever learns at all learns this.
///
/// Every step shows a new number and gives a reward of 1 where the action was the number before. An episode ends by its limit of steps
/// alone, so that a perfect agent's return is `stepLimit`.
public struct IdentityEnvironment: Environment {
  /// What is to be repeated.
  public struct State: Codable, Sendable {
    /// The number that is seen.
    public var number: Tensor
  }

  /// The number of different observations, and actions.
  public let count: Int
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?

  /// Makes an environment of so many actions.
  public init(count: Int = 4, stepLimit: Int? = 100) { (self.count, self.stepLimit) = (count, stepLimit) }

  /// The number to be repeated.
  public var observationSpace: ObservationSpace { .discrete(count) }
  /// One of the numbers.
  public var actionSpace: ActionSpace { .discrete(count) }

  public func reset(key: RandomKey) -> State { State(number: actionSpace.sample(key)) }

  public func observation(of state: State) -> Tensor { state.number }

  public func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    Transition(
      State(number: actionSpace.sample(key)), reward: (action .== state.number).converted(to: .float32))
  }
}

/// An environment in which the right action is the vector that is seen, of numbers from −1 to 1.
///
/// A step gives 1 less the mean distance of the action from the vector before. A perfect agent's return is `stepLimit`.
public struct ContinuousIdentityEnvironment: Environment {
  /// What is to be repeated.
  public struct State: Codable, Sendable {
    /// The vector that is seen.
    public var numbers: Tensor
  }

  /// The number of components.
  public let count: Int
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?

  /// Makes an environment of vectors of so many components.
  public init(count: Int = 1, stepLimit: Int? = 100) { (self.count, self.stepLimit) = (count, stepLimit) }

  private var bounds: (low: [Double], high: [Double]) {
    ([Double](repeating: -1, count: max(count, 0)), [Double](repeating: 1, count: max(count, 0)))
  }
  /// The vector to be repeated.
  public var observationSpace: ObservationSpace { .box(low: bounds.low, high: bounds.high) }
  /// A vector.
  public var actionSpace: ActionSpace { .box(low: bounds.low, high: bounds.high) }

  public func reset(key: RandomKey) -> State { State(numbers: actionSpace.sample(key)) }

  public func observation(of state: State) -> Tensor { state.numbers }

  public func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    let distance = abs(action - state.numbers).mean()
    return Transition(State(numbers: actionSpace.sample(key)), reward: 1 - distance)
  }
}
