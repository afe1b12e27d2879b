import DescentCompiler
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// What a training step reads and writes: the model's tensors and what the optimizer remembers.
///
/// The structure of both is kept apart from the values, so that a step walks neither. Copies share the memory of their
/// values until one of them is trained.
struct StepValues: Sendable {
  /// A tensor of the model.
  struct Slot: Sendable {
    let path: String
    /// Where the tensor stands among the model's.
    let leaf: Int
    let isTrained: Bool
  }

  /// A model or a state taken apart, with stand-ins for its tensors. It holds what coding made, which never changes.
  struct Structure: @unchecked Sendable {
    let tree: ModelTree
  }

  /// The model's structure.
  let model: Structure
  /// The structure of what the optimizer remembers.
  let memory: Structure
  /// The model's tensors: trained ones first, then all others.
  let slots: [Slot]
  let trainedCount: Int
  /// The values of the slots, followed by what the optimizer remembers.
  private(set) var values: [Literal]
  /// The types of the values.
  let types: [TensorType]
  /// What checkpoints call the values, in their order.
  let names: [String]
  /// How many steps were taken before parameters began to move that stood still at first, by their paths.
  private(set) var starts: [String: Int] = [:]
  /// Why the values cannot be used any more: a step failed while it was writing over them.
  private(set) var fault: TensorError?

  /// Takes a model's values over, and what an optimizer remembers before the first step.
  ///
  /// - Throws: `TensorError` where two tensors have one path or a setting of the optimizer makes no sense.
  init<Rule: Optimizer>(_ tree: ModelTree, _ optimizer: Rule) throws {
    let all: [Tensor]
    (self, all) = try Self.outline(tree, optimizer)
    try evaluate(all)
    values = try all.map { try $0.literal() }
  }

  private init(model: ModelTree, memory: ModelTree, slots: [Slot], trainedCount: Int, types: [TensorType]) {
    (self.slots, self.trainedCount, self.types) = (slots, trainedCount, types)
    names = slots.map { CheckpointNames.model($0.path) } + Self.names(of: memory)
    (self.model, self.memory) = (Structure(tree: model.withStandIns), Structure(tree: memory.withStandIns))
    values = []
  }

  /// What a step on a model would read and write, by names and types alone, and the tensors that would be its first values:
  /// those of the slots, then what the optimizer remembers. Nothing is computed.
  ///
  /// - Throws: `TensorError` where two tensors have one path or a setting of the optimizer makes no sense.
  static func outline<Rule: Optimizer>(_ tree: ModelTree, _ optimizer: Rule) throws -> (Self, first: [Tensor]) {
    let (slots, trainedCount) = try slots(of: tree)
    let tensors = slots.compactMap { tree.leaves[$0.leaf].tensor }
    try optimizer.validate()
    let state = try initialMemory(of: optimizer, for: slots.prefix(trainedCount), tensors)
    let all = tensors + state.leaves.compactMap(\.tensor)
    let outline = Self(
      model: tree, memory: state, slots: slots, trainedCount: trainedCount, types: all.map(\.type))
    return (outline, all)
  }

  private static func slots(of tree: ModelTree) throws -> (slots: [Slot], trainedCount: Int) {
    let leaves = tree.leaves
    func slots(trained: Bool) -> [Slot] {
      leaves.indices.filter { leaves[$0].isTrained == trained && leaves[$0].tensor != nil }
        .map { Slot(path: leaves[$0].path, leaf: $0, isTrained: trained) }
    }
    let trained = slots(trained: true)
    let all = trained + slots(trained: false)
    var seen: Set<String> = []
    if let repeated = all.first(where: { !seen.insert($0.path).inserted }) {
      throw TensorError(repeated.path, "is the path of two tensors of the model; rename one of the properties")
    }
    return (all, trained.count)
  }

  /// What an optimizer remembers before its first step, taken apart; nothing is computed yet.
  private static func initialMemory<Rule: Optimizer>(
    of optimizer: Rule, for slots: ArraySlice<Slot>, _ tensors: [Tensor]
  ) throws -> ModelTree {
    let parameters = zip(slots, tensors).map { OptimizedParameter(path: $0.path, value: $1) }
    return try ModelTree(try optimizer.initialState(for: parameters))
  }

  private static func names(of memory: ModelTree) -> [String] {
    memory.leaves.filter { $0.tensor != nil }.map { "optimizer.\($0.path)" }
  }

  /// Runs a plan once and keeps the values that it leaves.
  ///
  /// - Parameters:
  ///   - plan: The plan.
  ///   - further: The arguments that follow the values: the optimizer's settings, the batch, the key and the step's
  ///     number.
  ///   - refusal: The error of a step that the optimizer refuses because of the parameters with these paths.
  /// - Returns: The loss and the further results.
  /// - Throws: where the system has no memory left, or the optimizer refuses the step; the values are as before then,
  ///   unless a kernel was under way.
  mutating func advance(
    _ plan: StepPlan, _ further: [Literal], refusal: (_ paths: [String]) -> TrainingError
  ) throws -> ArraySlice<Literal> {
    if let fault { throw fault }
    try makeOwn(plan.writtenPlaces)
    let results: [Literal]
    do {
      results = try plan.function.run((values + further).map(\.buffer))
    } catch let error as TensorError {
      // Memory is asked for and arguments are counted before the first kernel runs; any other failure is that of a kernel.
      if error.operation != "allocate", error.operation != "run" {
        fault = TensorError(
          "training",
          "a step failed while it changed the parameters, which are lost (\(error)); go back to a checkpoint")
      }
      throw error
    }
    let first = plan.resultCount + plan.refusable.count
    for (position, place) in plan.writtenPlaces.enumerated() { values[place] = results[first + position] }
    let refused = try plan.refused(in: results)
    guard refused.isEmpty else { throw refusal(refused) }
    return results[..<plan.resultCount]
  }

  /// Copies what will be written over and somebody else holds too: another copy of the state, or a model that was read.
  private mutating func makeOwn(_ places: [Int]) throws {
    for place in places where !values[place].isUniquelyHeld() { values[place] = try values[place].copied() }
  }

  /// Calls a function with all values as bytes that it may write over.
  mutating func withMutableBytes<Result>(
    _ body: ([UnsafeMutableRawBufferPointer]) throws -> Result
  ) throws -> Result {
    if let fault { throw fault }
    return try values.withMutableHostBytes(body)
  }

  /// Measures a plan's kernels on copies of the values.
  func profile(_ plan: StepPlan, _ further: [Literal], runs: Int) throws -> [KernelProfile] {
    let copies = try values.map { try $0.copied() }
    return try plan.function.profile((copies + further).map(\.buffer), runs: runs)
  }

  /// The values, one for each tensor of the model; they carry the error where there are none to be had.
  var modelTensors: [Tensor?] {
    var tensors = [Tensor?](repeating: nil, count: model.tree.leaves.count)
    for (slot, value) in zip(slots, values) {
      tensors[slot.leaf] = fault.map { Tensor(error: $0) } ?? Tensor(value)
    }
    return tensors
  }

  /// What the optimizer remembers.
  func remembered<State: Codable>(_ type: State.Type) throws -> State {
    if let fault { throw fault }
    var rest = values.dropFirst(slots.count).map { Tensor($0) }[...]
    return try memory.tree.rebuilt(
      State.self, with: memory.tree.leaves.map { $0.tensor == nil ? nil : rest.popFirst() })
  }

  /// Everything by name.
  func named() throws -> [String: Tensor] {
    if let fault { throw fault }
    var named = Dictionary(zip(names, values.map { Tensor($0) })) { first, _ in first }
    for (path, start) in starts { named[Self.startName(path)] = Tensor(integers: [start], shape: [], .int64) }
    return named
  }

  /// What checkpoints call the start of a parameter.
  static func startName(_ path: String) -> String { "start.\(path)" }

  /// Takes over what `named` gave of values of the same form, and the starts of their parameters.
  ///
  /// - Parameters:
  ///   - named: The values by name.
  ///   - count: How many steps were taken.
  /// - Throws: `TensorError` that names what is missing, of another type or too much; nothing has changed then.
  mutating func restore(_ named: [String: Tensor], after count: Int) throws {
    var starts: [String: Int] = [:]
    for path in trainedPaths {
      guard let tensor = named[Self.startName(path)] else { continue }
      guard let start = try tensor.integers().first, (0...count).contains(start) else {
        throw TensorError("restore", "the tensor \(Self.startName(path)) is no number of steps up to \(count)")
      }
      starts[path] = start > 0 ? start : nil
    }
    let extra = Set(named.keys).subtracting(names + trainedPaths.map { Self.startName($0) })
    try replace(0..<names.count, with: named, extra: extra, "restore")
    self.starts = starts
  }

  /// Makes what is remembered anew where an optimizer that was set since remembers in another form, such as one whose
  /// momentum is no longer 0. What is there under the same name is kept.
  ///
  /// - Returns: Whether that was so.
  mutating func fitMemory<Rule: Optimizer>(to optimizer: Rule) throws -> Bool {
    let state = try Self.initialMemory(of: optimizer, for: slots.prefix(trainedCount), values.map { Tensor($0) })
    guard ArgumentForm([state]) != ArgumentForm([memory.tree]) else { return false }
    var whole = model.tree
    for (slot, value) in zip(slots, values) { whole.leaves[slot.leaf].tensor = Tensor(value) }
    var fitted = try StepValues(whole, optimizer)
    if fault == nil { try fitted.keepMemory(of: self) }
    (fitted.starts, fitted.fault) = (starts, fault)
    self = fitted
    return true
  }

  /// Has parameters begin that did not move in other values of the same model.
  ///
  /// - Parameters:
  ///   - count: How many steps were taken.
  ///   - other: The other values; `nil` where all parameters begin.
  mutating func begin(after count: Int, besides other: StepValues?) {
    let known = Set(other?.trainedPaths ?? [])
    for path in trainedPaths {
      let start = known.contains(path) ? other?.starts[path] ?? 0 : count
      starts[path] = start > 0 ? start : nil
    }
  }

  /// The paths of the parameters that are trained, in the order of the slots.
  private var trainedPaths: [String] { slots.prefix(trainedCount).map(\.path) }

  /// The starts of all parameters that are trained, for a plan; `nil` where all of them moved from the first step on.
  func startNumbers() throws -> Literal? {
    guard !starts.isEmpty else { return nil }
    return try Tensor(trainedPaths.map { Double(starts[$0] ?? 0) }, .float64).literal()
  }

  /// Takes over what an optimizer remembered of parameters that are here as well.
  mutating func keepMemory(of other: StepValues) throws {
    let known = try other.named()
    for index in slots.count..<names.count {
      guard let tensor = known[names[index]], tensor.type == values[index].type else { continue }
      values[index] = try tensor.literal()
    }
  }

  /// Puts other values in the place of some.
  ///
  /// - Parameters:
  ///   - named: The values by the names of `names`.
  ///   - extra: The names of values that belong to nothing here.
  ///   - action: What the values are for, as errors call it.
  /// - Throws: `TensorError` that names what is missing, of another type or too much; nothing has changed then.
  mutating func replace(
    _ places: Range<Int>, with named: [String: Tensor], extra: Set<String> = [], _ action: String
  ) throws {
    var faults: [String] = []
    for index in places {
      let (name, type) = (names[index], values[index].type)
      guard let tensor = named[name] else {
        faults.append("there is no tensor \(name), \(type)")
        continue
      }
      if let error = tensor.error {
        faults.append("the tensor \(name) cannot be read: \(error.message)")
      } else if tensor.type != type {
        faults.append("the tensor \(name) is \(tensor.type), where \(type) is needed")
      }
    }
    for name in extra.sorted() {
      let type = named[name].map { " (\($0.type))" } ?? ""
      faults.append("the tensor \(name) belongs to nothing in this model or optimizer\(type)")
    }
    guard faults.isEmpty else {
      let more = faults.count > 6 ? "; and \(faults.count - 6) more" : ""
      throw TensorError(action, faults.prefix(6).joined(separator: "; ") + more)
    }
    var next = values
    for index in places { if let tensor = named[names[index]] { next[index] = try tensor.literal() } }
    values = next
    // What a failed step left is gone only where everything is replaced.
    if places == names.indices { fault = nil }
  }
}

extension Literal {
  /// A copy with memory of its own.
  func copied() throws -> Literal {
    Literal(type: type, buffer: try allocated(buffer.copied))
  }

  /// A scalar.
  static func scalar<Value: BitwiseCopyable>(_ value: Value, _ type: TensorType) throws -> Literal {
    Literal(type: type, buffer: try allocated { () throws(OperationError) in try Buffer(bytesOf: value) })
  }
}

private func allocated(_ body: () throws(OperationError) -> Buffer) throws -> Buffer {
  do throws(OperationError) { return try body() } catch { throw TensorError(error.operation, error.message) }
}
