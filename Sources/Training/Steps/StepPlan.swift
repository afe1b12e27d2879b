import DescentCompiler
import DescentGraph
import DescentOptimizers
import DescentTensors

/// The compiled training step for one form of state and batch.
///
/// Arguments: the model's tensors, what the optimizer remembers, its hyper-parameters, the batch's tensors, the key of
/// random numbers, the step's number. Results: loss, further results and reports, where the optimizer may refuse steps a boolean
/// for each parameter whose gradient it looks at, then the next values of what the step writes.
struct StepPlan: Sendable {
  /// The plan.
  let function: CompiledFunction
  /// How many results the loss, the further results and the reports are.
  let resultCount: Int
  /// The names of what layers report, whose values follow the further results.
  let reports: [String]
  /// The paths of the parameters whose gradients may make the optimizer refuse the step.
  let refusable: [String]
  /// The places among `StepValues.values` whose next values the plan gives: trained slots, statistics that the pass
  /// updates, and what the optimizer remembers.
  let writtenPlaces: [Int]
  /// The class numbers that the batch holds.
  let labels: LabelChecks

  /// A batch while the step is being recorded.
  ///
  /// It holds what coding made, which never changes.
  struct BatchTensors: @unchecked Sendable {
    let tree: ModelTree
    let tensors: [Tensor?]
  }

  /// The pass through the model: the loss, followed by further results, from the model's tensors and the batch.
  typealias Pass = @Sendable (_ model: [Tensor?], [Parameter.Identity], _ batch: BatchTensors) throws -> [Tensor]

  /// Records and compiles a step.
  ///
  /// - Parameters:
  ///   - values: The model and what the optimizer remembers; their forms count.
  ///   - settings: The optimizer's hyper-parameters.
  ///   - batch: A batch; its form counts.
  ///   - memoryLimit: The memory limit of a step in bytes, not counting parameters; `nil` for none.
  ///   - key: The key of initial values of models that take part without having any.
  ///   - precision: The element types of the pass.
  ///   - pass: The pass through the model.
  init<Rule: Optimizer>(
    _ values: StepValues, _ settings: PreparedArguments, rule: Rule.Type, batch: ModelTree, memoryLimit: Int?,
    binding key: RandomKey, precision: Precision?, _ pass: @escaping Pass
  ) throws {
    let epoch = Trace.beginRecording()
    let recording = Recording(values, settings, batch)
    let run = Run(
      .training, key: RandomKey(words: recording.words), binding: ParameterBinding(key, besides: recording.identities),
      precision: precision)
    let batchTensors = BatchTensors(tree: batch, tensors: recording.inputs)
    let (given, updates, labels, reports) = try run.receivingAll(recording.identities) {
      try pass(recording.model(recording.parameters), recording.identities, batchTensors)
    }
    guard !given.isEmpty else { throw TensorError("training", "the step's function gives no loss") }
    let reported = reports.losses + reports.metrics
    self.reports = reported.map(\.name)
    let results =
      given.prefix(1).map { run.result(reports.total(with: $0)) } + given.dropFirst() + reported.map(\.value)
    self.labels = LabelChecks(labels, on: recording.batch)
    let slots = values.slots
    let updated = slots.indices.filter { !slots[$0].isTrained && updates[recording.identities[slots[$0].leaf]] != nil }
    var statistics = updated.compactMap { updates[recording.identities[slots[$0].leaf]] }
    for (slot, next) in zip(updated, statistics) { try Self.check(next, recording.parameters[slot], slots[slot].path) }

    let forward = recording.parameters + recording.batch + [recording.words]
    let trace = try Trace(arguments: forward, outputs: results + statistics)
    let backward = try trace.gradient(parameters: Array(0..<values.trainedCount))
    var outputs = backward.applied(on: forward + trace.captured)
    let gradients = Array(outputs.suffix(values.trainedCount))
    outputs.removeLast(values.trainedCount)
    let found = Array(outputs.prefix(results.count))
    statistics = Array(outputs.dropFirst(results.count))

    // The pass again at another point, with the same random numbers; what it reports is that of the pass above.
    let trained = recording.parameters.prefix(values.trainedCount)
    let objective = Objective { point in
      let moved = zip(trained, point).map { $1.converted(to: $0.elementType) }
      let again = Run(
        .training, key: RandomKey(words: recording.words),
        binding: ParameterBinding(key, besides: recording.identities), precision: precision)
      let (given, _, _, reports) = try again.receivingAll(recording.identities) {
        try pass(
          recording.model(moved + recording.parameters.dropFirst(values.trainedCount)), recording.identities,
          batchTensors)
      }
      guard let loss = given.first else { throw TensorError("training", "the step's function gives no loss") }
      return again.result(reports.total(with: loss))
    }
    let step = StepContext(
      number: recording.number, loss: found[0], objective: objective,
      key: RandomKey(words: recording.words).split("optimizer"))
    let parameters = zip(slots, zip(trained, gradients)).map {
      OptimizedParameter(path: $0.path, value: $1.0, gradient: $1.1)
    }
    var (next, memory) = try recording.moved(parameters, step, rule)

    let (leftOut, refused) = step.conditions
    for condition in leftOut + refused.map(\.condition) {
      try Self.check(condition, Tensor(true), "a condition of the optimizer")
    }
    if let isLeftOut = Self.any(leftOut + refused.map(\.condition)) {
      statistics = zip(updated, statistics).map { `where`(isLeftOut, recording.parameters[$0], $1) }
    }
    // A step that fails leaves nothing behind, whatever the rules around the one that refuses it remember.
    if let isRefused = Self.any(refused.map(\.condition)) {
      next = zip(trained, next).map { `where`(isRefused, $0, $1) }
      memory = zip(recording.memory, memory).map { `where`(isRefused, $0, $1) }
    }
    refusable = refused.map(\.path)
    resultCount = results.count
    writtenPlaces =
      Array(0..<values.trainedCount) + updated + (slots.count..<slots.count + recording.memory.count)
    let whole = found + refused.map(\.condition) + next + statistics + memory
    let firstWritten = results.count + refused.count
    let donations = writtenPlaces.enumerated().map { Donation(input: $1, output: firstWritten + $0) }
    function = try CompiledFunction(
      try Trace(arguments: recording.arguments, outputs: whole, since: epoch), donations: donations,
      memoryLimit: memoryLimit)
  }

  /// The paths of the parameters whose gradients made the optimizer refuse the step that gave these results.
  func refused(in results: [Literal]) throws -> [String] {
    // Read where they lie, because each step looks.
    try zip(refusable, results.dropFirst(resultCount)).filter { try $1.firstElement(as: UInt8.self) != 0 }.map(\.0)
  }

  /// Whether one of some conditions holds; `nil` where there are none.
  private static func any(_ conditions: [Tensor]) -> Tensor? {
    conditions.dropFirst().reduce(conditions.first) { whole, one in whole.map { $0 .| one } }
  }

  fileprivate static func check(_ new: Tensor, _ old: Tensor, _ path: String) throws {
    if let error = new.error { throw error }
    guard new.type == old.type else { throw TensorError(path, "is \(old.type), its next value is \(new.type)") }
  }
}

/// The arguments of a step while it is recorded.
private struct Recording: @unchecked Sendable {
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
  /// Which parameters the model's tensors are.
  let identities: [Parameter.Identity]

  init(_ values: StepValues, _ settings: PreparedArguments, _ batch: ModelTree) {
    (self.values, self.settings) = (values, settings)
    let (slots, literals) = (values.slots, values.values)
    parameters = zip(slots, literals).map { Tensor.placeholder($1.type, name: $0.path) }
    memory = literals.dropFirst(slots.count).map { Tensor.placeholder($0.type) }
    numbers = zip(settings.paths, settings.literals).map { Tensor.placeholder($1.type, name: $0) }
    inputs = batch.placeholders
    words = Tensor.placeholder(TensorType([2], .uint32), name: "key")
    number = Tensor.placeholder(TensorType([], .float64), name: "step")
    identities = Parameter.Identity.fresh(values.model.tree.leaves.count)
  }

  /// The batch's tensors.
  var batch: [Tensor] { inputs.compactMap { $0 } }
  /// All arguments in the order of the plan's.
  var arguments: [Tensor] { parameters + memory + numbers + batch + [words, number] }

  /// The model's tensors, from the values of its slots.
  func model(_ tensors: [Tensor]) -> [Tensor?] {
    var model = [Tensor?](repeating: nil, count: values.model.tree.leaves.count)
    for (slot, tensor) in zip(values.slots, tensors) { model[slot.leaf] = tensor }
    return model
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
    var rest = memory[...]
    var state = try tree.rebuilt(Rule.State.self, with: tree.leaves.map { $0.tensor == nil ? nil : rest.popFirst() })
    let movements = try optimizer.movements(of: parameters, state: &state, at: step)
    guard movements.count == parameters.count else {
      throw TensorError("optimizer", "gave \(movements.count) movements for \(parameters.count) parameters")
    }
    let next = try zip(zip(parameters, self.parameters), movements).map { known, movement in
      try StepPlan.check(movement, known.0.value, "the movement of \(known.0.path)")
      let value = known.0.moved(by: movement)
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
