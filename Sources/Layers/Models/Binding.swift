import DescentTensors

extension Layer {
  /// The model with initial values in all parameters that have none, in the sizes that an example asks for.
  ///
  /// - Parameters:
  ///   - example: An input such as those to come; its elements do not matter.
  ///   - seed: The same seed gives the same values, whatever else the program does.
  /// - Throws: `TensorError` of a mistake in the model, such as shapes that do not fit.
  public func initialized(for example: Tensor, seed: UInt64 = 0) throws -> Self {
    try bindingParameters(of: self, seed: seed) { [$0(example)] }
  }
}

/// A model with initial values in all parameters that have none and that a pass through the model asks for.
///
/// The pass is recorded, not computed; the initial values are computed together, in one plan.
///
/// - Parameter pass: Uses the model and returns what it made of it.
/// - Throws: what the pass throws, or `TensorError` that one of its results carries.
package func bindingParameters<Model: Codable>(
  of model: Model, seed: UInt64, _ pass: (Model) throws -> [Tensor]
) throws -> Model {
  let tree = try ModelTree(model)
  let named = try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor))
  let run = Run(.inference, bindingKey: RandomKey(seed: seed))
  let results = try run.perform { try pass(named) }
  for result in results { if let error = result.error { throw error } }
  let bound = run.boundParameters
  try evaluate(tree.leaves.compactMap { bound[$0.path] })
  return try tree.rebuilt(Model.self, with: tree.leaves.map { $0.tensor ?? bound[$0.path] })
}
