/// An environment in plain Swift: a game, a simulation, a robot. One object is one environment.
///
/// ```swift
/// final class Dice: PlainEnvironment {
///   private var generator = SystemRandomNumberGenerator()
///   func reset(seed: UInt64) -> [Double] { [0] }
///   func step(_ action: PlainAction) -> PlainStep {
///     let roll = Int.random(in: 0..<6, using: &generator)
///     return PlainStep([Double(roll)], reward: roll == action.choice ? 1 : 0, terminated: true)
///   }
/// }
/// let dice = ExternalEnvironment(
///   "Dice", observationSpace: .box(low: [0], high: [5]), actionSpace: .discrete(6)) { _ in Dice() }
/// ```
///
/// Each object is made, called and released on a thread of its own, and by nobody else.
public protocol PlainEnvironment: AnyObject {
  /// Begins an episode; gives what is seen, in row-major order.
  ///
  /// - Parameter seed: Another one for each episode; with the same seeds, everything random should be the same.
  func reset(seed: UInt64) throws -> [Double]
  /// Acts once.
  func step(_ action: PlainAction) throws -> PlainStep
}

/// An action in plain Swift.
public struct PlainAction: Hashable, Sendable {
  /// The components: choices as whole numbers.
  public let values: [Double]

  /// Makes an action.
  public init(_ values: [Double]) { self.values = values }

  /// The first component as a choice, where the actions are choices.
  public var choice: Int { values.first.flatMap { Int(exactly: $0) } ?? 0 }
}

/// What an action led to, in plain Swift.
public struct PlainStep: Hashable, Sendable {
  /// What is seen afterwards, in row-major order.
  public var observation: [Double]
  /// The reward.
  public var reward: Double
  /// Whether the environment has come to an end.
  public var terminated: Bool
  /// Whether the episode is broken off.
  public var truncated: Bool

  /// Makes a step; the episode goes on where nothing else is said.
  public init(_ observation: [Double], reward: Double, terminated: Bool = false, truncated: Bool = false) {
    (self.observation, self.reward) = (observation, reward)
    (self.terminated, self.truncated) = (terminated, truncated)
  }
}
