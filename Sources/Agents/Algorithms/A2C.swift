import DescentOptimizers
import DescentTensors
import DescentTraining

/// The synchronous advantage actor-critic: one update on what the policy has just done in several environments.
///
/// Source: Mnih et al., "Asynchronous methods for deep reinforcement learning", 2016, without the asynchrony.
public struct A2C<ActingPolicy: Policy>: AgentAlgorithm {
  /// What acts.
  public var policy: ActingPolicy
  /// The learning rate of RMSprop.
  public var learningRate: Double
  /// Whether the learning rate falls to 0 by the end of training.
  public var annealsLearningRate: Bool
  /// The number of environments side by side.
  public var environments: Int
  /// The number of steps of each environment between two updates.
  public var rolloutSteps: Int
  /// The discount factor γ.
  public var discount: Double
  /// The λ of generalized advantage estimates; 1 for sums of rewards.
  public var lambda: Double
  /// What the squared error of values is multiplied by.
  public var valueWeight: Double
  /// What the entropy is multiplied by, by which losses are lowered.
  public var entropyWeight: Double
  /// Whether advantages have mean 0 and standard deviation 1 in each update.
  public var normalizesAdvantages: Bool
  /// The largest norm of gradients; `nil` for none.
  public var gradientNorm: Double?
  /// The seed of everything random.
  public var seed: UInt64

  /// The algorithm with the settings of Stable-Baselines3, in 8 environments.
  public init(
    policy: ActingPolicy, learningRate: Double = 7e-4, annealsLearningRate: Bool = false, environments: Int = 8,
    rolloutSteps: Int = 5, discount: Double = 0.99, lambda: Double = 1, valueWeight: Double = 0.5,
    entropyWeight: Double = 0, normalizesAdvantages: Bool = false, gradientNorm: Double? = 0.5, seed: UInt64 = 0
  ) {
    (self.policy, self.learningRate, self.annealsLearningRate) = (policy, learningRate, annealsLearningRate)
    (self.environments, self.rolloutSteps, self.discount, self.lambda) = (environments, rolloutSteps, discount, lambda)
    (self.valueWeight, self.entropyWeight) = (valueWeight, entropyWeight)
    (self.normalizesAdvantages, self.gradientNorm, self.seed) = (normalizesAdvantages, gradientNorm, seed)
  }

  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    // Rollouts are short: several of them, each with its update, are one plan.
    var pace = LearningPace(environments: environments, steps: rolloutSteps)
    try pace.check("A2C")
    pace.rounds = max(1, 250 / pace.stepsPerIteration)
    let rate = try pace.annealed(learningRate, annealsLearningRate, updates: pace.rounds, of: steps, in: "A2C")
    let settings = OnPolicySettings(
      discount: discount, lambda: lambda, valueWeight: valueWeight, entropyWeight: entropyWeight,
      normalizesAdvantages: normalizesAdvantages)
    return try OnPolicyLearning(
      name: "A2C", begin: policy, seed: seed, pace: pace,
      rule: RMSprop(learningRate: rate, decay: 0.99, epsilon: 1e-5)
        .clipping(globalNorm: gradientNorm ?? .infinity),
      settings: settings
    ).train(on: environment, steps: steps, callbacks: callbacks)
  }
}
