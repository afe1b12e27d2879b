import DescentOptimizers
import DescentTensors
import DescentTraining

/// Proximal policy optimization: several epochs of updates on what the policy has just done, none of which moves it far.
///
/// ```swift
/// let trained = try PPO(policy: MLPPolicy(hidden: [64, 64]), seed: 1).train(on: CartPole(), steps: 100_000)
/// ```
///
/// The details that implementations have in common are settings, each of which can be switched off: several environments side by side
/// (`environments`), orthogonal initial weights (`MLPPolicy.isOrthogonal`), Adam's ε (`epsilon`), a learning rate that falls
/// to 0 (`annealsLearningRate`), generalized advantage estimates (`lambda`, 1 for sums of rewards), minibatches (`minibatches`),
/// advantages normalized in each (`normalizesAdvantages`), the clipped objective (`clip`), clipped changes of values (`valueClip`), an
/// entropy bonus (`entropyWeight`), gradients clipped by their norm (`gradientNorm`), numbers to watch (both estimates of the Kullback–Leibler divergence,
/// the fraction of clipped ratios, explained variance), and networks of their own for policy and values (`MLPPolicy.sharesLayers`).
/// A policy that remembers, such as `RecurrentPolicy`, learns from whole sequences.
///
/// Sources: Schulman et al., "Proximal policy optimization algorithms", 2017; Huang et al., "The 37 implementation details of proximal
/// policy optimization", 2022.
public struct PPO<ActingPolicy: Policy>: AgentAlgorithm {
  /// What acts.
  public var policy: ActingPolicy
  /// The learning rate.
  public var learningRate: Double
  /// Whether the learning rate falls to 0 by the end of training.
  public var annealsLearningRate: Bool
  /// The number of environments side by side.
  public var environments: Int
  /// The number of steps of each environment between two rounds of updates.
  public var rolloutSteps: Int
  /// How often a rollout is learned from.
  public var epochs: Int
  /// The number of minibatches that a rollout is dealt out to in each epoch.
  public var minibatches: Int
  /// The discount factor γ.
  public var discount: Double
  /// The λ of generalized advantage estimates.
  public var lambda: Double
  /// How far from 1 the ratio of an action's probabilities is followed; `nil` for no bound.
  public var clip: Double?
  /// How far a value is followed from the one before the updates; `nil` for no bound.
  public var valueClip: Double?
  /// What the squared error of values is multiplied by.
  public var valueWeight: Double
  /// What the entropy is multiplied by, by which losses are lowered.
  public var entropyWeight: Double
  /// Whether advantages have mean 0 and standard deviation 1 in each minibatch.
  public var normalizesAdvantages: Bool
  /// The largest norm of gradients; `nil` for none.
  public var gradientNorm: Double?
  /// Adam's ε.
  public var epsilon: Double
  /// The seed of everything random.
  public var seed: UInt64

  /// The algorithm with the settings of CleanRL and of its authors' code.
  public init(
    policy: ActingPolicy, learningRate: Double = 2.5e-4, annealsLearningRate: Bool = true, environments: Int = 4,
    rolloutSteps: Int = 128, epochs: Int = 4, minibatches: Int = 4, discount: Double = 0.99, lambda: Double = 0.95,
    clip: Double? = 0.2, valueClip: Double? = nil, valueWeight: Double = 0.5, entropyWeight: Double = 0.01,
    normalizesAdvantages: Bool = true, gradientNorm: Double? = 0.5, epsilon: Double = 1e-5, seed: UInt64 = 0
  ) {
    (self.policy, self.learningRate, self.annealsLearningRate) = (policy, learningRate, annealsLearningRate)
    (self.environments, self.rolloutSteps) = (environments, rolloutSteps)
    (self.epochs, self.minibatches, self.discount, self.lambda) = (epochs, minibatches, discount, lambda)
    (self.clip, self.valueClip, self.valueWeight) = (clip, valueClip, valueWeight)
    (self.entropyWeight, self.normalizesAdvantages) = (entropyWeight, normalizesAdvantages)
    (self.gradientNorm, self.epsilon, self.seed) = (gradientNorm, epsilon, seed)
  }

  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    let pace = LearningPace(environments: environments, steps: rolloutSteps)
    let rate = try pace.annealed(
      learningRate, annealsLearningRate, updates: epochs * minibatches, of: steps, in: "PPO")
    let settings = OnPolicySettings(
      discount: discount, lambda: lambda, epochs: epochs, minibatches: minibatches, clip: clip, valueClip: valueClip,
      valueWeight: valueWeight, entropyWeight: entropyWeight, normalizesAdvantages: normalizesAdvantages)
    return try OnPolicyLearning(
      name: "PPO", begin: policy, seed: seed, pace: pace,
      rule: Adam(learningRate: rate, epsilon: epsilon).clipping(globalNorm: gradientNorm ?? .infinity),
      settings: settings
    ).train(on: environment, steps: steps, callbacks: callbacks)
  }
}

extension LearningPace {
  /// A learning rate that falls to 0 by the end of training, where that is asked for.
  ///
  /// - Parameters:
  ///   - updates: The number of updates after each rollout.
  ///   - steps: The number of steps of the whole training.
  func annealed(
    _ learningRate: Double, _ isAnnealed: Bool, updates: Int, of steps: Int, in name: String
  ) throws -> LearningRate {
    try check(name)
    guard isAnnealed, steps >= 1, updates >= 1 else { return .constant(learningRate) }
    let iterations = LearningIterations(self, steps: steps)
    let (total, overflow) = (iterations.epochCount * iterations.batchCount).multipliedReportingOverflow(by: updates)
    return .linear(from: learningRate, to: 0, over: overflow ? .max : total)
  }
}
