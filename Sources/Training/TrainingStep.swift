import DescentCompiler
import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// One step of training as one compiled plan: forward pass, loss, back-propagation and update.
///
/// The step is compiled for the first batch of each shape and remembers what it compiled for as long as there is room; see
/// `PlanMemory`. Parameters, running statistics and the optimizer's memory
/// live in buffers that the plan updates in place; `model` copies them out.
///
/// Tensors and models that the loss uses from outside keep the values that they have when the step is compiled, and so do
/// their running statistics: a teacher stays as it is. Another model that changes, such as the other side of a
/// generative adversarial network, is part of the batch. Models that no example has bound yet are given initial values
/// for the pass, each by itself.
///
/// ```swift
/// let step = try TrainingStep(model, optimizer: Adam(learningRate: 1e-3)) { model, batch in
///   softmaxCrossEntropy(model(batch.input), batch.target)
/// }
/// for batch in batches { losses.append(try step(batch)) }
/// ```
public final class TrainingStep<Model: Codable & Sendable, Input: Codable & Sendable>: Sendable {
  private struct State {
    /// The model before the first batch; afterwards one of stand-ins, the values living in `values` alone.
    var model: Model
    var values: StepValues?
  }

  private let optimizer: any Optimizer
  private let seed: UInt64
  private let memoryLimit: Int?
  private let function: @Sendable (Model, Input) throws -> [Tensor]
  private let state: Guarded<State>
  private let plans = PlanTable<ArgumentForm, StepPlan>()

  /// Prepares a step; it is compiled when the first batch is there.
  ///
  /// - Parameters:
  ///   - model: The model to start from; parameters without values get them from the first batch's shapes. The values
  ///     are copied: the step never changes the tensors that it is given.
  ///   - optimizer: How parameters follow their gradients.
  ///   - seed: The seed of initial values and of random numbers within the passes.
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - loss: The number to be made small, from the model and a batch. It is recorded once for each form of batch:
  ///     which tensors there are, their types, and what else the batch holds, since the loss may branch on it. A number
  ///     that changes from step to step is a tensor, so that it compiles nothing.
  /// - Throws: what walking the model throws.
  public convenience init(
    _ model: Model, optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil,
    loss: @escaping @Sendable (Model, Input) throws -> Tensor
  ) throws {
    try self.init(model, optimizer: optimizer, seed: seed, memoryLimit: memoryLimit) { [try loss($0, $1)] }
  }

  /// Prepares a step that gives further results in addition to the loss, such as metrics of the batch; see `run`.
  ///
  /// - Parameters:
  ///   - results: Gives the loss first, then the further results.
  /// - Throws: what walking the model throws.
  public init(
    _ model: Model, optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil,
    results: @escaping @Sendable (Model, Input) throws -> [Tensor]
  ) throws {
    self.optimizer = optimizer
    self.seed = seed
    self.memoryLimit = memoryLimit
    function = results
    let tree = try ModelTree(model)
    // Rebuilt, so that parameters know their paths.
    let named = try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor))
    state = Guarded(State(model: named))
  }

  /// Runs one step and returns the batch's loss, before the update.
  ///
  /// May be called from several threads; steps run one after the other.
  ///
  /// - Throws: `TensorError` of a mistake within the model or the loss, or where memory does not suffice; `TrainingError`
  ///   where the optimizer refuses the step, such as one with `clipping(…, nonFinite: .refused)`. The parameters are as
  ///   before the call then, and the step can go on with another batch.
  @discardableResult
  public func callAsFunction(_ batch: Input) throws -> Tensor { try run(batch)[0] }

  /// Runs one step and returns the loss and the further results, before the update.
  ///
  /// - Throws: as a call of the step does.
  public func run(_ batch: Input) throws -> [Tensor] { try run(batch, at: nil) }

  /// Runs one step and returns the loss and the further results.
  ///
  /// - Parameters:
  ///   - batch: The batch.
  ///   - place: How errors name the batch, such as `epoch 1, batch 3`; otherwise by the step's number.
  package func run(_ batch: Input, at place: @autoclosure () -> String?) throws -> [Tensor] {
    let tree = try ModelTree(batch)
    let inputs = try tree.computed()
    let plan = try plan(for: batch, tree)
    try plan.labels.verify(inputs, at: place() ?? "step \(stepCount + 1)")
    let results = try state.withLock { try $0.values?.advance(plan, inputs, at: place()) ?? [] }
    return results.map { Tensor($0) }
  }

  /// The model as the last step left it; later steps do not change it.
  ///
  /// - Complexity: O(parameters): the values are copied, since the next step changes them in place.
  public var model: Model {
    let (model, tensors) = state.withLock { ($0.model, $0.values?.modelTensors()) }
    guard let tensors else { return model }
    // The model's own coding has taken apart and put together this very structure before.
    return (try? ModelTree(model).rebuilt(Model.self, with: tensors)) ?? model
  }

  /// The number of steps run.
  public var stepCount: Int { state.withLock { $0.values?.stepCount ?? 0 } }

  /// What is known of the plan for a batch: memory, kernels, compilation time. Compiles it where it has not run yet.
  ///
  /// - Throws: what running the step would throw.
  public func statistics(for batch: Input) throws -> PlanStatistics {
    try plan(for: batch, try ModelTree(batch)).function.statistics
  }

  /// What is compiled for a batch, with the parameters and the optimizer's memory that are updated in place.
  package func compiled(for batch: Input) throws -> CompiledFunction {
    try plan(for: batch, try ModelTree(batch)).function
  }

  /// The time of each kernel of the step for a batch; parameters are left as they are.
  ///
  /// - Parameters:
  ///   - runs: How often the step is run; the times are means.
  /// - Throws: what running the step would throw.
  public func profile(_ batch: Input, runs: Int) throws -> [KernelProfile] {
    let tree = try ModelTree(batch)
    let inputs = try tree.computed()
    let plan = try plan(for: batch, tree)
    return try state.withLock { try $0.values?.profile(plan, inputs, runs: runs) ?? [] }
  }

  /// Everything that the next step depends on, by name: parameters, statistics, the optimizer's memory, step count.
  ///
  /// A loop of one's own saves it, and goes on from it with the same bits as if it had not been interrupted:
  ///
  /// ```swift
  /// try Safetensors.write(step.snapshot(), to: "loop.safetensors")
  /// try step.restore(Safetensors.read("loop.safetensors").tensors, example: batch)
  /// ```
  ///
  /// - Throws: `TensorError` before the first step, which gives the parameters their values, and where a failed step left
  ///   none.
  /// - Complexity: O(parameters), which are copied.
  public func snapshot() throws -> [String: Tensor] {
    try state.withLock { state in
      guard let values = state.values else {
        throw TensorError("snapshot", "the step has seen no batch yet, which would give its parameters their values")
      }
      return try values.named()
    }
  }

  /// Goes on from what `snapshot` gave; the example batch gives shape to a model that has not run yet.
  ///
  /// - Throws: `TensorError` where the snapshot is of another model; nothing has changed then.
  public func restore(_ snapshot: [String: Tensor], example: Input) throws {
    _ = try bound(by: example)
    try state.withLock { try $0.values?.restore(snapshot) }
  }

  /// The plan for batches of this form, compiled where there is none yet.
  ///
  /// The user's code runs outside the lock: it may well ask for the step's model.
  private func plan(for batch: Input, _ batchTree: ModelTree) throws -> StepPlan {
    let form = ArgumentForm([batchTree])
    if let known = plans[form] { return known }
    let (model, values) = try bound(by: batch)
    let tree = try ModelTree(model)
    let plan = try StepPlan(
      values, model: tree, batch: batchTree, optimizer: optimizer, memoryLimit: memoryLimit,
      binding: RandomKey(seed: seed)
    ) {
      tensors, identities, batch in
      let model = try tree.rebuilt(Model.self, with: tensors, identities: identities)
      return try function(model, try batch.tree.rebuilt(Input.self, with: batch.tensors))
    }
    return plans.keep(plan, for: form, bytes: plan.function.heldBytes)
  }

  /// A model of stand-ins and the current values, bound by the first batch's shapes where the model came without.
  private func bound(by batch: Input) throws -> (Model, StepValues) {
    let (model, known) = state.withLock { ($0.model, $0.values) }
    if let known { return (model, known) }
    let tree = try ModelTree(try bindingParameters(of: model, seed: seed, first: .training) { try function($0, batch) })
    let values = try StepValues(tree, optimizer, seed: seed)
    let standIn = try tree.rebuilt(Model.self, with: tree.placeholders)
    return state.withLock { state in
      // Another thread may have been faster; its values are the same, and may have moved on.
      if let values = state.values { return (state.model, values) }
      (state.model, state.values) = (standIn, values)
      return (standIn, values)
    }
  }
}

extension TrainingStep where Input == Batch {
  /// Prepares a step on batches of inputs and targets; see the general initializer. This one lets the closure's types
  /// be inferred.
  public convenience init(
    _ model: Model, optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil,
    loss: @escaping @Sendable (Model, Batch) throws -> Tensor
  ) throws {
    try self.init(model, optimizer: optimizer, seed: seed, memoryLimit: memoryLimit) { [try loss($0, $1)] }
  }
}
