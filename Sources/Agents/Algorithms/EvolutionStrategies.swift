import DescentSearch
import DescentTensors
import DescentTraining

/// Search among policies without a gradient: a generation of them acts, and those that are rewarded most lead to the next.
///
/// ```swift
/// let trained = try EvolutionStrategies(policy: MLPPolicy(hidden: [16]), seed: 1) { start, seed in
///   try CMAES(from: start, sigma: 0.5, populationSize: 32, seed: seed)
/// }.train(on: CartPole(), steps: 400_000)
/// ```
///
/// Every strategy on vectors of numbers will do. All policies of a generation act side by side in one plan, over one episode each or
/// several, whose mean return counts; they are given the same episodes. What is trained is the center of the search where the
/// strategy has one, and the best individual otherwise.
///
/// Source: Salimans et al., "Evolution strategies as a scalable alternative to reinforcement learning", 2017.
public struct EvolutionStrategies<ActingPolicy: Policy, Strategy: EvolutionStrategy<[Double]>>: AgentAlgorithm
where ActingPolicy.Memory == NoMemory {
  /// What acts.
  public var policy: ActingPolicy
  /// The number of episodes that a policy is judged by.
  public var episodes: Int
  /// The number of steps after which an episode is broken off; `nil` for the environment's own limit.
  public var stepLimit: Int?
  /// The seed of everything random.
  public var seed: UInt64
  /// The strategy, from the parameters to begin with and a seed.
  let strategy: @Sendable (_ start: [Double], _ seed: UInt64) throws -> Strategy

  /// Search by a strategy.
  ///
  /// - Parameters:
  ///   - policy: What acts.
  ///   - episodes: The number of episodes that a policy is judged by.
  ///   - stepLimit: The number of steps after which an episode is broken off; `nil` for the environment's own limit.
  ///   - seed: The seed of everything random.
  ///   - strategy: Gives the strategy, from the parameters to begin with and a seed.
  public init(
    policy: ActingPolicy, episodes: Int = 1, stepLimit: Int? = nil, seed: UInt64 = 0,
    strategy: @escaping @Sendable (_ start: [Double], _ seed: UInt64) throws -> Strategy
  ) {
    (self.policy, self.episodes, self.stepLimit, self.seed) = (policy, episodes, stepLimit, seed)
    self.strategy = strategy
  }

  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    guard steps >= 1 else {
      throw TensorError("train", "EvolutionStrategies cannot learn from \(steps) steps; give it at least 1")
    }
    guard let limit = stepLimit ?? environment.stepLimit else {
      throw TensorError(
        "EvolutionStrategies",
        "\(environment.name) goes on without end; give a stepLimit after which policies are judged")
    }
    guard episodes >= 1, limit >= 1 else {
      throw TensorError(
        "EvolutionStrategies", "judges by \(episodes) episodes of \(limit) steps; at least 1 each is needed")
    }
    let policy = try self.policy.prepared(for: PolicySpaces(environment), head: .distribution, seed: seed)
    let vector = try ParameterVector(policy)
    let strategy = try self.strategy(try vector.values(of: policy), seed)
    let batch = try environment.batch(strategy.populationSize * episodes)
    let learning = EvolutionLearning(
      policy, vector, strategy, batch, episodes: episodes, limit: limit, seed: seed)
    let pace = LearningPace(environments: strategy.populationSize * episodes, steps: limit)
    let description = TrainingDescription(
      modelType: "\(ActingPolicy.self)", optimizer: "\(Strategy.self)", loss: "evolution on \(environment.name)",
      metrics: [], seed: seed, precision: nil, epochs: LearningIterations(pace, steps: steps).epochCount,
      batches: LearningIterations(pace, steps: steps).batchCount,
      examples: LearningIterations(pace, steps: steps).exampleCount)
    do {
      let report = try DescentTraining.train(
        by: learning, on: LearningIterations(pace, steps: steps), description, callbacks: callbacks)
      return TrainedAgent(policy: try learning.trained(), environment: environment, report: report)
    } catch {
      guard learning.stepCount > 0, let policy = try? learning.trained() else { throw error }
      throw LearningFailure(error, policy: policy)
    }
  }
}

extension EvolutionStrategies where Strategy == OpenAIES {
  /// Search by the strategy of OpenAI.
  ///
  /// - Parameters:
  ///   - policy: What acts.
  ///   - populationSize: How many policies a generation has.
  ///   - sigma: The standard deviation of their parameters around the center.
  ///   - learningRate: The learning rate of the center.
  ///   - episodes: The number of episodes that a policy is judged by.
  ///   - stepLimit: The number of steps after which an episode is broken off; `nil` for the environment's own limit.
  ///   - seed: The seed of everything random.
  public init(
    policy: ActingPolicy, populationSize: Int = 64, sigma: Double = 0.1, learningRate: Double = 0.05, episodes: Int = 1,
    stepLimit: Int? = nil, seed: UInt64 = 0
  ) {
    self.init(policy: policy, episodes: episodes, stepLimit: stepLimit, seed: seed) { start, seed in
      try OpenAIES(
        from: start, sigma: sigma, learningRate: learningRate, populationSize: populationSize, seed: seed)
    }
  }
}
