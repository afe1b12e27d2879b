import DescentCompiler
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// What a training step reads and writes: the model's tensors, the optimizer's memory, the step count.
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
  /// The number of tensors that the optimizer remembers of each trained slot.
  let memoryCounts: [Int]
  /// The values of the slots, followed by the optimizer's memory, slot by slot.
  private(set) var values: [Literal]
  private(set) var stepCount = 0
  /// Why the values cannot be used any more: a step failed while it was writing over them.
  private(set) var fault: TensorError?

  /// What checkpoints call the values, in their order.
  private let names: [String]
  /// The number of tensors of the model, those without values included.
  private let leafCount: Int
  /// The key that the steps' keys are drawn under.
  private let key: (UInt32, UInt32)

  init(_ tree: ModelTree, _ optimizer: any Optimizer, seed: UInt64) throws {
    let leaves = tree.leaves
    leafCount = leaves.count
    func slots(trained: Bool) -> [Slot] {
      leaves.indices.filter { leaves[$0].isTrained == trained && leaves[$0].tensor != nil }
        .map { Slot(path: leaves[$0].path, leaf: $0, isTrained: trained) }
    }
    let trained = slots(trained: true)
    self.slots = trained + slots(trained: false)
    trainedCount = trained.count
    let tensors = self.slots.compactMap { leaves[$0.leaf].tensor }
    let memory = tensors.prefix(trainedCount).map(optimizer.initialState)
    memoryCounts = memory.map(\.count)
    names =
      self.slots.map { CheckpointNames.model($0.path) }
      + zip(trained, memory).flatMap { slot, parts in parts.indices.map { "optimizer.\($0).\(slot.path)" } }
    if let name = Self.repeated(self.slots.map(\.path)) {
      throw TensorError(name, "is the path of two tensors of the model; rename one of the properties")
    }
    let all = tensors + memory.flatMap { $0 }
    try evaluate(all)
    values = try all.map { try $0.literal().copied() }
    let words = try RandomKey(seed: seed).split("step").words.integers().map { UInt32(truncatingIfNeeded: $0) }
    key = (words[0], words[1])
  }

  private static func repeated(_ names: [String]) -> String? {
    var seen: Set<String> = []
    return names.first { !seen.insert($0).inserted }
  }

  /// Runs a plan once and keeps the values that it leaves.
  ///
  /// - Parameter place: How errors name the step; otherwise by its number.
  /// - Throws: where the system has no memory left, or the optimizer refuses the step; the values are as before then,
  ///   unless a kernel was under way.
  mutating func advance(
    _ plan: StepPlan, _ batch: [Literal], at place: @autoclosure () -> String?
  ) throws -> ArraySlice<Literal> {
    if let fault { throw fault }
    let results: [Literal]
    do {
      results = try plan.function.run(try arguments(batch))
    } catch let error as TensorError {
      // Memory is asked for before the first kernel runs; any other failure is that of a kernel.
      if error.operation != "allocate" {
        fault = TensorError(
          "training",
          "a step failed while it changed the parameters, which are lost (\(error)); go back to a checkpoint")
      }
      throw error
    }
    let first = plan.resultCount + plan.refusable.count
    for (position, place) in plan.writtenPlaces.enumerated() { values[place] = results[first + position] }
    let refused = plan.refused(in: results)
    guard refused.isEmpty else {
      throw TrainingError(
        "\(place() ?? "step \(stepCount + 1)"): the gradient of the loss with respect to \(Self.listed(refused)) is not"
          + " finite, and the optimizer refuses such steps; parameters and what it remembers are as before")
    }
    stepCount += 1
    return results[..<plan.resultCount]
  }

  /// The first few of some paths, and how many more there are.
  private static func listed(_ paths: [String]) -> String {
    paths.prefix(4).joined(separator: ", ") + (paths.count > 4 ? " and \(paths.count - 4) more" : "")
  }

  /// Measures a plan's kernels on copies of the values.
  func profile(_ plan: StepPlan, _ batch: [Literal], runs: Int) throws -> [KernelProfile] {
    var copy = self
    copy.values = try values.map { try $0.copied() }
    return try plan.function.profile(try copy.arguments(batch), runs: runs)
  }

  /// The plan's arguments in the order of `StepPlan`.
  private func arguments(_ batch: [Literal]) throws -> [Buffer] {
    // Drawn here and not by a plan, which would take longer than many a step.
    let words = Threefry.words(key: key, counter: UInt64(stepCount))
    var arguments = values.map(\.buffer)
    arguments.reserveCapacity(arguments.count + batch.count + 2)
    for literal in batch { arguments.append(literal.buffer) }
    arguments.append(try Self.buffer(words))
    arguments.append(try Self.buffer(Double(stepCount + 1)))
    return arguments
  }

  private static func buffer<Value: BitwiseCopyable>(_ value: Value) throws -> Buffer {
    let buffer = try allocated(MemoryLayout<Value>.size)
    buffer.pointer.storeBytes(of: value, as: Value.self)
    return buffer
  }

  /// Copies of the values, one for each tensor of the model; they carry the error where there are none to be had.
  func modelTensors() -> [Tensor?] {
    var tensors = [Tensor?](repeating: nil, count: leafCount)
    for (slot, value) in zip(slots, values) {
      do {
        if let fault { throw fault }
        tensors[slot.leaf] = Tensor(try value.copied())
      } catch {
        tensors[slot.leaf] = Tensor(error: error as? TensorError ?? TensorError("model", "\(error)"))
      }
    }
    return tensors
  }

  /// Copies of everything by name.
  func named() throws -> [String: Tensor] {
    if let fault { throw fault }
    var named: [String: Tensor] = ["step": Tensor(integers: [stepCount], shape: [], .int64)]
    for (name, value) in zip(names, values) { named[name] = Tensor(try value.copied()) }
    return named
  }

  /// Takes the values over from what `named` gave.
  ///
  /// - Throws: `TensorError` where they are another model's or another optimizer's; nothing has changed then.
  mutating func restore(_ named: [String: Tensor]) throws {
    guard let step = try named["step"]?.integers().first, step >= 0 else {
      throw TensorError("restore", "it is not said how many steps were taken")
    }
    var restored = self
    for (index, name) in names.enumerated() {
      guard let tensor = named[name] else { throw TensorError("restore", "there is no tensor \(name)") }
      if let error = tensor.error {
        throw TensorError("restore", "the tensor \(name) cannot be read: \(error.message)")
      }
      guard tensor.type == values[index].type else {
        throw TensorError("restore", "the tensor \(name) is \(tensor.type), where \(values[index].type) is needed")
      }
      restored.values[index] = try tensor.literal().copied()
    }
    if let extra = Set(named.keys).subtracting(names + ["step"]).min() {
      throw TensorError("restore", "the tensor \(extra) belongs to nothing in this model or optimizer")
    }
    restored.stepCount = step
    restored.fault = nil
    self = restored
  }
}

extension Literal {
  /// A copy with memory of its own.
  func copied() throws -> Literal {
    let copy = try allocated(type.byteCount)
    if type.byteCount > 0 { copy.pointer.copyMemory(from: buffer.pointer, byteCount: type.byteCount) }
    return Literal(type: type, buffer: copy)
  }
}

private func allocated(_ byteCount: Int) throws -> Buffer {
  do throws(OperationError) {
    return try Buffer(byteCount: byteCount)
  } catch { throw TensorError(error.operation, error.message) }
}
