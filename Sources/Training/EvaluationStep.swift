import DescentGraph
import DescentTensors

/// A pass through a model without training, as one compiled plan for each form of batch.
///
/// The plans serve the model as it is later, too: its values are arguments.
struct EvaluationStep<Model: Codable & Sendable, Input: Codable & Sendable> {
  private let function: @Sendable (Model, Input) throws -> [Tensor]
  private var plans: [BatchForm: CompiledFunction] = [:]

  /// Prepares passes that a function describes.
  init(_ function: @escaping @Sendable (Model, Input) throws -> [Tensor]) { self.function = function }

  /// A model's values, ready to be given to a pass.
  struct Values {
    fileprivate let tree: ModelTree
    fileprivate let form: BatchForm
    fileprivate let literals: [Literal]

    /// - Throws: `TensorError` that a tensor of the model carries.
    init(_ model: Model) throws {
      tree = try ModelTree(model)
      form = BatchForm(tree)
      literals = try tree.computed()
    }
  }

  /// Runs a pass.
  ///
  /// - Throws: `TensorError` of a mistake within the function.
  mutating func callAsFunction(_ model: Values, _ input: Input) throws -> [Tensor] {
    let tree = try ModelTree(input)
    let literals = try tree.computed()
    let form = model.form + BatchForm(tree)
    let plan = try plans[form] ?? compile(model.tree, tree)
    plans[form] = plan
    return try plan.run((model.literals + literals).map(\.buffer)).map { Tensor($0) }
  }

  private func compile(_ modelTree: ModelTree, _ inputTree: ModelTree) throws -> CompiledFunction {
    let (model, input) = (modelTree.placeholders, inputTree.placeholders)
    let results = try Run(.inference).perform {
      try function(modelTree.rebuilt(Model.self, with: model), inputTree.rebuilt(Input.self, with: input))
    }
    return try CompiledFunction(Trace(arguments: (model + input).compactMap { $0 }, outputs: results))
  }
}
