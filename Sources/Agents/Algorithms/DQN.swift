import DescentOptimizers
import DescentTensors
import DescentTraining

/// Deep Q-learning: the values of actions are learned from a replay of what happened, and the best action is taken.
///
/// Its improvements are settings: double Q-learning (`isDouble`), dueling streams of values and advantages (`isDueling`), rewards over several
/// steps (`rewardSteps`), and priorities (`priorityExponent`).
///
/// Sources: Mnih et al., "Human-level control through deep reinforcement learning", 2015; van Hasselt, Guez and Silver, "Deep reinforcement
/// learning with double Q-learning", 2016; Wang et al., "Dueling network architectures for deep reinforcement learning", 2016; Schaul et al.,
/// "Prioritized experience replay", 2016; Hessel et al., "Rainbow", 2018.
public struct DQN<ActingPolicy: Policy>: AgentAlgorithm where ActingPolicy.Memory == NoMemory {
  /// What acts.
  public var policy: ActingPolicy
  /// The learning rate of Adam.
  public var learningRate: Double
  /// Whether the learning rate falls to 0 by the end of training, after which values hardly move.
  public var annealsLearningRate: Bool
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
  /// The number of updates after which the target network follows.
  public var targetInterval: Int
  /// The discount factor γ.
  public var discount: Double
  /// The probability of an action drawn evenly at the beginning.
  public var initialExploration: Double
  /// The probability of an action drawn evenly at the end.
  public var finalExploration: Double
  /// The share of training after which that is reached.
  public var explorationShare: Double
  /// Whether the network that learns chooses the action whose value the target network gives.
  public var isDouble: Bool
  /// Whether values of observations and advantages of actions are streams of their own.
  public var isDueling: Bool
  /// The number of steps that rewards are summed over.
  public var rewardSteps: Int
  /// The exponent of priorities; `nil` for an even replay.
  public var priorityExponent: Double?
  /// The exponent of weights against the bias of priorities at the beginning, which rises to 1.
  public var weightExponent: Double
  /// The largest norm of gradients; `nil` for none.
  public var gradientNorm: Double?
  /// The seed of everything random.
  public var seed: UInt64

  /// The algorithm with the settings that RL Baselines3 Zoo found for small environments.
  public init(
    policy: ActingPolicy, learningRate: Double = 2.3e-3, annealsLearningRate: Bool = false,
    replayCapacity: Int = 100_000, batchSize: Int = 64,
    learningStart: Int = 1_000, environments: Int = 1, rolloutSteps: Int = 256, updates: Int = 128,
    targetInterval: Int = 128, discount: Double = 0.99, initialExploration: Double = 1, finalExploration: Double = 0.04,
    explorationShare: Double = 0.16, isDouble: Bool = true, isDueling: Bool = false, rewardSteps: Int = 1,
    priorityExponent: Double? = nil, weightExponent: Double = 0.4, gradientNorm: Double? = 10, seed: UInt64 = 0
  ) {
    (self.policy, self.learningRate, self.replayCapacity) = (policy, learningRate, replayCapacity)
    self.annealsLearningRate = annealsLearningRate
    (self.batchSize, self.learningStart, self.environments) = (batchSize, learningStart, environments)
    (self.rolloutSteps, self.updates, self.targetInterval) = (rolloutSteps, updates, targetInterval)
    (self.discount, self.initialExploration) = (discount, initialExploration)
    (self.finalExploration, self.explorationShare) = (finalExploration, explorationShare)
    (self.isDouble, self.isDueling, self.rewardSteps) = (isDouble, isDueling, rewardSteps)
    (self.priorityExponent, self.weightExponent) = (priorityExponent, weightExponent)
    (self.gradientNorm, self.seed) = (gradientNorm, seed)
  }

  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    try learning("DQN", .actionValues(isDueling: isDueling), steps)
      .train(on: environment, steps: steps, callbacks: callbacks)
  }

  func learning(_ name: String, _ head: PolicyHead, _ steps: Int) throws -> ValueLearning<ActingPolicy> {
    let pace = try LearningPace(
      environments: environments, steps: rolloutSteps, start: learningStart
    ).inTurns(name)
    let rate = try pace.annealed(
      learningRate, annealsLearningRate, updates: pace.rounds * updates, of: steps, in: name)
    return ValueLearning(
      name: name, begin: policy, head: head, seed: seed, pace: pace,
      rule: Adam(learningRate: rate).clipping(globalNorm: gradientNorm ?? .infinity),
      replay: ReplaySettings(
        capacity: pace.capacity(replayCapacity, of: steps), discount: discount, stepCount: rewardSteps,
        alpha: priorityExponent, beta: weightExponent),
      settings: ValueSettings(
        batchSize: batchSize, updates: updates, targetInterval: targetInterval, isDouble: isDouble,
        initialExploration: initialExploration, finalExploration: finalExploration, explorationShare: explorationShare))
  }
}

extension LearningPace {
  /// As many turns of acting and updating in one plan as make about 250 steps.
  func inTurns(_ name: String) throws -> LearningPace {
    try check(name)
    var pace = self
    pace.rounds = max(1, 250 / pace.stepsPerIteration)
    return pace
  }

  /// No more room than a training fills.
  func capacity(_ wanted: Int, of steps: Int) -> Int {
    guard steps >= 1, steps < 1 << 40 else { return wanted }
    let iterations = LearningIterations(self, steps: steps)
    return min(wanted, max(environments * self.steps, iterations.epochCount * iterations.exampleCount))
  }
}
