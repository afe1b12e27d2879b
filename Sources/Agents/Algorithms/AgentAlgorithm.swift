import DescentGraph
import DescentOptimizers
import DescentTensors
import DescentTraining

/// A method by which an agent learns from reward: PPO, DQN, SAC and the others.
///
/// ```swift
/// let trained = try PPO(policy: MLPPolicy(hidden: [64, 64]), seed: 1).train(on: CartPole(), steps: 100_000, callbacks: [.progress])
/// print(try trained.evaluate(episodes: 100))
/// ```
///
/// Acting in the environments, what is made of it, and all updates that follow are one compiled plan. The same seed gives the same
/// bits, also of a training that was killed and went on from a checkpoint.
public protocol AgentAlgorithm: Sendable {
  /// What acts.
  associatedtype ActingPolicy: Policy

  /// Learns in an environment.
  ///
  /// - Parameters:
  ///   - environment: The environment.
  ///   - steps: The number of steps in all environments together, rounded up to whole epochs of about 1,000.
  ///   - callbacks: What happens alongside, as in `Trainer.fit`: progress, checkpoints, curves, TensorBoard, CSV. A step of these is an
  ///     iteration: acting followed by its updates.
  /// - Returns: The policy with a report of what was done.
  /// - Throws: `TensorError` where the algorithm does not fit the environment or a setting makes no sense; `LearningFailure`, which
  ///   holds what was learned so far, where something fails on the way.
  func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source>
}

extension AgentAlgorithm {
  /// Learns in an environment without anything alongside; see `train(on:steps:callbacks:)`.
  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int
  ) throws -> TrainedAgent<ActingPolicy, Source> { try train(on: environment, steps: steps, callbacks: []) }
}

/// What an algorithm remembers of environments and learns from them, apart from how the two go together.
protocol LearningMethod<ActingPolicy>: Sendable {
  associatedtype ActingPolicy: Policy
  /// The networks, with what their optimizers remember: what stays as it was where an update is refused.
  associatedtype Networks: Codable & Sendable
  /// What else is kept, such as a replay.
  associatedtype Store: Codable & Sendable
  /// What is kept of each decision.
  associatedtype Notes: Codable & Sendable
  typealias Memory = ActingPolicy.Memory

  /// What the algorithm is called.
  var name: String { get }
  /// The seed of everything random.
  var seed: UInt64 { get }
  /// How much is done between two updates, and in one plan.
  var pace: LearningPace { get }
  /// The optimizer, for logs.
  var optimizer: any Optimizer { get }
  /// Refuses settings that make no sense.
  func validate() throws
  /// What is there before the first step.
  func begin(in spaces: PolicySpaces) throws -> (networks: Networks, store: Store)
  /// The policy that acts.
  func policy(in networks: Networks) -> ActingPolicy
  /// Decides what to do.
  func decide(
    _ moment: Moment, _ memory: Memory, _ networks: Networks, _ clock: LearningClock
  ) throws -> Decision<Memory, Notes>
  /// Learns from what happened.
  ///
  /// - Returns: Numbers by name; `loss` is among them.
  func learn(
    _ networks: inout Networks, _ store: inout Store, from experience: Experience<Memory, Notes>, _ key: RandomKey,
    _ clock: LearningClock
  ) throws -> [String: Tensor]
}

/// How much is done between two updates, and in one plan.
struct LearningPace: Sendable {
  /// The number of environments side by side.
  var environments: Int
  /// The number of steps of each between two updates.
  var steps: Int
  /// How often acting and updating take turns in one plan.
  var rounds = 1
  /// The number of steps in all environments before anything is learned.
  var start = 0

  /// The number of steps in all environments that one plan takes.
  var stepsPerIteration: Int { environments * steps * rounds }

  func check(_ name: String) throws {
    guard environments >= 1, steps >= 1, rounds >= 1, start >= 0 else {
      throw TensorError(
        name, "acts in \(environments) environments over \(steps) steps between updates; both have to be at least 1")
    }
    guard !environments.multipliedReportingOverflow(by: steps).overflow, environments * steps <= 1 << 40 else {
      throw TensorError(
        name, "acts in \(environments) environments over \(steps) steps, which is more than memory holds")
    }
  }
}

/// How far learning is.
struct LearningClock {
  /// The number of steps in all environments so far, a Float64 scalar.
  let steps: Tensor
  /// The share of all steps that is done, a Float64 scalar from 0 to 1.
  let progress: Tensor
  /// A key that is the same in all decisions between two updates.
  let key: RandomKey
  /// Whether updates have begun; before that, actions are drawn evenly by algorithms that keep a replay.
  let isLearning: Bool
}

/// What happened between two updates.
struct Experience<Memory: Codable & Sendable, Notes: Codable & Sendable> {
  /// What happened, `[steps, environments, …]`.
  let trajectory: Trajectory<Notes>
  /// What the policy remembered at the beginning.
  let memory: Memory
  /// Whether an episode begins with each step, `[steps, environments]`.
  let isFirst: Tensor
  /// Whether all rewards and observations are finite, a boolean.
  let isSound: Tensor
}
