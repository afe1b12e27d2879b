import DescentCompiler
import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import Synchronization

/// One step of training as one compiled plan: forward pass, loss, back-propagation and update.
///
/// The step is compiled for the first batch of each shape. Parameters, running statistics and the optimizer's memory
/// live in buffers that the plan updates in place; `model` copies them out.
///
/// ```swift
/// let step = try TrainingStep(model, optimizer: Adam(learningRate: 1e-3)) { model, batch in
///   softmaxCrossEntropy(model(batch.input), batch.target)
/// }
/// for batch in batches { losses.append(try step(batch)) }
/// ```
public final class TrainingStep<Model: Codable & Sendable, Input: Codable & Sendable>: Sendable {
  private struct State {
    var tree: ModelTree
    var values: StepValues?
    var plans: [[TensorType]: StepPlan] = [:]
    var latest: Model
  }

  private let optimizer: any Optimizer
  private let seed: UInt64
  private let memoryLimit: Int?
  private let function: @Sendable (Model, Input) throws -> [Tensor]
  private let state: Mutex<State>

  /// Prepares a step; it is compiled when the first batch is there.
  ///
  /// - Parameters:
  ///   - model: The model to start from; parameters without values get them from the first batch's shapes.
  ///   - optimizer: How parameters follow their gradients.
  ///   - seed: The seed of initial values and of random numbers within the passes.
  ///   - memoryLimit: The most bytes that a step may take beside parameters; `nil` for no limit.
  ///   - loss: The number to be made small, from the model and a batch.
  /// - Throws: what walking the model throws.
  public convenience init(
    _ model: Model, optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil,
    loss: @escaping @Sendable (Model, Input) throws -> Tensor
  ) throws {
    try self.init(model, optimizer: optimizer, seed: seed, memoryLimit: memoryLimit) { [try loss($0, $1)] }
  }

  /// Prepares a step that gives further results beside the loss, such as metrics of the batch.
  package init(
    _ model: Model, optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil,
    results: @escaping @Sendable (Model, Input) throws -> [Tensor]
  ) throws {
    self.optimizer = optimizer
    self.seed = seed
    self.memoryLimit = memoryLimit
    function = results
    let tree = try ModelTree(model)
    let latest = try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor))
    state = Mutex(State(tree: tree, latest: latest))
  }

  /// Runs one step and returns the batch's loss, before the update.
  ///
  /// - Throws: `TensorError` of a mistake within the model or the loss, or where memory does not suffice.
  @discardableResult
  public func callAsFunction(_ batch: Input) throws -> Tensor { try run(batch)[0] }

  /// Runs one step and returns the loss and the further results.
  package func run(_ batch: Input) throws -> [Tensor] {
    let leaves = try ModelTree(batch).leaves
    let inputs = try leaves.map { try ($0.tensor ?? Tensor(zeros: [0])).literal() }
    return try state.withLock { state in
      var values = try prepared(&state, batch)
      let types = inputs.map(\.type)
      let plan = try state.plans[types] ?? compile(state.tree, values, batch)
      state.plans[types] = plan
      let results = try values.advance(plan, inputs, seed: seed)
      state.values = values
      return results.map { Tensor($0) }
    }
  }

  /// The model as the last step left it.
  ///
  /// - Complexity: O(parameters): the values are copied, since the next step changes them in place.
  public var model: Model {
    state.withLock { state in
      guard let values = state.values, let tensors = try? values.modelTensors() else { return state.latest }
      // The model's init(from:) has put this very structure together before.
      state.latest = (try? state.tree.rebuilt(Model.self, with: tensors)) ?? state.latest
      return state.latest
    }
  }

  /// The number of steps run.
  public var stepCount: Int { state.withLock { $0.values?.stepCount ?? 0 } }

  /// What is known of the plan for a batch: memory, kernels, compilation time. Compiles it where it has not run yet.
  ///
  /// - Throws: what running the step would throw.
  public func statistics(for batch: Input) throws -> PlanStatistics {
    let types = try ModelTree(batch).leaves.compactMap { $0.tensor?.type }
    return try state.withLock { state in
      let values = try prepared(&state, batch)
      let plan = try state.plans[types] ?? compile(state.tree, values, batch)
      state.plans[types] = plan
      return plan.function.statistics
    }
  }

  /// The time of each kernel of the step for a batch; parameters are left as they are.
  package func profile(_ batch: Input, runs: Int) throws -> [KernelProfile] {
    let inputs = try ModelTree(batch).leaves.compactMap { try $0.tensor?.literal() }
    return try state.withLock { state in
      var values = try prepared(&state, batch)
      let plan = try state.plans[inputs.map(\.type)] ?? compile(state.tree, values, batch)
      return try values.profile(plan, inputs, seed: seed, runs: runs)
    }
  }

  /// Everything that the next step depends on, by name: parameters, statistics, the optimizer's memory, step count.
  package func snapshot() throws -> [String: Tensor] {
    try state.withLock { state in try state.values?.named(state.tree) ?? [:] }
  }

  /// Goes on from what `snapshot` gave; the example batch gives shape to a model that has not run yet.
  ///
  /// - Throws: `TensorError` where the snapshot is of another model.
  package func restore(_ snapshot: [String: Tensor], example: Input) throws {
    try state.withLock { state in
      var values = try prepared(&state, example)
      try values.restore(snapshot, state.tree)
      state.values = values
    }
  }

  /// The current values, bound by the first batch's shapes where the model came without.
  private func prepared(_ state: inout State, _ batch: Input) throws -> StepValues {
    if let values = state.values { return values }
    let model = try bindingParameters(of: state.latest, seed: seed) { model in try function(model, batch) }
    state.tree = try ModelTree(model)
    state.latest = model
    let values = try StepValues(state.tree, optimizer)
    state.values = values
    return values
  }

  private func compile(_ tree: ModelTree, _ values: StepValues, _ batch: Input) throws -> StepPlan {
    try StepPlan(values, batch: try ModelTree(batch), optimizer: optimizer, memoryLimit: memoryLimit) { tensors, batch in
      let model = try tree.rebuilt(Model.self, with: tensors)
      return try function(model, try batch.tree.rebuilt(Input.self, with: batch.tensors))
    }
  }
}

extension TrainingStep where Input == Batch {
  /// Prepares a step on batches of inputs and targets; see the general initialiser. This one lets the closure's types
  /// be inferred.
  public convenience init(
    _ model: Model, optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil,
    loss: @escaping @Sendable (Model, Batch) throws -> Tensor
  ) throws {
    try self.init(model, optimizer: optimizer, seed: seed, memoryLimit: memoryLimit) { [try loss($0, $1)] }
  }
}
