import DescentTensors
import DescentTraining

/// Twin delayed deep deterministic policy gradient: a policy without randomness climbs the values of the more cautious of two critics.
///
/// Its three additions to DDPG are settings: two critics of which the smaller value counts (`hasTwoCritics`), updates of the policy only
/// every few of the critics' (`policyInterval`), and noise on the actions that targets are computed from (`targetNoise`).
///
/// Source: Fujimoto, van Hoof and Meger, "Addressing function approximation error in actor-critic methods", 2018.
public struct TD3<ActingPolicy: Policy>: AgentAlgorithm where ActingPolicy.Memory == NoMemory {
  /// What acts.
  public var policy: ActingPolicy
  /// The learning rate of Adam, for policy and critics.
  public var learningRate: Double
  /// The most steps that the replay holds.
  public var replayCapacity: Int
  /// The number of steps in a batch.
  public var batchSize: Int
  /// The number of steps in all environments before anything is learned, rounded up to whole iterations of about 250; actions are drawn
  /// evenly until then.
  public var learningStart: Int
  /// The number of environments side by side.
  public var environments: Int
  /// The number of steps of each environment between two rounds of updates.
  public var rolloutSteps: Int
  /// The number of updates after each of these.
  public var updates: Int
  /// How far target networks follow after each update of the policy.
  public var targetRate: Double
  /// The discount factor γ.
  public var discount: Double
  /// The number of steps that rewards are summed over.
  public var rewardSteps: Int
  /// The standard deviation of the noise on actions while it learns, on a scale of −1…1.
  public var explorationNoise: Double
  /// Whether there are two critics, of which the smaller value counts.
  public var hasTwoCritics: Bool
  /// The number of updates of the critics after which the policy is updated.
  public var policyInterval: Int
  /// The standard deviation of the noise on the actions of targets, on a scale of −1…1; 0 for none.
  public var targetNoise: Double
  /// The bound of that noise.
  public var targetNoiseBound: Double
  /// The seed of everything random.
  public var seed: UInt64

  /// The algorithm with the settings of Stable-Baselines3.
  public init(
    policy: ActingPolicy, learningRate: Double = 1e-3, replayCapacity: Int = 1_000_000, batchSize: Int = 256,
    learningStart: Int = 250, environments: Int = 1, rolloutSteps: Int = 1, updates: Int = 1,
    targetRate: Double = 0.005, discount: Double = 0.99, rewardSteps: Int = 1, explorationNoise: Double = 0.1,
    hasTwoCritics: Bool = true, policyInterval: Int = 2, targetNoise: Double = 0.2, targetNoiseBound: Double = 0.5,
    seed: UInt64 = 0
  ) {
    (self.policy, self.learningRate, self.replayCapacity) = (policy, learningRate, replayCapacity)
    (self.batchSize, self.learningStart, self.environments) = (batchSize, learningStart, environments)
    (self.rolloutSteps, self.updates, self.targetRate) = (rolloutSteps, updates, targetRate)
    (self.discount, self.rewardSteps, self.explorationNoise) = (discount, rewardSteps, explorationNoise)
    (self.hasTwoCritics, self.policyInterval) = (hasTwoCritics, policyInterval)
    (self.targetNoise, self.targetNoiseBound, self.seed) = (targetNoise, targetNoiseBound, seed)
  }

  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    try train("TD3", on: environment, steps: steps, callbacks: callbacks)
  }

  func train<Source: EnvironmentSource>(
    _ name: String, on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    let pace = try LearningPace(
      environments: environments, steps: rolloutSteps, start: learningStart
    ).inTurns(name)
    return try DeterministicLearning(
      name: name, begin: policy, seed: seed, pace: pace, learningRate: learningRate,
      replay: ReplaySettings(
        capacity: pace.capacity(replayCapacity, of: steps), discount: discount, stepCount: rewardSteps),
      settings: ContinuousSettings(
        batchSize: batchSize, updates: updates, targetRate: targetRate, criticCount: hasTwoCritics ? 2 : 1),
      explorationNoise: explorationNoise, policyInterval: policyInterval, targetNoise: targetNoise,
      targetNoiseBound: targetNoiseBound
    ).train(on: environment, steps: steps, callbacks: callbacks)
  }
}

/// Deep deterministic policy gradient: a policy without randomness climbs the values of a critic.
///
/// It is `TD3` without its three additions.
///
/// Source: Lillicrap et al., "Continuous control with deep reinforcement learning", 2016.
public struct DDPG<ActingPolicy: Policy>: AgentAlgorithm where ActingPolicy.Memory == NoMemory {
  /// The settings that it shares with TD3; those of its additions do not count.
  public var base: TD3<ActingPolicy>

  /// The algorithm with the settings of Stable-Baselines3.
  public init(
    policy: ActingPolicy, learningRate: Double = 1e-3, replayCapacity: Int = 1_000_000, batchSize: Int = 256,
    learningStart: Int = 250, environments: Int = 1, rolloutSteps: Int = 1, updates: Int = 1,
    targetRate: Double = 0.005, discount: Double = 0.99, explorationNoise: Double = 0.1, seed: UInt64 = 0
  ) {
    base = TD3(
      policy: policy, learningRate: learningRate, replayCapacity: replayCapacity, batchSize: batchSize,
      learningStart: learningStart, environments: environments, rolloutSteps: rolloutSteps, updates: updates,
      targetRate: targetRate, discount: discount, explorationNoise: explorationNoise, seed: seed)
  }

  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    var plain = base
    (plain.hasTwoCritics, plain.policyInterval, plain.targetNoise) = (false, 1, 0)
    return try plain.train("DDPG", on: environment, steps: steps, callbacks: callbacks)
  }
}
