import DescentCompiler
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors

/// All that the next step of training depends on: the model, the optimizer with what it remembers, the number of steps
/// taken, and the seed of random numbers.
///
/// ```swift
/// var state = try TrainingState(generator, optimizer: Adam(learningRate: 2e-4), seed: 1)
/// let step = TrainingStep { (model: Generator, batch: Pair) in realism(model, batch) }
/// while state.step < 10_000 {
///   let result = try step(&state, next())
///   if state.step % 1_000 == 0 { try state.save(in: "runs/gan") }
/// }
/// ```
///
/// A state is a value: a copy of it, or a model that was read from it, stays as it is while the original is trained. What
/// is not shared is updated in place.
public struct TrainingState<Model: Codable & Sendable, Rule: Optimizer>: Sendable {
  /// The optimizer. Other hyper-parameters compile nothing: `state.optimizer.learningRate = 1e-4`.
  public var optimizer: Rule {
    didSet { (settings, form) = (nil, nil) }
  }
  /// The seed of initial values and of the steps' random numbers.
  public let seed: UInt64
  /// The number of steps taken since the model was new.
  public internal(set) var step = 0

  /// The model before its sizes are known; afterward one of stand-ins.
  private var structure: Model
  /// The values, once an example has bound the model.
  private(set) var values: StepValues?
  private var settings: PreparedArguments?
  private var form: StateForm?
  /// The key that the steps' keys are drawn under.
  private let key: (UInt32, UInt32)

  /// A model that has not been trained yet.
  ///
  /// - Parameters:
  ///   - model: The model; parameters without values get them from the first batch.
  ///   - optimizer: How parameters follow their gradients.
  ///   - seed: The seed of initial values and of the steps' random numbers.
  /// - Throws: what walking the model throws.
  public init(_ model: Model, optimizer: Rule, seed: UInt64 = 0) throws {
    (self.optimizer, self.seed) = (optimizer, seed)
    let tree = try ModelTree(model)
    // Rebuilt, so that parameters know their paths.
    structure = try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor))
    let words = try RandomKey(seed: seed).split("step").words.integers().map { UInt32(truncatingIfNeeded: $0) }
    key = (words[0], words[1])
  }

  /// The model as the last step left it, which may be replaced by another one of the same form, such as the best one so
  /// far.
  ///
  /// - Complexity: O(properties). The values are shared until the next step, which then copies them once.
  public var model: Model {
    get {
      guard let values else { return structure }
      // The model's own coding has taken apart and put together this very structure before.
      return (try? values.model.tree.rebuilt(Model.self, with: values.modelTensors)) ?? structure
    }
    set {
      do { try replaceModel(newValue) } catch {
        fault = error as? TensorError ?? TensorError("model", "\(error)")
      }
    }
  }

  /// Why the state cannot be trained: the model that was put in last is another one. Another assignment mends it.
  private var fault: TensorError?

  /// Puts a model's values in the place of those that there are, with its roles and settings: what it says is frozen stays
  /// as it is from now on, another rate of dropout counts from now on. What the optimizer remembers of parameters that it
  /// goes on moving is kept; parameters that it begins to move begin without memory, and bias corrections of theirs count from
  /// the next step on.
  ///
  /// - Throws: `TensorError` where it has other tensors; nothing has changed then.
  public mutating func replaceModel(_ model: Model) throws {
    let tree = try ModelTree(model)
    guard let old = values else {
      structure = try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor))
      fault = nil
      return
    }
    var next = old
    var named: [String: Tensor] = [:]
    for leaf in tree.leaves { if let tensor = leaf.tensor { named[CheckpointNames.model(leaf.path)] = tensor } }
    let modelNames = next.names[..<next.slots.count]
    try next.replace(
      0..<next.slots.count, with: named, extra: Set(named.keys).subtracting(modelNames), "model")
    if old.fault != nil || ArgumentForm([tree]) != ArgumentForm([next.model.tree]) {
      var rebound = try StepValues(tree, optimizer)
      // What a failed step left of the optimizer's memory is good for nothing.
      if old.fault == nil { try rebound.keepMemory(of: next) }
      rebound.begin(after: step, besides: old.fault == nil ? old : nil)
      next = rebound
      structure = try tree.rebuilt(Model.self, with: tree.withStandIns.leaves.map(\.tensor))
      form = nil
    }
    (values, fault) = (next, nil)
  }

  /// The model with the averages that the optimizer keeps in place of its parameters; see `averaging(decay:)`.
  ///
  /// - Returns: `nil` where the optimizer keeps none, or before the first step.
  /// - Throws: `TensorError` where a failed step left no values.
  public func averagedModel() throws -> Model? {
    guard let values, let averages = try optimizer.averages(in: values.remembered(Rule.State.self)) else { return nil }
    var tensors = values.modelTensors
    for slot in values.slots {
      guard let average = averages[slot.path], let own = tensors[slot.leaf] else { continue }
      tensors[slot.leaf] = average.converted(to: own.elementType)
    }
    return try values.model.tree.rebuilt(Model.self, with: tensors)
  }

  /// The scale of the loss, and the steps left out so far because it was too large; see `scalingLoss`.
  ///
  /// - Returns: `nil` where the optimizer scales none, or before the first step.
  /// - Throws: `TensorError` where a failed step left no values.
  public func lossScale() throws -> LossScale? {
    try values.flatMap { try optimizer.lossScale(in: $0.remembered(Rule.State.self)) }
  }

  /// What the optimizer remembers.
  ///
  /// - Returns: `nil` before an example has bound the model.
  /// - Throws: `TensorError` where a failed step left no values.
  public func optimizerState() throws -> Rule.State? { try values?.remembered(Rule.State.self) }

  /// The optimizer's hyper-parameters by their paths, such as `learningRate` or `base.beta1`.
  ///
  /// - Throws: `TensorError` where a setting makes no sense.
  public func hyperparameters() throws -> [String: Double] {
    let tree = try ModelTree(optimizer, includingZeros: true)
    var named: [String: Double] = [:]
    for leaf in tree.leaves { named[leaf.path] = try leaf.tensor?.item() }
    return named
  }

  /// Sets one of the optimizer's hyper-parameters by its path, whatever the optimizer is; nothing is compiled, unless it
  /// becomes 0 or was 0, which stands for what is left out.
  ///
  /// - Throws: `TensorError` where there is none with this path, or the value makes no sense.
  public mutating func setHyperparameter(_ path: String, to value: Double) throws {
    let tree = try ModelTree(optimizer, includingZeros: true)
    guard let place = tree.leaves.firstIndex(where: { $0.path == path }) else {
      let known = tree.leaves.map(\.path).joined(separator: ", ")
      throw TensorError("optimizer", "has no hyper-parameter '\(path)'; it has \(known)")
    }
    var tensors = tree.leaves.map(\.tensor)
    tensors[place] = Tensor(value, .float64)
    let next = try tree.rebuilt(Rule.self, with: tensors)
    try next.validate()
    optimizer = next
  }

  // MARK: What steps use

  /// The model of stand-ins, for recording.
  var standIn: Model { structure }

  /// Gives values to a model whose sizes are known.
  ///
  /// - Throws: `TensorError` of a setting that makes no sense, or two tensors with one path.
  mutating func bind(_ model: Model) throws {
    if let fault { throw fault }
    let tree = try ModelTree(model)
    values = try StepValues(tree, optimizer)
    structure = try tree.rebuilt(Model.self, with: tree.withStandIns.leaves.map(\.tensor))
  }

  /// Takes over the values of a copy that was bound meanwhile, where this state has none yet.
  mutating func takeOver(_ bound: Self) {
    guard values == nil else { return }
    (values, structure, form) = (bound.values, bound.structure, nil)
  }

  /// The optimizer's hyper-parameters, walked once for each optimizer that was set.
  mutating func preparedSettings() throws -> PreparedArguments {
    if let settings { return settings }
    let made = try PreparedArguments(settingsOf: optimizer)
    settings = made
    return made
  }

  /// What plans are compiled for.
  mutating func preparedForm() throws -> StateForm {
    if let fault { throw fault }
    if let form { return form }
    let prepared = try preparedSettings()
    guard var bound = values else { throw TensorError("training", "the model has no values yet") }
    if try bound.fitMemory(to: optimizer) { values = bound }
    let made = StateForm(bound, prepared, Rule.self)
    form = made
    return made
  }

  /// The arguments of the next step that follow the values.
  private mutating func further(_ batch: [Literal]) throws -> [Literal] {
    let number = try Literal.scalar(Double(step + 1), TensorType([], .float64))
    let starts = try values?.startNumbers().map { [$0] } ?? []
    return try preparedSettings().literals + batch + [nextWords(), number] + starts
  }

  /// The key of the next step's random numbers.
  func nextWords() throws -> Literal {
    // Drawn here and not by a plan, which would take longer than many a step.
    try Literal.scalar(Threefry.words(key: key, counter: UInt64(step)), TensorType([2], .uint32))
  }

  /// Takes one step.
  mutating func advance(
    _ plan: StepPlan, _ batch: [Literal], at place: @autoclosure () -> String?
  ) throws -> ArraySlice<Literal> {
    let further = try further(batch)
    let number = step + 1
    guard
      let results = try values?.advance(
        plan, further, refusal: { TrainingError(refusing: $0, at: place() ?? "step \(number)") })
    else { return [] }
    step = number
    return results
  }

  /// Calls a function with all values as bytes that it may write over, in the order of `StepValues.values`.
  mutating func withMutableValues<Result>(
    _ body: ([UnsafeMutableRawBufferPointer]) throws -> Result
  ) throws -> Result {
    guard values != nil else { throw TensorError("training", "the model has no values yet") }
    guard let result = try values?.withMutableBytes(body) else {
      throw TensorError("training", "the model has no values yet")
    }
    return result
  }

  /// Measures the kernels of the next step.
  mutating func profile(_ plan: StepPlan, _ batch: [Literal], runs: Int) throws -> [KernelProfile] {
    let further = try further(batch)
    return try values?.profile(plan, further, runs: runs) ?? []
  }

  /// Everything by name, the number of steps included.
  ///
  /// - Throws: `TensorError` before the first step, which gives the parameters their values, and where a failed step left
  ///   none.
  public func snapshot() throws -> [String: Tensor] {
    if let fault { throw fault }
    guard var values else {
      throw TensorError("snapshot", "the step has seen no batch yet, which would give its parameters their values")
    }
    // As the next step will: an optimizer that was set since may remember in another form.
    _ = try values.fitMemory(to: optimizer)
    var named = try values.named()
    named["step"] = Tensor(integers: [step], shape: [], .int64)
    return named
  }

  /// Goes on from what `snapshot` gave, of this state or of another one with the same model and optimizer. The model need
  /// not have run yet; hyper-parameters are those that this state has.
  ///
  /// - Throws: `TrainingError` where the snapshot is of another model or optimizer; nothing has changed then.
  public mutating func restore(_ snapshot: [String: Tensor]) throws {
    guard let count = try snapshot["step"]?.integers().first, count >= 0 else {
      throw TrainingError("restore", "it is not said how many steps were taken")
    }
    var next = self
    if next.values == nil {
      let tree = try ModelTree(structure)
      let tensors = tree.leaves.map { $0.tensor ?? snapshot[CheckpointNames.model($0.path)] }
      for tensor in tensors { if let error = tensor?.error { throw TrainingError("restore", "\(error)") } }
      let missing = zip(tree.leaves, tensors).filter { $0.1 == nil }.map { CheckpointNames.model($0.0.path) }
      if !missing.isEmpty {
        throw TrainingError("restore", "there is no tensor \(missing.prefix(6).joined(separator: ", "))")
      }
      try next.bind(try tree.rebuilt(Model.self, with: tensors))
    }
    guard var values = next.values else { return }
    do {
      _ = try values.fitMemory(to: optimizer)
      try values.restore(snapshot.filter { $0.key != "step" }, after: count)
    } catch let error as TensorError {
      throw TrainingError("restore", error.message)
    }
    (next.values, next.step, next.fault, next.form) = (values, count, nil, nil)
    self = next
  }
}

extension TrainingError {
  /// The error of a step that the optimizer refuses.
  init(refusing paths: [String], at place: String) {
    let gradients = paths.filter { $0 != StepPlan.lossPath }
    let more = gradients.count > 4 ? " and \(gradients.count - 4) more" : ""
    let listed = gradients.prefix(4).joined(separator: ", ") + more
    let rest = "; parameters and what it remembers are as before"
    if gradients.count < paths.count {
      self.init(place, "the loss is not finite, and such steps are refused" + rest)
    } else {
      self.init(
        place,
        "the gradient of the loss with respect to \(listed) is not finite, and the optimizer refuses such steps" + rest)
    }
  }
}
