import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentSearch
import DescentTensors
import DescentTraining

/// A generation of policies as the step of a training session.
final class EvolutionLearning<
  ActingPolicy: Policy, Strategy: EvolutionStrategy<[Double]>, Batch: EnvironmentBatch
>: SessionStep where ActingPolicy.Memory == NoMemory {
  typealias Model = ActingPolicy
  typealias Input = LearningIteration

  private struct Kept {
    var strategy: Strategy
    var count = 0
  }

  private let start: ActingPolicy
  private let vector: ParameterVector
  private let seed: UInt64
  private let environment: String
  private let kept: Guarded<Kept>
  /// The returns of a generation's policies `[policies]`, and how many of their episodes have come to an end.
  private let act: Compiled<(Tensor, Tensor, Tensor), Tensor, Tensor>

  init(
    _ policy: ActingPolicy, _ vector: ParameterVector, _ strategy: Strategy, _ batch: Batch, episodes: Int, limit: Int,
    seed: UInt64
  ) {
    (start, self.vector, self.seed, environment) = (policy, vector, seed, batch.name)
    kept = Guarded(Kept(strategy: strategy))
    let population = strategy.populationSize
    act = compiled { (parameters: Tensor, words: Tensor) in
      let space = try policy.madeSpaces().actions
      let decide = vectorized { (row: Tensor, seen: Tensor) in
        let own = try vector.policy(policy, row)
        return policy.head.greedyActions(try own(seen, NoMemory()).outputs, space)
      }
      let key = RandomKey(words: words)
      let rollout = try batch.rollout(
        from: try batch.reset(key: key.split(0)), steps: limit, key: key.split(1)
      ) { moment in
        let seen = moment.observations
        let actions = try decide(
          parameters, seen.reshaped(Shape([population, episodes] + seen.shape.sizes.dropFirst())))
        return actions.reshaped(Shape([population * episodes] + actions.shape.sizes.dropFirst(2)))
      }
      let trajectory = rollout.trajectory
      // The rewards up to the end of the first episode.
      let ends = trajectory.ended.converted(to: .float32)
      let isFirst = (ends.cumulativeSum(axis: 0) - ends) .== 0
      let returns = `where`(isFirst, trajectory.rewards.converted(to: .float32), 0).sum(axes: 0)
      let lengths = isFirst.converted(to: .float32).sum(axes: 0)
      return (
        returns.reshaped([population, episodes]).mean(axes: 1), lengths.mean(),
        isFinite(trajectory.finalObservations.converted(to: .float32)).all()
      )
    }
  }

  var model: ActingPolicy { (try? trained()) ?? start }
  var optimizer: any Optimizer { Adam() }
  var stepCount: Int { kept.withLock { $0.count } }

  /// The policy at the center of the search, or the best one of a strategy without a center.
  func trained() throws -> ActingPolicy {
    let strategy = kept.withLock { $0.strategy }
    guard let values = (strategy as? any CenteredStrategy)?.mean ?? strategy.best?.individual else { return start }
    return try vector.policy(start, Tensor(values))
  }

  func run(
    _ batch: LearningIteration, _ prepared: PreparedArguments, observing observation: StepObservation,
    at place: @autoclosure () -> String?
  ) throws -> StepResult {
    let name = place() ?? "generation"
    return try kept.withLock { kept in
      let individuals = kept.strategy.ask()
      let words = RandomKey(seed: seed).split("generations").split(kept.count).words
      let parameters = Tensor(
        individuals.flatMap(\.self), shape: [individuals.count, vector.count])
      let (returns, length, isSound) = try act(parameters, words)
      guard try isSound.item(as: Bool.self) else {
        throw TrainingError(
          "training", "\(environment) gave observations that are NaN or infinite in \(name); the policy is as before")
      }
      let values = try returns.scalars()
      guard values.allSatisfy(\.isFinite) else {
        throw TrainingError(
          "training", "\(environment) gave rewards that are NaN or infinite in \(name); the policy is as before")
      }
      try kept.strategy.tell(values.map { -$0 })
      kept.count += 1
      let mean = values.reduce(0, +) / Double(values.count)
      return StepResult(
        loss: Tensor(-mean, .float64),
        reports: [
          ("return", Tensor(mean, .float64)), ("length", length),
          ("best return", Tensor(values.max() ?? .nan, .float64)),
        ])
    }
  }

  func nonFiniteSource(_ batch: PreparedArguments) throws -> String? { nil }
  func planBytes(for batch: LearningIteration, observing observation: StepObservation) throws -> Int { 0 }
  func replaceModel(_ model: ActingPolicy) throws { throw unsettable("the policy") }
  func hyperparameters() throws -> [String: Double] { [:] }
  func setHyperparameter(_ path: String, to value: Double) throws { throw unsettable(path) }

  private func unsettable(_ what: String) -> TensorError {
    TensorError("EvolutionStrategies", "cannot be given another value of \(what) while it searches")
  }

  func snapshot() throws -> [String: Tensor] {
    let (strategy, count) = kept.withLock { ($0.strategy, $0.count) }
    let (text, _) = try TensorStore.write(strategy)
    let bytes = Array(text.utf8)
    var named = ["strategy": Tensor(bytes: bytes, shape: [bytes.count])]
    for (path, tensor) in try namedTensors(of: model) { named[CheckpointNames.model(path)] = tensor }
    named["step"] = Tensor(integers: [count], shape: [], .int64)
    return named
  }

  func restore(_ snapshot: [String: Tensor]) throws {
    guard let count = try snapshot["step"]?.integers().first, count >= 0, let bytes = snapshot["strategy"] else {
      throw TrainingError("restore", "it is not said how far the search was")
    }
    let text = String(decoding: try bytes.integers().map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    guard let strategy = try? TensorStore.read(Strategy.self, text, []),
      strategy.populationSize == kept.withLock({ $0.strategy.populationSize }),
      strategy.individual(0).count == vector.count
    else { throw TrainingError("restore", "what is kept is of another strategy or policy") }
    kept.withLock { $0 = Kept(strategy: strategy, count: count) }
  }
}

/// A strategy that searches around a point.
private protocol CenteredStrategy {
  var mean: [Double] { get }
}

extension CMAES: CenteredStrategy {}
extension OpenAIES: CenteredStrategy {}
extension PGPE: CenteredStrategy {}
extension SNES: CenteredStrategy {}
extension XNES: CenteredStrategy {}

/// Where a policy's trained parameters stand in one vector.
struct ParameterVector: Sendable {
  private let shapes: [Shape?]
  /// The number of parameters.
  let count: Int

  init(_ policy: some Policy) throws {
    shapes = try ModelTree(policy).leaves.map { leaf in
      // What leads to values of observations takes no part in acting.
      leaf.isTrained && !leaf.path.hasPrefix("critic") && !leaf.path.hasPrefix("value") ? leaf.tensor?.shape : nil
    }
    count = shapes.reduce(0) { $0 + ($1?.checkedCount ?? 0) }
    guard count > 0 else { throw TensorError("EvolutionStrategies", "the policy has no parameters to search among") }
  }

  func values(of policy: some Policy) throws -> [Double] {
    try zip(try ModelTree(policy).leaves, shapes).flatMap { leaf, shape in
      shape == nil ? [] : try leaf.tensor?.scalars() ?? []
    }
  }

  /// A policy with the parameters of a vector.
  func policy<ActingPolicy: Policy>(_ policy: ActingPolicy, _ values: Tensor) throws -> ActingPolicy {
    let tree = try ModelTree(policy)
    var place = 0
    let tensors = zip(tree.leaves, shapes).map { leaf, shape -> Tensor? in
      guard let shape, let size = shape.checkedCount, let own = leaf.tensor else { return leaf.tensor }
      defer { place += size }
      return values.sliced(place..<place + size).reshaped(shape).converted(to: own.elementType)
    }
    return try tree.rebuilt(ActingPolicy.self, with: tensors)
  }
}
