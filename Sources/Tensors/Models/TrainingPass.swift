import DescentGraph

/// Calls a function with every pass through a model counting as training: dropout drops, batch norm uses the batch.
///
/// Running statistics stay as they are: a model is a value, and nothing here could change it. A gradient of a model whose
/// layers have new ones is refused for that reason; `training(_:seed:_:)` gives the model back with them.
///
/// - Parameters:
///   - seed: The seed of the pass's random numbers.
///   - body: The function.
public func training<Result>(seed: UInt64, _ body: () throws -> Result) rethrows -> Result {
  try training(key: RandomKey(seed: seed), body)
}

/// Calls a function with every pass through a model counting as training; see `training(seed:_:)`.
///
/// - Parameters:
///   - key: The key of the pass's random numbers; in a compiled function it may be one of the arguments.
///   - body: The function.
public func training<Result>(key: RandomKey, _ body: () throws -> Result) rethrows -> Result {
  try Run.current.with(.training, key: key).perform(body)
}

/// Calls a function with a model whose passes count as training, and gives the model back with the running statistics
/// that its layers have moved: for training loops of one's own.
///
/// ```swift
/// for (number, batch) in batches.enumerated() {
///   let pass = try training(model, seed: UInt64(number)) { model in
///     try valueAndGradient(at: model) { model in
///       softmaxCrossEntropy(model(batch.input), batch.target)
///     }
///   }
///   model = pass.model
///   model.output.weight = …       // moved along pass.result.gradient.output.weight
/// }
/// ```
///
/// The function has to use the model that it is given, not the one outside: that is how its layers are told from those of
/// another model that takes part, such as a teacher, which stays as it is.
///
/// - Parameters:
///   - model: A layer, or any value that holds some.
///   - seed: The seed of the pass's random numbers; another one for each step.
///   - body: The function.
/// - Returns: The model, which differs from the one given in its running statistics alone, and what the function gave.
/// - Throws: what the function or walking the model throws.
/// - Complexity: that of the function, and O(parameters) for the walk.
public func training<Model: Codable, Result>(
  _ model: Model, seed: UInt64, _ body: (Model) throws -> Result
) throws -> (model: Model, result: Result) {
  try training(model, key: RandomKey(seed: seed), body)
}

/// Calls a function with a model whose passes count as training, and gives the model back with its new running
/// statistics; see `training(_:seed:_:)`.
///
/// - Parameter key: The key of the pass's random numbers; in a compiled function it may be one of the arguments.
public func training<Model: Codable, Result>(
  _ model: Model, key: RandomKey, _ body: (Model) throws -> Result
) throws -> (model: Model, result: Result) {
  var model = model
  let result = try training(key: key) { try receivingStatistics(in: &model) { model in try body(model) } }
  return (model, result)
}

/// Calls a function that may change a model, and gives the model the running statistics that its layers report
/// meanwhile.
func receivingStatistics<Model: Codable, Result>(
  in model: inout Model, _ body: (inout Model) throws -> Result
) throws -> Result {
  let tree = try ModelTree(model)
  let identities = Parameter.Identity.fresh(tree.leaves.count)
  var changed = try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor), identities: identities)
  let (result, values) = try Run.current.receiving(identities) { try body(&changed) }
  if !values.isEmpty {
    // Found by what they are and not by where they stand: the function may have put something else there.
    let after = try ModelTree(changed)
    changed = try after.rebuilt(
      Model.self, with: after.leaves.map { leaf in leaf.identity.flatMap { values[$0] } ?? leaf.tensor })
  }
  model = changed
  return result
}
