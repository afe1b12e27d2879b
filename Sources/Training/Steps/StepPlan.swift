import DescentCompiler
import DescentGraph
import DescentOptimizers
import DescentTensors

/// The compiled training step for one form of state and batch.
///
/// Arguments: the model's tensors, what the optimizer remembers, its hyper-parameters, the batch's tensors, the key of
/// random numbers, the step's number, and where parameters began later than at the first step a vector of their starts. Results: loss, further results and reports, what is observed of the gradients, where
/// steps may be refused a boolean for each reason, then the next values of what the step writes.
struct StepPlan: Sendable {
  /// The plan.
  let function: CompiledFunction
  /// How many results the loss, the further results, the reports and what is observed are.
  let resultCount: Int
  /// What is observed of the gradients.
  let observation: StepObservation
  /// The paths of the parameters that have gradients, in the order of what is observed.
  let trainedPaths: [String]
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
  ///   - observation: What is observed of the gradients.
  ///   - pass: The pass through the model.
  init<Rule: Optimizer>(
    _ values: StepValues, _ settings: PreparedArguments, rule: Rule.Type, batch: ModelTree, memoryLimit: Int?,
    binding key: RandomKey, precision: Precision?, observing observation: StepObservation, _ pass: @escaping Pass
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
    let scale = try recording.lossScale(rule)
    let scaled = scale.map { [results[0] * $0.converted(to: results[0].elementType)] } ?? []
    let trace = try Trace(arguments: forward, outputs: scaled + results + statistics)
    let backward = try trace.gradient(parameters: Array(0..<values.trainedCount))
    var outputs = backward.applied(on: forward + trace.captured)
    let gradients = Array(outputs.suffix(values.trainedCount))
    outputs.removeLast(values.trainedCount)
    outputs.removeFirst(scaled.count)
    let found = Array(outputs.prefix(results.count))
    statistics = Array(outputs.dropFirst(results.count))

    // The pass again at another point, with the same random numbers; what it reports is that of the pass above.
    let trained = recording.parameters.prefix(values.trainedCount)
    let trainedIdentities = slots.prefix(values.trainedCount).map { recording.identities[$0.leaf] }
    let objective = Objective(probing: { point, probe in
      let moved = zip(trained, point).map { $1.converted(to: $0.elementType) }
      probe?.follow(trainedIdentities, moved)
      let again = Run(
        .training, key: RandomKey(words: recording.words),
        binding: ParameterBinding(key, besides: recording.identities), precision: precision, probe: probe)
      let (given, _, _, reports) = try again.receivingAll(recording.identities) {
        try pass(
          recording.model(moved + recording.parameters.dropFirst(values.trainedCount)), recording.identities,
          batchTensors)
      }
      guard let loss = given.first else { throw TensorError("training", "the step's function gives no loss") }
      return again.result(reports.total(with: loss))
    })
    var step = StepContext(
      number: recording.number, loss: found[0], objective: objective,
      key: RandomKey(words: recording.words).split("optimizer"))
    step.lossScale = scale
    var parameters = zip(slots, zip(trained, gradients)).map {
      OptimizedParameter(path: $0.path, value: $1.0, gradient: $1.1)
    }
    if let starts = recording.starts {
      for index in parameters.indices { parameters[index].start = starts[index] }
    }
    self.observation = observation
    trainedPaths = parameters.map(\.path)
    let observed = Self.observed(parameters, observation, scale)
    if observation.refusesNonFinite {
      step.refuse(where: .!isFinite(found[0]).all(), for: Self.lossPath)
      // Gradients of a loss that is scaled may overflow: that is what the scale goes by.
      for parameter in parameters where scale == nil {
        step.refuse(where: .!isFinite(parameter.gradient).all(), for: parameter.path)
      }
    }
    var (next, memory) = try RecordingScope.update { try recording.moved(parameters, step, rule) }

    let (leftOut, refused) = step.conditions
    for condition in leftOut + refused.map(\.condition) {
      try Self.check(condition, Tensor(true), "a condition of the optimizer")
    }
    if let isLeftOut = StepContext.any(leftOut + refused.map(\.condition)) {
      statistics = zip(updated, statistics).map { `where`(isLeftOut, recording.parameters[$0], $1) }
    }
    // A step that fails leaves nothing behind, whatever the rules around the one that refuses it remember.
    if let isRefused = StepContext.any(refused.map(\.condition)) {
      next = zip(trained, next).map { `where`(isRefused, $0, $1) }
      memory = zip(recording.memory, memory).map { `where`(isRefused, $0, $1) }
    }
    refusable = refused.map(\.path)
    resultCount = results.count + observed.count
    writtenPlaces =
      Array(0..<values.trainedCount) + updated + (slots.count..<slots.count + recording.memory.count)
    let whole = found + observed + refused.map(\.condition) + next + statistics + memory
    let firstWritten = resultCount + refused.count
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

  /// What stands for the loss among the paths of what makes a step fail.
  static let lossPath = "\u{0}loss"

  /// What is observed of the gradients: their norms as one vector, and the gradients themselves.
  ///
  /// - Parameter scale: What the loss was multiplied by.
  private static func observed(
    _ parameters: [OptimizedParameter], _ observation: StepObservation, _ scale: Tensor?
  ) -> [Tensor] {
    guard !parameters.isEmpty else { return [] }
    // In Float64, where squares of narrower numbers do not overflow.
    let wide = parameters.map { $0.gradient.converted(to: .float64) }
    let gradients = scale.map { scale in wide.map { $0 / scale } } ?? wide
    return (observation.gradientNorms ? [stacked(gradients.map { sqrt(square($0).sum()) })] : [])
      + (observation.gradients ? zip(gradients, parameters).map { $0.converted(to: $1.workingType) } : [])
  }

  static func check(_ new: Tensor, _ old: Tensor, _ path: String) throws {
    if let error = new.error { throw error }
    guard new.type == old.type else { throw TensorError(path, "is \(old.type), its next value is \(new.type)") }
  }
}
