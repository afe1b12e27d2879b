import DescentGraph
import DescentTensors

/// A pass through a model without training, as one compiled plan for each shape of batch.
///
/// Another model of the same structure can take the first one's place without compiling again.
struct EvaluationStep<Model: Codable & Sendable, Input: Codable & Sendable> {
  private let function: (Model, Input) throws -> [Tensor]
  private var tree: ModelTree
  private var parameters: [Literal] = []
  private var plans: [[TensorType]: CompiledFunction] = [:]

  /// Prepares passes through a model.
  ///
  /// - Throws: where the model has parameters without values.
  init(_ model: Model, _ function: @escaping (Model, Input) throws -> [Tensor]) throws {
    self.function = function
    tree = try ModelTree(model)
    try use(model)
  }

  /// Goes on with another model of the same structure.
  mutating func use(_ model: Model) throws {
    let next = try ModelTree(model)
    guard next.leaves.map(\.path) == tree.leaves.map(\.path) else {
      throw TensorError("evaluate", "the model has other parameters than before")
    }
    if let open = next.leaves.first(where: { $0.tensor == nil }) {
      throw TensorError("evaluate", "the parameter \(open.path) has no values yet")
    }
    tree = next
    parameters = try next.leaves.compactMap { try $0.tensor?.literal() }
  }

  /// Runs a pass.
  ///
  /// - Throws: `TensorError` of a mistake within the function.
  mutating func callAsFunction(_ input: Input) throws -> [Tensor] {
    let inputTree = try ModelTree(input)
    let values = try inputTree.leaves.compactMap { try $0.tensor?.literal() }
    let types = parameters.map(\.type) + values.map(\.type)
    let plan = try plans[types] ?? compile(inputTree)
    plans[types] = plan
    return try plan.run((parameters + values).map(\.buffer)).map { Tensor($0) }
  }

  private func compile(_ input: ModelTree) throws -> CompiledFunction {
    func placeholders(_ tree: ModelTree) -> [Tensor?] {
      tree.leaves.map { leaf in leaf.tensor.map { Tensor.placeholder($0.type, name: leaf.path) } }
    }
    let (model, batch) = (placeholders(tree), placeholders(input))
    let results = try Run(.inference).perform {
      try function(tree.rebuilt(Model.self, with: model), input.rebuilt(Input.self, with: batch))
    }
    return try CompiledFunction(Trace(arguments: (model + batch).compactMap { $0 }, outputs: results))
  }
}
