import DescentCompiler
import DescentGraph
import DescentOptimizers
import DescentTensors

/// What a training step reads and writes: parameters, running statistics, the optimizer's memory, the step count.
///
/// The buffers belong to the step alone: plans write the next values over them.
struct StepValues: Sendable {
  /// A tensor of the model.
  struct Slot: Sendable {
    let path: String
    /// Where the tensor stands among the model's.
    let leaf: Int
    let isTrained: Bool
  }

  /// The model's tensors: trained ones first, then all others.
  let slots: [Slot]
  let trainedCount: Int
  /// The values of the slots.
  private(set) var parameters: [Literal]
  /// What the optimizer remembers of each trained slot.
  private(set) var memory: [[Literal]]
  private(set) var stepCount = 0

  init(_ tree: ModelTree, _ optimizer: any Optimizer) throws {
    let leaves = tree.leaves
    func slots(trained: Bool) -> [Slot] {
      leaves.indices.filter { leaves[$0].isTrained == trained && leaves[$0].tensor != nil }
        .map { Slot(path: leaves[$0].path, leaf: $0, isTrained: trained) }
    }
    let trained = slots(trained: true)
    self.slots = trained + slots(trained: false)
    trainedCount = trained.count
    let tensors = self.slots.compactMap { leaves[$0.leaf].tensor }
    let states = tensors.prefix(trainedCount).map(optimizer.initialState)
    try evaluate(tensors + states.flatMap { $0 })
    parameters = try tensors.map { try $0.literal().copied() }
    memory = try states.map { try $0.map { try $0.literal().copied() } }
  }

  /// Runs a plan once and keeps the values that it leaves.
  mutating func advance(_ plan: StepPlan, _ batch: [Literal], seed: UInt64) throws -> [Literal] {
    let arguments = try arguments(batch, seed: seed)
    var results = try plan.function.run(arguments.map(\.buffer))[...]
    let reported = Array(results.prefix(plan.resultCount))
    results = results.dropFirst(plan.resultCount)
    for slot in plan.writtenSlots {
      if let value = results.popFirst() { parameters[slot] = value }
    }
    for index in memory.indices {
      for part in memory[index].indices {
        if let value = results.popFirst() { memory[index][part] = value }
      }
    }
    stepCount += 1
    return reported
  }

  /// Measures a plan's kernels on copies of the values.
  mutating func profile(_ plan: StepPlan, _ batch: [Literal], seed: UInt64, runs: Int) throws -> [KernelProfile] {
    var copy = self
    copy.parameters = try parameters.map { try $0.copied() }
    copy.memory = try memory.map { try $0.map { try $0.copied() } }
    return try plan.function.profile(try copy.arguments(batch, seed: seed).map(\.buffer), runs: runs)
  }

  /// The plan's arguments in the order of `StepPlan`.
  private func arguments(_ batch: [Literal], seed: UInt64) throws -> [Literal] {
    let key = try RandomKey(seed: seed).split("step").split(stepCount).words.literal()
    let step = try Tensor(Double(stepCount + 1), .float64).literal()
    return parameters + memory.flatMap { $0 } + batch + [key, step]
  }

  /// Copies of the values, one for each tensor of the model.
  func modelTensors() throws -> [Tensor?] {
    var tensors: [Tensor?] = []
    for (slot, value) in zip(slots, parameters) {
      while tensors.count <= slot.leaf { tensors.append(nil) }
      tensors[slot.leaf] = Tensor(try value.copied())
    }
    return tensors
  }

  /// Copies of everything by name.
  func named(_ tree: ModelTree) throws -> [String: Tensor] {
    var named: [String: Tensor] = ["step": Tensor(integers: [stepCount], shape: [], .int64)]
    for (slot, value) in zip(slots, parameters) { named["model.\(slot.path)"] = Tensor(try value.copied()) }
    for (slot, parts) in zip(slots, memory) {
      for (index, part) in parts.enumerated() { named["optimizer.\(index).\(slot.path)"] = Tensor(try part.copied()) }
    }
    return named
  }

  /// Takes the values over from what `named` gave.
  mutating func restore(_ named: [String: Tensor], _ tree: ModelTree) throws {
    func value(_ name: String, like old: Literal) throws -> Literal {
      guard let tensor = named[name] else { throw TensorError("restore", "the checkpoint has no tensor \(name)") }
      guard tensor.shape == old.type.shape, tensor.elementType == old.type.elementType else {
        throw TensorError(
          "restore", "the checkpoint's \(name) is \(tensor.elementType)\(tensor.shape), the model's \(old.type)")
      }
      return try tensor.literal().copied()
    }
    guard let step = try named["step"]?.integers().first, step >= 0 else {
      throw TensorError("restore", "the checkpoint does not say how many steps it took")
    }
    var restored = self
    for (index, slot) in slots.enumerated() {
      restored.parameters[index] = try value("model.\(slot.path)", like: parameters[index])
    }
    for index in memory.indices {
      for part in memory[index].indices {
        let name = "optimizer.\(part).\(slots[index].path)"
        restored.memory[index][part] = try value(name, like: memory[index][part])
      }
    }
    restored.stepCount = step
    self = restored
  }
}

extension Literal {
  /// A copy with memory of its own.
  func copied() throws -> Literal {
    do throws(OperationError) {
      let copy = try Buffer(byteCount: type.byteCount)
      if type.byteCount > 0 { copy.pointer.copyMemory(from: buffer.pointer, byteCount: type.byteCount) }
      return Literal(type: type, buffer: copy)
    } catch { throw TensorError(error.operation, error.message) }
  }
}
