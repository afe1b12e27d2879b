import DescentCompiler
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// What a step of training would take, known before there is any parameter: the very plan that would run, compiled from shapes.
///
/// ```swift
/// let planned = try PlannedStep(network, optimizer: Adam(), batch: batch) { model, batch in
///   softmaxCrossEntropy(model(batch.input), batch.target)
/// }
/// print(planned.parameterCount, planned.peakBytes)
/// ```
///
/// The model is bound, the step recorded, differentiated and compiled as by `TrainingStep`, but no value is computed, so that the
/// model may be far larger than the machine.
public struct PlannedStep: Sendable {
  /// The model's tensors: those that are trained first.
  public let parameters: [ParameterInfo]
  /// What the optimizer remembers, by its paths such as `hidden.weight.first`.
  public let optimizerState: [ParameterInfo]
  /// The bytes of a batch.
  public let batchBytes: Int
  /// What is known of the compiled plan.
  public let statistics: PlanStatistics
  /// What was compiled.
  package let graph: Graph

  /// Plans a step.
  ///
  /// - Parameters:
  ///   - model: The model; parameters without values get sizes from the batch's shapes.
  ///   - optimizer: How parameters follow their gradients.
  ///   - batch: A batch of the sizes of those to come; its elements do not matter and are not computed.
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - precision: The element types of the pass, such as `.bfloat16`; those of the batch where none are given.
  ///   - loss: The number to be made small, from the model and a batch.
  /// - Throws: `TensorError` of a mistake within the model, the loss or the optimizer, or where the limit does not suffice.
  public init<Model: Codable & Sendable, Input: Codable & Sendable>(
    _ model: Model, optimizer: some Optimizer, batch: Input, memoryLimit: Int? = nil, precision: Precision? = nil,
    loss: @escaping @Sendable (Model, Input) throws -> Tensor
  ) throws {
    let precision = precision ?? Run.current.precision
    let tree = try Run.current.with(precision).perform {
      try recordedParameters(of: model, seed: 0, first: .training) { [try loss($0, batch)] }
    }
    let batchTree = try ModelTree(batch)
    let (values, _) = try StepValues.outline(tree, optimizer)
    let structure = values.model
    let plan = try StepPlan(
      values, PreparedArguments(settingsOf: optimizer), rule: type(of: optimizer), batch: batchTree,
      memoryLimit: memoryLimit, binding: RandomKey(seed: 0), precision: precision, observing: StepObservation()
    ) { tensors, identities, batch in
      let model = try structure.tree.rebuilt(Model.self, with: tensors, identities: identities)
      return [try loss(model, try batch.tree.rebuilt(Input.self, with: batch.tensors))]
    }
    let leaves = structure.tree.leaves
    parameters = values.slots.map { ParameterInfo(leaves[$0.leaf]) }
    optimizerState = values.memory.tree.leaves.filter { $0.tensor != nil }.map { ParameterInfo($0) }
    batchBytes = batchTree.leaves.reduce(0) { $0 + ($1.tensor?.type.byteCount ?? 0) }
    (statistics, graph) = (plan.function.statistics, plan.function.graph)
  }

  /// The number of elements of all parameters that are trained.
  public var parameterCount: Int { parameters.filter { $0.role == .trained }.reduce(0) { $0 + $1.count } }
  /// The bytes of the model's tensors.
  public var parameterBytes: Int { parameters.reduce(0) { $0 + $1.byteCount } }
  /// The bytes of what the optimizer remembers.
  public var optimizerBytes: Int { optimizerState.reduce(0) { $0 + $1.byteCount } }
  /// The bytes of what lies in memory while a step runs: model, optimizer's memory, batch, constants, intermediate values and
  /// results.
  public var peakBytes: Int {
    parameterBytes + optimizerBytes + batchBytes + statistics.constantBytes + statistics.peakBytes
  }
}

extension ParameterInfo {
  /// The bytes of the parameter's values; 0 of one without any.
  public var byteCount: Int { isBound ? count * elementType.byteCount : 0 }
}
