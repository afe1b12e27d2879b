import DescentCompiler
import DescentGraph
import DescentOptimizers
import DescentTensors

/// The compiled training step for batches of one shape.
///
/// Arguments: the model's tensors, the optimizer's memory, the batch's tensors, the key of random numbers, the step's
/// number. Results: loss and further results, then the next values of written slots and of the optimizer's memory.
struct StepPlan: Sendable {
  /// The plan.
  let function: CompiledFunction
  /// How many results come before the next values.
  let resultCount: Int
  /// The slots whose next values the plan gives: the trained ones, and statistics that the pass updates.
  let writtenSlots: [Int]

  /// A batch while the step is being recorded.
  struct BatchTensors {
    let tree: ModelTree
    let tensors: [Tensor?]
  }

  init(
    _ values: StepValues, batch: ModelTree, optimizer: any Optimizer, memoryLimit: Int?,
    _ pass: (_ model: [Tensor?], _ batch: BatchTensors) throws -> [Tensor]
  ) throws {
    let parameters = zip(values.slots, values.parameters).map { Tensor.placeholder($1.type, name: $0.path) }
    let memory = values.memory.map { $0.map { Tensor.placeholder($0.type) } }
    let inputs = batch.leaves.map { leaf in leaf.tensor.map { Tensor.placeholder($0.type, name: leaf.path) } }
    let key = Tensor.placeholder(TensorType([2], .uint32), name: "key")
    let step = Tensor.placeholder(TensorType([], .float64), name: "step")

    var model: [Tensor?] = []
    for (slot, tensor) in zip(values.slots, parameters) {
      while model.count <= slot.leaf { model.append(nil) }
      model[slot.leaf] = tensor
    }
    let run = Run(.training, key: RandomKey(words: key))
    let results = try run.perform { try pass(model, BatchTensors(tree: batch, tensors: inputs)) }
    let updates = run.updates
    let updated = values.slots.indices.filter { !values.slots[$0].isTrained && updates[values.slots[$0].path] != nil }
    let statistics = updated.compactMap { updates[values.slots[$0].path] }

    let forward = parameters + inputs.compactMap { $0 } + [key]
    let trace = try Trace(arguments: forward, outputs: results + statistics)
    let backward = try trace.gradient(parameters: Array(0..<values.trainedCount))
    var outputs = backward.record(on: forward + trace.captured)
    let gradients = outputs.suffix(values.trainedCount)
    outputs.removeLast(values.trainedCount)

    let optimized = zip(zip(values.slots, parameters), zip(gradients, memory)).map { known, moved in
      OptimizedParameter(path: known.0.path, value: known.1, gradient: moved.0, state: moved.1)
    }
    let next = optimizer.update(optimized, step: step)
    try Self.check(next, optimized)
    resultCount = results.count
    writtenSlots = Array(0..<values.trainedCount) + updated
    let statisticsNext = outputs[results.count...]
    let whole =
      outputs[..<results.count] + next.map(\.value) + statisticsNext + next.flatMap(\.state)
    let arguments = parameters + memory.flatMap { $0 } + inputs.compactMap { $0 } + [key, step]
    var donations: [Donation] = []
    for (position, slot) in writtenSlots.enumerated() {
      donations.append(Donation(input: slot, output: resultCount + position))
    }
    for position in 0..<memory.joined().count {
      donations.append(
        Donation(input: parameters.count + position, output: resultCount + writtenSlots.count + position))
    }
    function = try CompiledFunction(
      try Trace(arguments: arguments, outputs: Array(whole)), donations: donations, memoryLimit: memoryLimit)
  }

  /// Holds an optimizer to its promise: as many values and states as before, in the same shapes.
  private static func check(_ next: [ParameterUpdate], _ before: [OptimizedParameter]) throws {
    guard next.count == before.count else {
      throw TensorError("optimizer", "gave \(next.count) updates for \(before.count) parameters")
    }
    for (update, parameter) in zip(next, before) {
      let pairs = [(update.value, parameter.value)] + zip(update.state, parameter.state)
      for (new, old) in pairs {
        if let error = new.error { throw error }
        guard new.shape == old.shape, new.elementType == old.elementType else {
          throw TensorError(
            "optimizer", "turns \(old.elementType)\(old.shape) of \(parameter.path) into \(new.elementType)\(new.shape)")
        }
      }
      guard update.state.count == parameter.state.count else {
        throw TensorError(
          "optimizer", "remembers \(update.state.count) tensors of \(parameter.path), not \(parameter.state.count)")
      }
    }
  }
}
