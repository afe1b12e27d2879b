import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import DescentTraining

/// An iteration of learning as the step of a training session: acting, what is made of it and the updates as one plan.
final class AgentLearning<Method: LearningMethod, Batch: EnvironmentBatch>: SessionStep {
  typealias Model = Method.ActingPolicy
  typealias Input = LearningIteration
  typealias State = AgentState<Method, Batch>

  private struct Kept {
    var state: State
    var count = 0
  }

  private let method: Method
  private let environment: String
  private let kept: Guarded<Kept>
  private let iteration: CompiledUpdate<State, [String: Tensor], LearningIteration>

  init(_ method: Method, _ batch: Batch) throws {
    self.method = method
    environment = batch.name
    kept = Guarded(Kept(state: try State(method, batch)))
    iteration = compiledUpdate { (state: inout State, iteration: LearningIteration) in
      try state.turns(method, batch, iteration)
    }
  }

  var model: Method.ActingPolicy { kept.withLock { method.policy(in: $0.state.networks) } }
  /// The states of the environments as the last iteration left them.
  var environmentState: Batch.State { kept.withLock { $0.state.end.state } }
  var optimizer: any Optimizer { method.optimizer }
  var stepCount: Int { kept.withLock { $0.count } }

  func run(
    _ batch: LearningIteration, _ prepared: PreparedArguments, observing observation: StepObservation,
    at place: @autoclosure () -> String?
  ) throws -> StepResult {
    let (numbers, count) = try kept.withLock { kept in
      let numbers = try iteration(&kept.state, batch)
      kept.count += 1
      return (numbers, kept.count)
    }
    var known: [String: Double] = [:]
    for (name, tensor) in numbers { known[name] = try tensor.item() }
    try check(known, at: place() ?? "iteration \(count)")
    let episodes = known[AgentSums.episodes] ?? 0
    var reports: [(String, Tensor)] = []
    if episodes > 0 {
      reports = [
        ("return", Tensor((known[AgentSums.returns] ?? 0) / episodes, .float64)),
        ("length", Tensor((known[AgentSums.lengths] ?? 0) / episodes, .float64)),
      ]
    }
    let own = known.keys.filter { $0 != "loss" && !AgentSums.all.contains($0) }.sorted()
    reports += own.map { ($0, Tensor(known[$0] ?? .nan, .float64)) }
    return StepResult(loss: Tensor(known["loss"] ?? 0, .float64), reports: reports)
  }

  private func check(_ numbers: [String: Double], at place: String) throws {
    func fault(_ what: String) -> TrainingError {
      TrainingError(
        "training",
        "\(environment) gave \(what) that are NaN or infinite in \(place); nothing was learned from them, and the policy"
          + " is as before")
    }
    if numbers[AgentSums.unsoundObservations] ?? 0 > 0 { throw fault("observations") }
    if numbers[AgentSums.unsoundRewards] ?? 0 > 0 { throw fault("rewards") }
    if let loss = numbers["loss"], !loss.isFinite {
      throw TrainingError(
        "training",
        "the loss of \(method.name) became \(loss) in \(place), and the policy is as before; take a smaller learning rate"
          + " or scale the rewards down")
    }
  }

  func nonFiniteSource(_ batch: PreparedArguments) throws -> String? { nil }
  func planBytes(for batch: LearningIteration, observing observation: StepObservation) throws -> Int { 0 }
  func replaceModel(_ model: Method.ActingPolicy) throws { throw unsettable("the policy") }
  func hyperparameters() throws -> [String: Double] { [:] }
  func setHyperparameter(_ path: String, to value: Double) throws { throw unsettable(path) }

  private func unsettable(_ what: String) -> TensorError {
    TensorError(
      method.name, "cannot be given another value of \(what) while it learns; it is a setting of the algorithm")
  }

  // The policy's tensors are named as those of a trained model are, by which files of both are read.
  func snapshot() throws -> [String: Tensor] {
    let (state, count) = kept.withLock { ($0.state, $0.count) }
    var named = try namedTensors(of: state)
    for (path, tensor) in try namedTensors(of: method.policy(in: state.networks)) {
      named[CheckpointNames.model(path)] = tensor
    }
    named["step"] = Tensor(integers: [count], shape: [], .int64)
    return named
  }

  func restore(_ snapshot: [String: Tensor]) throws {
    guard let count = try snapshot["step"]?.integers().first, count >= 0 else {
      throw TrainingError("restore", "it is not said how many iterations there were")
    }
    let policy = try namedTensors(of: model).keys.map { CheckpointNames.model($0) }
    let own = snapshot.filter { $0.key != "step" && !policy.contains($0.key) }
    try kept.withLock { kept in
      do { kept.state = try replacingTensors(of: kept.state, with: own, from: "the checkpoint") } catch {
        throw TrainingError("restore", "\(error)")
      }
      kept.count = count
    }
  }
}

extension AgentState {
  /// Several turns in a row.
  fileprivate mutating func turns(
    _ method: Method, _ batch: Batch, _ iteration: LearningIteration
  ) throws -> [String: Tensor] {
    let rounds = method.pace.rounds
    guard rounds > 1 else {
      return try turn(method, batch, total: iteration.total, isLearning: iteration.isLearning)
    }
    let (last, numbers) = try scan(length: rounds, from: self) { state, _ in
      var next = state
      let numbers = try next.turn(method, batch, total: iteration.total, isLearning: iteration.isLearning)
      return (next, numbers)
    }
    self = last
    var whole: [String: Tensor] = [:]
    for (name, values) in numbers { whole[name] = AgentSums.all.contains(name) ? values.sum() : values.mean() }
    return whole
  }
}

/// What an iteration is given.
struct LearningIteration: CountedBatch {
  /// The number of steps of the whole training, a Float64 scalar.
  let total: Tensor
  /// Whether updates have begun.
  let isLearning: Bool
  /// The number of steps of the iteration.
  let exampleCount: Int
}

/// The iterations of a training.
struct LearningIterations: BatchSource {
  let pace: LearningPace
  let total: Int
  /// The number of iterations in an epoch.
  let batchCount: Int

  /// About 1,000 steps are an epoch, whatever the number of steps in all, so that a training goes on to more steps.
  init(_ pace: LearningPace, steps: Int) {
    (self.pace, total) = (pace, steps)
    batchCount = max(1, 1_000 / pace.stepsPerIteration)
  }

  var exampleCount: Int { batchCount * pace.stepsPerIteration }
  var epochCount: Int { (total + exampleCount - 1) / exampleCount }

  func batch(_ index: Int, epoch: Int) throws -> LearningIteration {
    let before = (epoch * batchCount + index) * pace.stepsPerIteration
    return LearningIteration(
      total: Tensor(Double(total), .float64), isLearning: before >= pace.start, exampleCount: pace.stepsPerIteration)
  }
}

extension LearningMethod {
  /// Learns in an environment.
  func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, callbacks: [Callback]
  ) throws -> TrainedAgent<ActingPolicy, Source> {
    guard steps >= 1 else {
      throw TensorError("train", "\(name) cannot learn from \(steps) steps; give it at least 1")
    }
    try pace.check(name)
    try validate()
    let learning = try AgentLearning(self, try environment.batch(pace.environments))
    let iterations = LearningIterations(pace, steps: steps)
    let description = TrainingDescription(
      modelType: "\(ActingPolicy.self)", optimizer: "\(optimizer)", loss: "\(name) on \(environment.name)", metrics: [],
      seed: seed, precision: nil, epochs: iterations.epochCount, batches: iterations.batchCount,
      examples: iterations.exampleCount)
    do {
      let report = try DescentTraining.train(by: learning, on: iterations, description, callbacks: callbacks)
      return TrainedAgent(
        policy: learning.model, environment: environment.afterLearning(learning.environmentState), report: report)
    } catch {
      guard learning.stepCount > 0 else { throw error }
      throw LearningFailure(error, policy: learning.model)
    }
  }
}

/// What ended a training of an agent, with what it had learned until then.
public struct LearningFailure: DescentError {
  /// The policy as the last update left it.
  public let policy: any Policy
  /// What went wrong.
  public let reason: any Error

  init(_ reason: any Error, policy: any Policy) { (self.reason, self.policy) = (reason, policy) }

  public var subject: String { (reason as? any DescentError)?.subject ?? "training" }
  public var message: String {
    let text = (reason as? any DescentError)?.message ?? "\(reason)"
    return "\(text); what was learned until then is the error's policy"
  }
}
