import DescentTensors
import DescentTraining

/// What has learned to act: a policy, with the environment that it has learned in.
public struct TrainedAgent<ActingPolicy: Policy, Source: EnvironmentSource>: Sendable {
  /// What acts.
  public let policy: ActingPolicy
  /// What it acts in.
  public let environment: Source
  /// What was done, epoch by epoch: returns, lengths, losses.
  public let report: TrainingReport

  /// Puts a policy and an environment together, such as one that was loaded.
  public init(policy: ActingPolicy, environment: Source, report: TrainingReport = TrainingReport()) {
    (self.policy, self.environment, self.report) = (policy, environment, report)
  }

  /// Acts over whole episodes as well as the policy knows.
  ///
  /// - Parameters:
  ///   - episodes: The number of episodes, which run side by side.
  ///   - seed: The seed of the environments.
  ///   - isGreedy: Whether the best known action is taken, rather than one drawn from the policy's distribution.
  ///   - stepLimit: The number of steps after which an episode that has no end is broken off.
  /// - Returns: Their returns and lengths.
  /// - Throws: `TensorError` where the policy was made for other spaces, or of a mistake in the environment.
  public func evaluate(
    episodes: Int = 100, seed: UInt64 = 0, isGreedy: Bool = true, stepLimit: Int = 100_000
  ) throws -> Evaluation {
    try policy.evaluated(on: environment, episodes: episodes, seed: seed, isGreedy: isGreedy, stepLimit: stepLimit)
  }
}
