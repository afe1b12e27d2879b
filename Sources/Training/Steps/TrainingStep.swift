import DescentCompiler
import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// One step of training as one compiled plan: forward pass, loss, back-propagation and update.
///
/// The step is compiled for the first batch of each shape and remembers what it compiled for as long as there is room; see
/// `PlanMemory`. Parameters, running statistics and what the optimizer remembers live in buffers that the plan updates in
/// place. The optimizer's hyper-parameters are arguments of the plan: another value compiles nothing.
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
///
/// A step has a state of its own. Where there are several states, or where one is saved, read and gone on with as a value,
/// `TrainingUpdate` is the same without one.
public final class TrainingStep<Model: Codable & Sendable, Input: Codable & Sendable>: Sendable {
  private let runner: any StepRunner<Model, Input>

  /// Prepares a step; it is compiled when the first batch is there.
  ///
  /// - Parameters:
  ///   - model: The model to start from; parameters without values get them from the first batch's shapes. The step never
  ///     changes the tensors that it is given.
  ///   - optimizer: How parameters follow their gradients.
  ///   - seed: The seed of initial values and of random numbers within the passes.
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - precision: The element types of the pass, such as `.bfloat16`; those of the batch where none are given.
  ///   - loss: The number to be made small, from the model and a batch. It is recorded once for each form of batch:
  ///     which tensors there are, their types, and what else the batch holds, since the loss may branch on it. A number
  ///     that changes from step to step is a tensor, so that it compiles nothing.
  /// - Throws: what walking the model throws.
  public convenience init(
    _ model: Model, optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil, precision: Precision? = nil,
    loss: @escaping @Sendable (Model, Input) throws -> Tensor
  ) throws {
    try self.init(model, optimizer: optimizer, seed: seed, memoryLimit: memoryLimit, precision: precision) {
      [try loss($0, $1)]
    }
  }

  /// Prepares a step that gives further results in addition to the loss, such as metrics of the batch; see `run`.
  ///
  /// - Parameters:
  ///   - results: Gives the loss first, then the further results.
  /// - Throws: what walking the model throws.
  public init<Rule: Optimizer>(
    _ model: Model, optimizer: Rule, seed: UInt64 = 0, memoryLimit: Int? = nil, precision: Precision? = nil,
    results: @escaping @Sendable (Model, Input) throws -> [Tensor]
  ) throws {
    runner = OwnStepRunner(
      StepFunction(memoryLimit: memoryLimit, precision: precision, results),
      try TrainingState<Model, Rule>(model, optimizer: optimizer, seed: seed))
  }

  /// Runs one step and returns the batch's loss, before the update.
  ///
  /// May be called from several threads; steps run one after the other.
  ///
  /// - Throws: `TensorError` of a mistake within the model, the loss or the optimizer, or where memory does not suffice;
  ///   `TrainingError` where the optimizer refuses the step, such as one with `clipping(…, nonFinite: .refused)`. The
  ///   parameters are as before the call then, and the step can go on with another batch.
  @discardableResult
  public func callAsFunction(_ batch: Input) throws -> Tensor { try run(batch).loss }

  /// Runs one step and returns the loss and the further results, before the update.
  ///
  /// - Throws: as a call of the step does.
  public func run(_ batch: Input) throws -> StepResult { try run(batch, PreparedArguments(batch), at: nil) }

  /// Runs one step and returns the loss and the further results.
  ///
  /// - Parameters:
  ///   - batch: The batch.
  ///   - prepared: The same batch, taken apart.
  ///   - observation: What is observed of the gradients.
  ///   - place: How errors name the batch, such as `epoch 1, batch 3`; otherwise by the step's number.
  package func run(
    _ batch: Input, _ prepared: PreparedArguments, observing observation: StepObservation = StepObservation(),
    at place: @autoclosure () -> String?
  ) throws -> StepResult {
    try runner.run(batch, prepared, observing: observation, at: place)
  }

  /// Where numbers that are not finite come up in a step on a batch; `nil` where there are none.
  package func nonFiniteSource(_ batch: PreparedArguments) throws -> String? { try runner.nonFiniteSource(batch) }

  /// The model as the last step left it; later steps do not change it. It may be replaced: see `replaceModel`.
  ///
  /// - Complexity: O(properties). The values are shared until the next step, which then copies them once.
  public var model: Model { runner.model }

  /// Puts a model's values in the place of those that there are, such as those of the best model so far. What the
  /// optimizer remembers stays.
  ///
  /// - Throws: `TensorError` where it is of another form; nothing has changed then.
  public func replaceModel(_ model: Model) throws { try runner.replaceModel(model) }

  /// The model with the averages that the optimizer keeps in place of its parameters; see `averaging(decay:)`.
  ///
  /// - Returns: `nil` where the optimizer keeps none, or before the first step.
  /// - Throws: `TensorError` where a failed step left no values.
  public func averagedModel() throws -> Model? { try runner.averagedModel() }

  /// The scale of the loss, and the steps left out so far because it was too large.
  ///
  /// - Returns: `nil` where the optimizer scales none, or before the first step.
  /// - Throws: `TensorError` where a failed step left no values.
  public func lossScale() throws -> LossScale? { try runner.lossScale() }

  /// The number of steps run.
  public var stepCount: Int { runner.stepCount }

  /// The optimizer with its hyper-parameters as they are now.
  public var optimizer: any Optimizer { runner.optimizer }

  /// The optimizer's hyper-parameters by their paths, such as `learningRate` or `base.beta1`.
  ///
  /// - Throws: `TensorError` where a setting makes no sense.
  public func hyperparameters() throws -> [String: Double] { try runner.hyperparameters() }

  /// Sets one of the optimizer's hyper-parameters by its path; nothing is compiled.
  ///
  /// - Throws: `TensorError` where there is none with this path, or the value makes no sense.
  public func setHyperparameter(_ path: String, to value: Double) throws {
    try runner.setHyperparameter(path, to: value)
  }

  /// How often the step was compiled: once for each form of batch, and again where a plan had to make room for others.
  public var compilationCount: Int { runner.compilationCount }

  /// What is known of the plan for a batch: memory, kernels, compilation time. Compiles it where it has not run yet.
  ///
  /// - Throws: what running the step would throw.
  public func statistics(for batch: Input) throws -> PlanStatistics { try compiled(for: batch).statistics }

  /// What is compiled for a batch, with the parameters and the optimizer's memory that are updated in place.
  package func compiled(for batch: Input) throws -> CompiledFunction {
    try runner.compiled(for: batch, observing: StepObservation())
  }

  /// What is known of the plan for a batch of which something is observed.
  func statistics(for batch: Input, observing observation: StepObservation) throws -> PlanStatistics {
    try runner.compiled(for: batch, observing: observation).statistics
  }

  /// The time of each kernel of the step for a batch; parameters are left as they are.
  ///
  /// - Parameters:
  ///   - runs: How often the step is run; the times are means.
  /// - Throws: what running the step would throw.
  public func profile(_ batch: Input, runs: Int) throws -> [KernelProfile] { try runner.profile(batch, runs: runs) }

  /// Everything that the next step depends on, by name: parameters, statistics, what the optimizer remembers, step count.
  ///
  /// A loop of one's own saves it, and goes on from it with the same bits as if it had not been interrupted:
  ///
  /// ```swift
  /// try Safetensors.write(step.snapshot(), to: "loop.safetensors")
  /// try step.restore(Safetensors.read("loop.safetensors").tensors)
  /// ```
  ///
  /// - Throws: `TensorError` before the first step, which gives the parameters their values, and where a failed step left
  ///   none.
  /// - Complexity: O(parameters): the next step copies what is still held.
  public func snapshot() throws -> [String: Tensor] { try runner.snapshot() }

  /// Goes on from what `snapshot` gave; the model need not have run yet.
  ///
  /// - Throws: `TrainingError` where the snapshot is of another model or optimizer; nothing has changed then.
  public func restore(_ snapshot: [String: Tensor]) throws { try runner.restore(snapshot) }
}

extension TrainingStep where Input == Batch {
  /// Prepares a step on batches of inputs and targets; see the general initializer. This one lets the closure's types
  /// be inferred.
  public convenience init(
    _ model: Model, optimizer: some Optimizer, seed: UInt64 = 0, memoryLimit: Int? = nil, precision: Precision? = nil,
    loss: @escaping @Sendable (Model, Batch) throws -> Tensor
  ) throws {
    try self.init(model, optimizer: optimizer, seed: seed, memoryLimit: memoryLimit, precision: precision) {
      [try loss($0, $1)]
    }
  }
}
