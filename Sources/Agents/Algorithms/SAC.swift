import DescentTensors
import DescentTraining

/// Soft actor-critic: actions are drawn from a distribution that is to have both high values and entropy.
///
/// The entropy is weighted by a temperature, which follows a target entropy unless it is given.
///
/// Source: Haarnoja et al., "Soft actor-critic algorithms and applications", 2018.
public struct SAC<ActingPolicy: Policy>: AgentAlgorithm where ActingPolicy.Memory == NoMemory {
  /// What acts.
  public var policy: ActingPolicy
  /// The learning rate of Adam, for policy, critics and temperature.
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
  /// How far the target critics follow after each update.
  public var targetRate: Double
  /// The discount factor γ.
  public var discount: Double
  /// The number of steps that rewards are summed over.
  public var rewardSteps: Int
  /// The temperature; `nil` where it follows the target entropy.
  public var temperature: Double?
  /// The entropy that the temperature follows, of actions scaled to −1…1; `nil` for −1 for each component.
  public var targetEntropy: Double?
  /// Whether the noise by which actions are drawn stays the same between two rounds of updates, rather than from step to step: over
  /// rollouts of some length this explores where it takes several steps in one direction to get anywhere, as with Raffin, Kober and
  /// Stulp, "Smooth exploration for robotic reinforcement learning", 2021.
  public var holdsNoise: Bool
  /// The seed of everything random.
  public var seed: UInt64

  /// The algorithm with the settings of its authors.
  public init(
    policy: ActingPolicy, learningRate: Double = 3e-4, replayCapacity: Int = 1_000_000, batchSize: Int = 256,
    learningStart: Int = 250, environments: Int = 1, rolloutSteps: Int = 1, updates: Int = 1,
    targetRate: Double = 0.005, discount: Double = 0.99, rewardSteps: Int = 1, temperature: Double? = nil,
    targetEntropy: Double? = nil, holdsNoise: Bool = false, seed: UInt64 = 0
  ) {
    (self.policy, self.learningRate, self.replayCapacity) = (policy, learningRate, replayCapacity)
    (self.batchSize, self.learningStart, self.environments) = (batchSize, learningStart, environments)
    (self.rolloutSteps, self.updates, self.targetRate) = (rolloutSteps, updates, targetRate)
    (self.discount, self.rewardSteps, self.temperature) = (discount, rewardSteps, temperature)
    (self.targetEntropy, self.holdsNoise, self.seed) = (targetEntropy, holdsNoise, seed)
  }

  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    let pace = try LearningPace(
      environments: environments, steps: rolloutSteps, start: learningStart
    ).inTurns("SAC")
    if let temperature, !(temperature >= 0 && temperature.isFinite) {
      throw TensorError("SAC", "its temperature is \(temperature), not at least 0")
    }
    return try SoftLearning(
      begin: policy, seed: seed, pace: pace, learningRate: learningRate,
      replay: ReplaySettings(
        capacity: pace.capacity(replayCapacity, of: steps), discount: discount, stepCount: rewardSteps),
      settings: ContinuousSettings(
        batchSize: batchSize, updates: updates, targetRate: targetRate, criticCount: 2),
      temperature: temperature, targetEntropy: targetEntropy, holdsNoise: holdsNoise
    ).train(on: environment, steps: steps, callbacks: callbacks)
  }
}
