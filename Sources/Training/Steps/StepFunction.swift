import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// What a step computes from a model and a batch, with the plans that it was compiled into.
final class StepFunction<Model: Codable & Sendable, Input: Codable & Sendable>: Sendable {
  private struct Form: Hashable, Sendable {
    let state: StateForm
    let batch: ArgumentForm
    let precision: Precision?
    let observation: StepObservation
  }

  private let memoryLimit: Int?
  private let precision: Precision?
  private let function: @Sendable (Model, Input) throws -> [Tensor]
  private let plans = PlanTable<Form, StepPlan>()

  /// - Parameters:
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - precision: The element types of the pass; those around the step where none are given.
  ///   - function: Gives the loss, followed by further results.
  init(
    memoryLimit: Int?, precision: Precision?, _ function: @escaping @Sendable (Model, Input) throws -> [Tensor]
  ) {
    (self.memoryLimit, self.precision, self.function) = (memoryLimit, precision, function)
  }

  /// The element types of a pass that begins now.
  private var currentPrecision: Precision? { precision ?? Run.current.precision }

  /// How often a step was compiled.
  var compilationCount: Int { plans.madeCount }

  /// Gives the model of a state values, where it has none yet, in the sizes that a batch asks for.
  func bind<Rule: Optimizer>(_ state: inout TrainingState<Model, Rule>, by batch: Input) throws {
    guard state.values == nil else { return }
    let model = try Run.current.with(currentPrecision).perform {
      try bindingParameters(of: state.standIn, seed: state.seed, first: .training) { try function($0, batch) }
    }
    try state.bind(model)
  }

  /// The plan for a state and a batch of these forms, compiled where there is none yet.
  ///
  /// - Parameters:
  ///   - form: The form of the state.
  ///   - batch: The batch.
  ///   - observation: What is observed of the gradients.
  ///   - state: A state of that form, asked for where a plan has to be made.
  /// - Returns: `nil` where the state has another form by now.
  func plan<Rule: Optimizer>(
    for form: StateForm, _ batch: ModelTree, observing observation: StepObservation = StepObservation(),
    _ state: () -> TrainingState<Model, Rule>
  ) throws -> StepPlan? {
    let key = Form(
      state: form, batch: ArgumentForm([batch]), precision: currentPrecision, observation: observation)
    if let known = plans[key] { return known }
    var state = state()
    guard try state.preparedForm() == form else { return nil }
    guard let values = state.values else { throw TensorError("training", "the model has no values yet") }
    let plan = try StepPlan(
      values, try state.preparedSettings(), rule: Rule.self, batch: batch, memoryLimit: memoryLimit,
      binding: RandomKey(seed: state.seed), precision: currentPrecision, observing: observation,
      pass(through: values))
    return plans.keep(plan, for: key, bytes: plan.function.heldBytes)
  }

  /// The pass through a model of the form that values have.
  private func pass(through values: StepValues) -> StepPlan.Pass {
    let (model, function) = (values.model, function)
    return { tensors, identities, batch in
      let model = try model.tree.rebuilt(Model.self, with: tensors, identities: identities)
      return try function(model, try batch.tree.rebuilt(Input.self, with: batch.tensors))
    }
  }

  /// Where numbers that are not finite come up in the step that a state would take next; `nil` where there are none.
  func nonFiniteSource<Rule: Optimizer>(
    in state: TrainingState<Model, Rule>, _ batch: PreparedArguments
  ) throws -> String? {
    guard let values = state.values else { return nil }
    let search = NonFiniteSearch(
      values: values, batch: batch, words: try state.nextWords(), binding: RandomKey(seed: state.seed),
      precision: currentPrecision)
    return try search.source(pass(through: values))
  }
}
