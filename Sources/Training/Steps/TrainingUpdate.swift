import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors

/// One step of training on a state that is given: forward pass, loss, back-propagation and update as one compiled plan.
///
/// ```swift
/// var state = try TrainingState(network, optimizer: Adam(learningRate: 1e-3), seed: 1)
/// let step = TrainingUpdate { (model: Network, batch: Batch) in
///   meanSquaredError(model(batch.input), batch.target)
/// }
/// while state.step < 10_000 { losses.append(try step(&state, next()).loss) }
/// ```
///
/// States of the same form share the plans, whatever their values and hyper-parameters are. All else is as in
/// `TrainingStep`, which has a state of its own.
public final class TrainingUpdate<Model: Codable & Sendable, Input: Codable & Sendable>: Sendable {
  private let function: StepFunction<Model, Input>

  /// Prepares a step; it is compiled when the first batch is there.
  ///
  /// - Parameters:
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - precision: The element types of the pass, such as `.bfloat16`; those of the batch where none are given.
  ///   - loss: The number to be made small, from the model and a batch.
  public convenience init(
    memoryLimit: Int? = nil, precision: Precision? = nil, loss: @escaping @Sendable (Model, Input) throws -> Tensor
  ) {
    self.init(memoryLimit: memoryLimit, precision: precision) { [try loss($0, $1)] }
  }

  /// Prepares a step that gives further results in addition to the loss.
  ///
  /// - Parameters:
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - precision: The element types of the pass, such as `.bfloat16`; those of the batch where none are given.
  ///   - results: Gives the loss first, then the further results.
  public init(
    memoryLimit: Int? = nil, precision: Precision? = nil, results: @escaping @Sendable (Model, Input) throws -> [Tensor]
  ) {
    function = StepFunction(memoryLimit: memoryLimit, precision: precision, results)
  }

  /// Takes a state one step further.
  ///
  /// May be called from several threads at once, each with a state of its own.
  ///
  /// - Parameters:
  ///   - state: The state. What nothing else holds of it is updated in place.
  ///   - batch: The batch.
  /// - Returns: The loss and the further results, before the update.
  /// - Throws: `TensorError` of a mistake within the model, the loss or the optimizer, or where memory does not suffice;
  ///   `TrainingError` where the optimizer refuses the step. The state is as before the call then.
  @discardableResult
  public func callAsFunction<Rule: Optimizer>(
    _ state: inout TrainingState<Model, Rule>, _ batch: Input
  ) throws -> StepResult {
    let prepared = try PreparedArguments(batch)
    try function.bind(&state, by: batch)
    let plan = try plan(for: &state, prepared.tree)
    let number = state.step + 1
    try plan.labels.verify(prepared.literals, at: "step \(number)")
    return try StepResult(try state.advance(plan, prepared.literals, at: nil), plan)
  }

  /// The plan. The state is copied here alone: a copy that is still there while the step runs would share its values.
  private func plan<Rule: Optimizer>(
    for state: inout TrainingState<Model, Rule>, _ batch: ModelTree
  ) throws -> StepPlan {
    let form = try state.preparedForm()
    let copy = state
    guard let plan = try function.plan(for: form, batch, { copy }) else {
      throw TensorError("training", "the state has changed its form while the step was compiled")
    }
    return plan
  }

  /// How often the step was compiled: once for each form of state and batch, and again where a plan had to make room for
  /// others.
  public var compilationCount: Int { function.compilationCount }
}
