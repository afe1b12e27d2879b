import DescentGraph
import DescentTensors

/// Several arms to pull, each of which pays by chance: a bandit.
///
/// Every step shows the same and pays what the arm that was pulled pays: its mean and a normally distributed noise, or 1 with its mean
/// as the chance. An episode has no end of its own. Drifting arms' means change by a random walk from step to step. Source: Sutton
/// and Barto, "Reinforcement Learning", chapter 2.
public struct Bandit: Environment {
  /// What the arms pay on average.
  public struct State: Codable, Sendable {
    /// The arms' means, `[arms]`.
    public var means: Tensor
  }

  /// How an arm pays.
  public enum Payout: Hashable, Sendable, Codable {
    /// Its mean with a normally distributed noise of a standard deviation.
    case normal(standardDeviation: Double)
    /// 1 with the mean as the chance, 0 otherwise.
    case chance
  }

  /// The number of arms.
  public let arms: Int
  /// The arms' means; `nil` where each episode draws them, normally distributed around 0 with a standard deviation of 1, or uniformly
  /// from 0 to 1 where they are chances.
  public let means: [Double]?
  /// How an arm pays.
  public let payout: Payout
  /// The standard deviation of what is added to each mean in every step.
  public let drift: Double
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?

  /// Makes arms whose means each episode draws.
  ///
  /// - Parameters:
  ///   - arms: The number of arms.
  ///   - payout: How an arm pays.
  ///   - drift: The standard deviation of what is added to each mean in every step.
  ///   - stepLimit: The number of steps after which an episode is truncated.
  public init(
    arms: Int = 10, payout: Payout = .normal(standardDeviation: 1), drift: Double = 0, stepLimit: Int? = nil
  ) {
    (self.arms, means, self.payout) = (arms, nil, payout)
    (self.drift, self.stepLimit) = (drift, stepLimit)
  }

  /// Makes arms with given means; see `init(arms:payout:drift:stepLimit:)`.
  public init(
    means: [Double], payout: Payout = .normal(standardDeviation: 1), drift: Double = 0, stepLimit: Int? = nil
  ) {
    (arms, self.means, self.payout) = (means.count, means, payout)
    (self.drift, self.stepLimit) = (drift, stepLimit)
  }

  /// There is nothing to see.
  public var observationSpace: ObservationSpace { .discrete(1) }
  /// One of the arms.
  public var actionSpace: ActionSpace { .discrete(arms) }

  /// - Throws: `TensorError` where a mean, a chance or a standard deviation cannot be.
  public func reset(key: RandomKey) throws -> State {
    let isChance = payout == .chance
    if case .normal(let deviation) = payout, !(deviation >= 0 && deviation.isFinite) {
      throw TensorError(name, "a standard deviation of \(deviation), where a number from 0 on is needed")
    }
    guard drift >= 0, drift.isFinite else {
      throw TensorError(name, "a drift of \(drift), where a number from 0 on is needed")
    }
    guard let means else { return State(means: isChance ? key.uniform([arms]) : key.normal([arms])) }
    if let odd = means.first(where: { !$0.isFinite || isChance && !(0...1).contains($0) }) {
      throw TensorError(
        name, "an arm with the mean \(odd), where " + (isChance ? "a chance" : "a finite number") + " is needed")
    }
    return State(means: Tensor(means))
  }

  public func observation(of state: State) -> Tensor { Tensor(integers: [0], shape: []) }

  public func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    let mean = state.means.taken(action)
    let reward: Tensor
    switch payout {
    case .normal(let deviation): reward = mean + deviation * key.split(0).normal([])
    case .chance: reward = (key.split(0).uniform([]) .< mean).converted(to: .float32)
    }
    guard drift > 0 else { return Transition(state, reward: reward) }
    let moved = state.means + drift * key.split(1).normal([arms])
    return Transition(State(means: payout == .chance ? moved.clamped(0, 1) : moved), reward: reward)
  }
}
