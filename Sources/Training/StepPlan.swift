import DescentCompiler
import DescentGraph
import DescentOptimizers
import DescentTensors

/// The compiled training step for batches of one form.
///
/// Arguments: the model's tensors, the optimizer's memory, the batch's tensors, the key of random numbers, the step's
/// number. Results: loss and further results, where the optimizer may refuse steps a boolean for each parameter whose
/// gradient it looks at, then the next values of what the step writes.
struct StepPlan: Sendable {
  /// The plan.
  let function: CompiledFunction
  /// How many results the loss and the further results are.
  let resultCount: Int
  /// The paths of the parameters whose gradients may make the optimizer refuse the step.
  let refusable: [String]
  /// The places among `StepValues.values` whose next values the plan gives: trained slots, statistics that the pass
  /// updates, and the optimizer's memory.
  let writtenPlaces: [Int]
  /// The class numbers that the batch holds.
  let labels: LabelChecks

  /// A batch while the step is being recorded.
  struct BatchTensors {
    let tree: ModelTree
    let tensors: [Tensor?]
  }

  init(
    _ values: StepValues, model tree: ModelTree, batch: ModelTree, optimizer: any Optimizer, memoryLimit: Int?,
    binding key: RandomKey, _ pass: (_ model: [Tensor?], [Parameter.Identity], _ batch: BatchTensors) throws -> [Tensor]
  ) throws {
    let epoch = Trace.beginRecording()
    let (slots, trainedCount) = (values.slots, values.trainedCount)
    let parameters = zip(slots, values.values).map { Tensor.placeholder($1.type, name: $0.path) }
    let memory = values.values.dropFirst(slots.count).map { Tensor.placeholder($0.type) }
    let inputs = batch.placeholders
    let words = Tensor.placeholder(TensorType([2], .uint32), name: "key")
    let step = Tensor.placeholder(TensorType([], .float64), name: "step")

    var model = [Tensor?](repeating: nil, count: tree.leaves.count)
    for (slot, tensor) in zip(slots, parameters) { model[slot.leaf] = tensor }
    let identities = Parameter.Identity.fresh(tree.leaves.count)
    let run = Run(
      .training, key: RandomKey(words: words), binding: ParameterBinding(key, besides: identities))
    let (results, updates, labels) = try run.receivingAll(identities) {
      try pass(model, identities, BatchTensors(tree: batch, tensors: inputs))
    }
    self.labels = LabelChecks(labels, on: inputs.compactMap { $0 })
    let updated = slots.indices.filter { !slots[$0].isTrained && updates[identities[slots[$0].leaf]] != nil }
    let statistics = updated.compactMap { updates[identities[slots[$0].leaf]] }
    for (slot, next) in zip(updated, statistics) { try Self.check(next, parameters[slot], slots[slot].path) }

    let forward = parameters + inputs.compactMap { $0 } + [words]
    let trace = try Trace(arguments: forward, outputs: results + statistics)
    let backward = try trace.gradient(parameters: Array(0..<trainedCount))
    var outputs = backward.record(on: forward + trace.captured)
    let gradients = outputs.suffix(trainedCount)
    outputs.removeLast(trainedCount)

    var remembered = memory[...]
    let optimized = zip(zip(slots, parameters), zip(gradients, values.memoryCounts)).map { known, moved in
      defer { remembered = remembered.dropFirst(moved.1) }
      return OptimizedParameter(
        path: known.0.path, value: known.1, gradient: moved.0, state: Array(remembered.prefix(moved.1)))
    }
    let next = optimizer.update(optimized, step: step)
    try Self.check(next, optimized)
    let refusals = next.compactMap(\.isRefused)
    refusable = zip(optimized, next).compactMap { $1.isRefused == nil ? nil : $0.path }
    resultCount = results.count
    writtenPlaces = Array(0..<trainedCount) + updated + (slots.count..<slots.count + memory.count)
    var nextStatistics = Array(outputs[results.count...])
    let leftOut = refusals + next.compactMap(\.isSkipped)
    if let isLeftOut = leftOut.dropFirst().reduce(leftOut.first, { whole, one in whole.map { $0 .| one } }) {
      nextStatistics = zip(updated, nextStatistics).map { `where`(isLeftOut, parameters[$0], $1) }
    }
    let whole = outputs[..<results.count] + refusals + next.map(\.value) + nextStatistics + next.flatMap(\.state)
    let firstWritten = results.count + refusals.count
    let donations = writtenPlaces.enumerated().map { Donation(input: $1, output: firstWritten + $0) }
    let arguments = parameters + memory + inputs.compactMap { $0 } + [words, step]
    function = try CompiledFunction(
      try Trace(arguments: arguments, outputs: Array(whole), since: epoch), donations: donations,
      memoryLimit: memoryLimit)
  }

  /// Holds an optimizer to its promise: as many values and states as before, in the same shapes.
  private static func check(_ next: [ParameterUpdate], _ before: [OptimizedParameter]) throws {
    guard next.count == before.count else {
      throw TensorError("optimizer", "gave \(next.count) updates for \(before.count) parameters")
    }
    for (update, parameter) in zip(next, before) {
      guard update.state.count == parameter.state.count else {
        throw TensorError(
          "optimizer", "remembers \(update.state.count) tensors of \(parameter.path), not \(parameter.state.count)")
      }
      for (flag, word) in [(update.isRefused, "refused"), (update.isSkipped, "skipped")] {
        if let flag { try check(flag, Tensor(true), "whether the step on \(parameter.path) is \(word)") }
      }
      for (new, old) in [(update.value, parameter.value)] + zip(update.state, parameter.state) {
        try check(new, old, parameter.path)
      }
    }
  }

  /// The paths of the parameters whose gradients made the optimizer refuse the step that gave these results.
  func refused(in results: [Literal]) -> [String] {
    // Read where they lie, because each step looks.
    zip(refusable, results.dropFirst(resultCount)).filter { $1.buffer.pointer.load(as: UInt8.self) != 0 }.map(\.0)
  }

  private static func check(_ new: Tensor, _ old: Tensor, _ path: String) throws {
    if let error = new.error { throw error }
    guard new.type == old.type else { throw TensorError(path, "is \(old.type), its next value is \(new.type)") }
  }
}

extension ModelTree {
  /// Arguments of a function in place of the tensors.
  var placeholders: [Tensor?] {
    leaves.map { leaf in leaf.tensor.map { Tensor.placeholder($0.type, name: leaf.path) } }
  }
}
