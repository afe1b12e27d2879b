import DescentGraph
import DescentTensors

extension Layer {
  /// The layer with initial values in all parameters that have none, in the sizes that an example asks for.
  ///
  /// - Parameters:
  ///   - example: An input such as those to come; its elements do not matter.
  ///   - seed: The same seed gives the same values, whatever else the program does.
  /// - Throws: `TensorError` of a mistake in the model, such as shapes that do not fit.
  ///
  /// What layers ask for only while they train, such as a further output, is bound as well.
  public func initialized(for example: Input, seed: UInt64 = 0) throws -> Self {
    try initialized(seed: seed) { try $0(example) }
  }
}

extension Model {
  /// The model with initial values in all parameters that have none, in the sizes that a pass through it asks for.
  ///
  /// ```swift
  /// let matcher = try Matcher().initialized(seed: 1) { $0(questions, answers) }
  /// ```
  ///
  /// - Parameters:
  ///   - seed: The same seed gives the same values, whatever else the program does.
  ///   - pass: Uses the model on an example, whose elements do not matter; it is recorded, not computed.
  /// - Throws: what the pass throws; `TensorError` of a mistake in the model, such as shapes that do not fit.
  ///
  /// What layers ask for only while they train, such as a further output, is bound as well.
  public func initialized<Output: Codable>(seed: UInt64 = 0, by pass: (Self) throws -> Output) throws -> Self {
    try bindingParameters(of: self, seed: seed, first: .inference) { model in
      try ModelTree(try pass(model)).leaves.compactMap(\.tensor)
    }
  }
}

/// A model with initial values in all parameters that have none and that a pass through the model asks for.
///
/// The pass is recorded, not computed; the initial values are computed together, in one plan. Where it leaves parameters
/// without values, a pass of the other purpose is looked at too: layers may differ in what they use.
///
/// - Parameters:
///   - model: The model. Others that take part in the pass, with whatever paths, do not disturb it.
///   - seed: The seed of the initial values.
///   - purpose: What the first pass is for, whose mistakes count.
///   - pass: Uses the model and returns what it made of it.
/// - Throws: what the pass throws, or `TensorError` that one of its results carries.
package func bindingParameters<Model: Codable>(
  of model: Model, seed: UInt64, first purpose: Run.Purpose, _ pass: (Model) throws -> [Tensor]
) throws -> Model {
  let tree = try ModelTree(model)
  let bound = try boundTensors(of: tree, key: RandomKey(seed: seed), first: purpose, pass)
  try evaluate(zip(tree.leaves, bound).compactMap { $0.tensor == nil ? $1 : nil })
  return try tree.rebuilt(Model.self, with: bound)
}

/// A model taken apart with initial values for parameters that have none and that a pass through the model asks for: recorded,
/// but not computed, so that the model may be larger than memory. See `bindingParameters(of:seed:first:_:)`.
package func recordedParameters<Model: Codable>(
  of model: Model, seed: UInt64, first purpose: Run.Purpose, _ pass: (Model) throws -> [Tensor]
) throws -> ModelTree {
  var tree = try ModelTree(model)
  let bound = try boundTensors(of: tree, key: RandomKey(seed: seed), first: purpose, pass)
  for (index, tensor) in bound.enumerated() { tree.leaves[index].tensor = tensor }
  return tree
}

/// The tensors of a model that was taken apart, with initial values for parameters that have none and that a pass through
/// the model asks for; see `bindingParameters(of:seed:first:_:)`.
private func boundTensors<Model: Codable>(
  of tree: ModelTree, key: RandomKey, first purpose: Run.Purpose, _ pass: (Model) throws -> [Tensor]
) throws -> [Tensor?] {
  let identities = Parameter.Identity.fresh(tree.leaves.count)
  let named = try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor), identities: identities)
  let binding = ParameterBinding(key)
  func look(_ purpose: Run.Purpose) throws {
    let run = Run(purpose, key: key.split("binding"), binding: binding, precision: Run.current.precision)
    let (results, _) = try run.receiving(identities) { try pass(named) }
    for result in results { if let error = result.error { throw error } }
  }
  func values() -> [Tensor?] { zip(tree.leaves, identities).map { $0.tensor ?? binding[$1] } }
  try look(purpose)
  // A mistake here is told when such a pass is asked for.
  if values().contains(where: { $0 == nil }) { _ = try? look(purpose == .training ? .inference : .training) }
  return values()
}

/// The shapes of a model's parameters by their paths, as a pass through the model asks for them; nothing is computed.
///
/// - Parameters:
///   - model: The model, whose parameters need no values.
///   - pass: Uses the model on an example and returns what it made of it.
/// - Throws: what the pass throws; `TensorError` that one of its results carries, or of a parameter that it does not lead to.
package func parameterShapes<Model: Codable>(
  of model: Model, by pass: (Model) throws -> [Tensor]
) throws -> [String: Shape] {
  let tree = try ModelTree(model)
  let tensors = try boundTensors(of: tree, key: RandomKey(seed: 0), first: .inference, pass)
  var shapes: [String: Shape] = [:]
  for (leaf, tensor) in zip(tree.leaves, tensors) {
    guard let tensor else {
      throw TensorError(leaf.path, "takes no part in the pass that gives parameters their shapes")
    }
    if let error = tensor.error { throw error }
    shapes[leaf.path] = tensor.shape
  }
  return shapes
}

/// A part of a model as so many copies of it whose tensors are stacked along a new first axis: `[copies, …]`.
///
/// Parameters without values get some where the pass that is under way gives such, each copy its own, as those of a model of
/// one copy are drawn.
///
/// - Parameters:
///   - part: The part, whose parameters have no values yet, or are stacked already.
///   - count: The number of copies, at least 1.
///   - layerType: How errors name the layer that the part belongs to.
///   - pass: Uses one copy.
/// - Throws: what the pass throws; `TensorError` where the parameters are stacked for another number.
func stackedCopies<Part: Codable>(
  of part: Part, count: Int, in layerType: String, by pass: (Part) throws -> [Tensor]
) throws -> Part {
  let tree = try ModelTree(part)
  for leaf in tree.leaves {
    guard let tensor = leaf.tensor, tensor.error == nil, tensor.shape.first != count else { continue }
    throw TensorError(
      layerType,
      "has \(count) blocks, found \(leaf.path) of the shape \(tensor.shape), which is not stacked from so many")
  }
  let tensors = try tree.tensors { key in
    // One copy's parameters have no first axis; those that are stacked already are left out.
    let one = tree.leaves.map { $0.tensor?[0] }
    let alone = try ModelTree(try tree.rebuilt(Part.self, with: one))
    let copies = try (0..<count).map { number in
      try boundTensors(of: alone, key: key.split(number), first: Run.current.purpose, pass)
    }
    return tree.leaves.indices.map { index in
      let own = copies.compactMap { $0[index] }
      return own.count == count ? stacked(own) : nil
    }
  }
  return try tree.rebuilt(Part.self, with: tensors, identities: tree.leaves.map(\.identity))
}
