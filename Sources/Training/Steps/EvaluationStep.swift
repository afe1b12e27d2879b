import DescentGraph
import DescentTensors

/// A pass through a model without training, as one compiled plan for each form of batch.
///
/// The plans serve the model as it is later, too: its values are arguments.
struct EvaluationStep<Model: Codable & Sendable, Input: Codable & Sendable>: Sendable {
  private struct Plan {
    let function: CompiledFunction
    /// The names of what layers report, whose values come last.
    let reports: [String]
    /// The class numbers that the batch holds.
    let labels: LabelChecks
  }

  private let function: @Sendable (Model, Input) throws -> [Tensor]
  private let plans = PlanTable<ArgumentForm, Plan>()
  private let precision: Precision?

  /// Prepares passes that a function describes.
  ///
  /// - Parameter precision: The element types of the passes.
  init(precision: Precision?, _ function: @escaping @Sendable (Model, Input) throws -> [Tensor]) {
    (self.precision, self.function) = (precision, function)
  }

  /// Runs a pass.
  ///
  /// - Throws: `TensorError` of a mistake within the function.
  func callAsFunction(
    _ model: PreparedArguments, _ form: ArgumentForm, _ input: PreparedArguments, at place: @autoclosure () -> String
  ) throws -> (results: [Tensor], reports: [(String, Tensor)]) {
    let plan = try self.plan(for: form + input.form, model.tree, input.tree)
    try plan.labels.verify(input.literals, at: place())
    let all = try plan.function.run((model.literals + input.literals).map(\.buffer)).map { Tensor($0) }
    let count = all.count - plan.reports.count
    return (Array(all[..<count]), Array(zip(plan.reports, all[count...])))
  }

  /// The plan for models and batches of a form, compiled where there is none yet.
  private func plan(for form: ArgumentForm, _ modelTree: ModelTree, _ inputTree: ModelTree) throws -> Plan {
    if let known = plans[form] { return known }
    let epoch = Trace.beginRecording()
    let (model, input) = (modelTree.placeholders, inputTree.placeholders)
    let (results, _, labels, reports) = try Run(.inference, precision: precision).receivingAll([]) {
      try function(modelTree.rebuilt(Model.self, with: model), inputTree.rebuilt(Input.self, with: input))
    }
    // Losses that layers report are wishes of training; what they measure is of interest here, too.
    let measured = reports.metrics
    let compiled = try CompiledFunction(
      Trace(
        arguments: (model + input).compactMap { $0 }, outputs: results + measured.map(\.value), since: epoch))
    let made = Plan(
      function: compiled, reports: measured.map(\.name), labels: LabelChecks(labels, on: input.compactMap { $0 }))
    return plans.keep(made, for: form, bytes: compiled.heldBytes)
  }
}
