import DescentTensors
import DescentTraining

/// Deep Q-learning with quantiles: not only the mean of an action's returns is learned but how they are distributed.
///
/// All settings are those of `DQN`.
///
/// Source: Dabney et al., "Distributional reinforcement learning with quantile regression", 2018.
public struct QRDQN<ActingPolicy: Policy>: AgentAlgorithm where ActingPolicy.Memory == NoMemory {
  /// The settings that it shares with deep Q-learning; dueling streams do not count.
  public var base: DQN<ActingPolicy>
  /// The number of quantiles of each action.
  public var quantiles: Int

  /// The algorithm with the settings of deep Q-learning.
  ///
  /// - Parameters:
  ///   - base: Deep Q-learning with the policy and the settings.
  ///   - quantiles: The number of quantiles of each action.
  public init(_ base: DQN<ActingPolicy>, quantiles: Int = 50) { (self.base, self.quantiles) = (base, quantiles) }

  /// The algorithm for a policy with the settings of deep Q-learning.
  public init(policy: ActingPolicy, quantiles: Int = 50, seed: UInt64 = 0) {
    self.init(DQN(policy: policy, seed: seed), quantiles: quantiles)
  }

  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    guard quantiles >= 1, quantiles <= 10_000 else {
      throw TensorError("QRDQN", "learns \(quantiles) quantiles; take 1 up to 10,000")
    }
    return try base.learning("QRDQN", .quantiles(quantiles), steps)
      .train(on: environment, steps: steps, callbacks: callbacks)
  }
}
