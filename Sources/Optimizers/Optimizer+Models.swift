import DescentGraph
import DescentTensors

// For loops of one's own, inside `compiledUpdate` or step by step.

extension Optimizer {
  /// What the rule remembers of a model before the first step.
  ///
  /// - Parameter model: A layer, or any value that holds tensors; all have values.
  /// - Throws: `TensorError` where a setting makes no sense, or what walking the model throws.
  public func initialState<Model: Codable>(of model: Model) throws -> State {
    try validate()
    return try initialState(for: ModelParameters(model).all)
  }

  /// Moves a model along its gradient.
  ///
  /// ```swift
  /// let update = compiledUpdate { (training: inout Pair, batch: Batch) in
  ///   let gradient = try gradient(at: training.model) { … }
  ///   try optimizer.move(&training.model, along: gradient, state: &training.state, at: step)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - model: The model; what is frozen, running statistics and integers stay as they are.
  ///   - gradient: The gradient of the loss with respect to the model, as `gradient(at:of:)` gives it.
  ///   - state: What the rule remembers.
  ///   - step: The number of the step, and what else the rule asks for.
  /// - Throws: `TensorError` where the gradient is of another model or the rule fails.
  public func move<Model: Codable>(
    _ model: inout Model, along gradient: Model, state: inout State, at step: StepContext
  ) throws {
    let parameters = try ModelParameters(model)
    let slopes = try ModelTree(gradient).leaves
    guard slopes.count == parameters.tree.leaves.count else {
      throw TensorError(
        "move", "the gradient has \(slopes.count) tensors, the model has \(parameters.tree.leaves.count)")
    }
    let trained = zip(parameters.places, parameters.all).map { place, parameter in
      var moved = parameter
      moved.gradient = slopes[place].tensor?.converted(to: parameter.workingType) ?? parameter.gradient
      return moved
    }
    let movements = try RecordingScope.update { try self.movements(of: trained, state: &state, at: step) }
    guard movements.count == trained.count else {
      throw TensorError("optimizer", "gave \(movements.count) movements for \(trained.count) parameters")
    }
    var tensors = parameters.tree.leaves.map(\.tensor)
    for (place, (parameter, movement)) in zip(parameters.places, zip(trained, movements)) {
      tensors[place] = RecordingScope.update(of: parameter.path) { parameter.moved(by: movement) }
    }
    model = try parameters.tree.rebuilt(
      Model.self, with: tensors, identities: parameters.tree.leaves.map(\.identity))
  }
}

/// The parameters of a model that optimizers move.
private struct ModelParameters {
  let tree: ModelTree
  /// Where they stand among the model's tensors.
  let places: [Int]
  let all: [OptimizedParameter]

  init<Model: Codable>(_ model: Model) throws {
    tree = try ModelTree(model)
    var (places, all) = ([Int](), [OptimizedParameter]())
    for (place, leaf) in tree.leaves.enumerated() where leaf.isTrained {
      guard let value = leaf.tensor else {
        throw TensorError(leaf.path, "has no values yet; give the model an example, train it, or load a file")
      }
      places.append(place)
      all.append(OptimizedParameter(path: leaf.path, value: value))
    }
    (self.places, self.all) = (places, all)
  }
}
