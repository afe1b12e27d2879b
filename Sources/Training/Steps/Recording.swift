import DescentGraph
import DescentOptimizers
import DescentTensors

/// The arguments of a step while it is recorded.
struct Recording: @unchecked Sendable {
  private let values: StepValues
  private let settings: PreparedArguments
  /// The model's tensors, slot by slot.
  let parameters: [Tensor]
  /// What the optimizer remembers.
  let memory: [Tensor]
  /// The optimizer's hyper-parameters.
  let numbers: [Tensor]
  /// The batch's tensors, `nil` where it has none.
  let inputs: [Tensor?]
  /// The key of random numbers.
  let words: Tensor
  /// The step's number.
  let number: Tensor
  /// How many steps were taken before each trained parameter began to move, `nil` where all move from the first step on.
  let starts: Tensor?
  /// Which parameters the model's tensors are.
  let identities: [Parameter.Identity]

  init(_ values: StepValues, _ settings: PreparedArguments, _ batch: ModelTree) {
    (self.values, self.settings) = (values, settings)
    let (slots, types) = (values.slots, values.types)
    parameters = zip(slots, types).map { Tensor.placeholder($1, name: $0.path, isParameter: true) }
    memory = types.dropFirst(slots.count).map { Tensor.placeholder($0) }
    numbers = zip(settings.paths, settings.literals).map { Tensor.placeholder($1.type, name: $0) }
    inputs = batch.placeholders
    words = Tensor.placeholder(TensorType([2], .uint32), name: "key")
    number = Tensor.placeholder(TensorType([], .float64), name: "step")
    starts =
      values.starts.isEmpty ? nil : Tensor.placeholder(TensorType([values.trainedCount], .float64), name: "starts")
    identities = Parameter.Identity.fresh(values.model.tree.leaves.count)
  }

  /// The batch's tensors.
  var batch: [Tensor] { inputs.compactMap { $0 } }
  /// All arguments in the order of the plan's.
  var arguments: [Tensor] { parameters + memory + numbers + batch + [words, number] + (starts.map { [$0] } ?? []) }

  /// The model's tensors, from the values of its slots.
  func model(_ tensors: [Tensor]) -> [Tensor?] {
    var model = [Tensor?](repeating: nil, count: values.model.tree.leaves.count)
    for (slot, tensor) in zip(values.slots, tensors) { model[slot.leaf] = tensor }
    return model
  }

  /// What the optimizer remembers.
  private func remembered<Rule: Optimizer>(_ rule: Rule.Type) throws -> Rule.State {
    var rest = memory[...]
    let tree = values.memory.tree
    return try tree.rebuilt(Rule.State.self, with: tree.leaves.map { $0.tensor == nil ? nil : rest.popFirst() })
  }

  /// What the loss is multiplied by before it is differentiated; `nil` where it is not.
  func lossScale<Rule: Optimizer>(_ rule: Rule.Type) throws -> Tensor? {
    try settings.tree.rebuilt(Rule.self, with: numbers).lossScale(in: remembered(rule))?.scale
  }

  /// The parameters' next values and what the optimizer remembers then.
  ///
  /// - Throws: what the optimizer throws; `TensorError` where it does not keep its promise: a movement for each parameter,
  ///   and as much to remember as before, in the same shapes.
  func moved<Rule: Optimizer>(
    _ parameters: [OptimizedParameter], _ step: StepContext, _ rule: Rule.Type
  ) throws -> (values: [Tensor], memory: [Tensor]) {
    let optimizer = try settings.tree.rebuilt(Rule.self, with: numbers)
    let tree = values.memory.tree
    var state = try remembered(rule)
    let movements = try optimizer.movements(of: parameters, state: &state, at: step)
    guard movements.count == parameters.count else {
      throw TensorError("optimizer", "gave \(movements.count) movements for \(parameters.count) parameters")
    }
    let next = try zip(zip(parameters, self.parameters), movements).map { known, movement in
      try StepPlan.check(movement, known.0.value, "the movement of \(known.0.path)")
      let value = RecordingScope.update(of: known.0.path) { known.0.moved(by: movement) }
      try StepPlan.check(value, known.1, known.0.path)
      return value
    }
    let after = try ModelTree(state)
    let remembered = after.leaves.compactMap(\.tensor)
    guard ArgumentForm([after]) == ArgumentForm([tree]) else {
      let places = zip(after.leaves, tree.leaves).first { $0.path != $1.path || $0.tensor?.type != $1.tensor?.type }
      let found = places.map { after, before in
        "'\(before.path)' was \(before.tensor.map { "\($0.type)" } ?? "nothing") and is"
          + " \(after.tensor.map { "\($0.type)" } ?? "nothing")"
      }
      throw TensorError(
        "optimizer", "what it remembers has another form after the step: \(found ?? "other parts or plain values")")
    }
    for tensor in remembered { if let error = tensor.error { throw error } }
    return (next, remembered)
  }
}

extension ModelTree {
  /// Arguments of a function in place of the tensors.
  var placeholders: [Tensor?] {
    leaves.map { leaf in leaf.tensor.map { Tensor.placeholder($0.type, name: leaf.path) } }
  }
}
