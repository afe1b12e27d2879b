import DescentOptimizers
import DescentTensors
import DescentTraining

/// REINFORCE: actions become likelier by the rewards that followed them, compared with what the observation promised.
///
/// Rewards are summed up to the end of the episode. With a baseline, an episode that a rollout breaks off goes on by the value of its last
/// observation; without one, its steps do not count.
///
/// Source: Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement learning", 1992.
public struct REINFORCE<ActingPolicy: Policy>: AgentAlgorithm {
  /// What acts.
  public var policy: ActingPolicy
  /// The learning rate of Adam.
  public var learningRate: Double
  /// The number of environments side by side.
  public var environments: Int
  /// The number of steps of each environment between two updates.
  public var rolloutSteps: Int
  /// The discount factor γ.
  public var discount: Double
  /// Whether the value of the observation is learned and subtracted.
  public var hasBaseline: Bool
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

  /// The algorithm with a baseline, unless it is told otherwise.
  public init(
    policy: ActingPolicy, learningRate: Double = 3e-3, environments: Int = 8, rolloutSteps: Int = 128,
    discount: Double = 0.99, hasBaseline: Bool = true, valueWeight: Double = 0.5, entropyWeight: Double = 0,
    normalizesAdvantages: Bool = true, gradientNorm: Double? = 0.5, seed: UInt64 = 0
  ) {
    (self.policy, self.learningRate, self.environments) = (policy, learningRate, environments)
    (self.rolloutSteps, self.discount, self.hasBaseline) = (rolloutSteps, discount, hasBaseline)
    (self.valueWeight, self.entropyWeight) = (valueWeight, entropyWeight)
    (self.normalizesAdvantages, self.gradientNorm, self.seed) = (normalizesAdvantages, gradientNorm, seed)
  }

  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    let settings = OnPolicySettings(
      discount: discount, lambda: 1, valueWeight: hasBaseline ? valueWeight : 0, entropyWeight: entropyWeight,
      normalizesAdvantages: normalizesAdvantages, hasBaseline: hasBaseline)
    return try OnPolicyLearning(
      name: "REINFORCE", begin: policy, seed: seed,
      pace: LearningPace(environments: environments, steps: rolloutSteps),
      rule: Adam(learningRate: .constant(learningRate)).clipping(globalNorm: gradientNorm ?? .infinity),
      settings: settings
    ).train(on: environment, steps: steps, callbacks: callbacks)
  }
}
