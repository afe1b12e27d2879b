import CNative
import DescentData
import DescentFiles
import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation

/// One call of `fit`: where training is, and what happens alongside.
struct TrainingSession<Step: SessionStep> {
  typealias Input = Step.Input
  private let step: Step
  private let training: any BatchSource<Input>
  private let metrics: [Metric]
  private let description: TrainingDescription
  private let companions: Companions
  private let context: TrainingContext

  /// The epoch that is under way, counted from 0.
  private(set) var epoch = 0
  /// Whether every batch of the epoch is done, rather than ended early.
  var isEpochComplete: Bool { batch >= training.batchCount }
  /// Whether a callback has asked to end.
  var isStopped: Bool { hasStopped || context.stopReason != nil }

  private var hasStopped = false
  private var report = TrainingReport()
  private var batch = 0
  private var totals: EpochTotals
  private var examples = 0
  private var stepsTimed = 0
  private var seconds = 0.0
  private var epochSeconds = 0.0
  private var progressBar: ProgressBar?
  /// Whether the checkpoints in the directory are this run's.
  private var ownsCheckpoints = false
  private let begin = ContinuousClock.now
  private var lastCheckpoint = ContinuousClock.now

  init(
    _ step: Step, _ training: any BatchSource<Input>, _ metrics: [Metric],
    _ description: TrainingDescription, _ callbacks: [Callback]
  ) throws {
    (self.step, self.training, self.metrics, self.description) = (step, training, metrics, description)
    totals = EpochTotals(metrics)
    companions = try Companions(callbacks)
    do {
      for callback in companions.running { try callback.prepare(description) }
    } catch {
      for callback in companions.running { callback.release() }
      throw error
    }
    progressBar = companions.showsProgress ? ProgressBar() : nil
    context = TrainingContext(
      SessionRunner(step: step), description,
      TrainingProgress(
        epoch: 0, epochCount: description.epochs, batch: 0, batchCount: training.batchCount,
        stepCount: step.stepCount, means: [], names: [], examples: 0, stepsTimed: 0, seconds: 0))
  }

  /// Goes on from the latest checkpoint, where that is asked for and there is one.
  mutating func resume() throws {
    do { try restore() } catch {
      for callback in companions.running { callback.release() }
      throw error
    }
  }

  private mutating func restore() throws {
    guard let folder = companions.checkpoints else { return }
    try folder.prepare()
    guard companions.isResuming else { return }
    guard let (found, file) = try folder.latest(warn: Notices.warn) else { return }
    let position = found.position
    let (other, own) = (Self.text(position), Self.text(self.position(stepCount: 0)))
    guard other == own else {
      throw FileError(
        file,
        "is of a run with \(other); this one has \(own). Give fit the same batches and the trainer the same seed"
          + " and metrics to go on with that run; to begin another one with its parameters, start from"
          + " model.loading(\"\(file)\"), with a directory of its own or without resuming")
    }
    guard position.totals.isSound(for: metrics) else {
      throw FileError(file, "holds totals of other metrics under the names of this run's")
    }
    // Before the optimizer's memory, whose form depends on what is 0.
    let before = try step.hyperparameters()
    for (path, value) in (position.hyperparameters ?? [:]).sorted(by: { $0.key < $1.key }) {
      do { try context.setHyperparameter(path, to: value) } catch {
        throw FileError(file, "holds another setting of the optimizer than it has now: \(error)")
      }
    }
    do {
      try step.restore(found.tensors)
    } catch let error as TrainingError where error.subject == "restore" {
      for (path, value) in before { try? step.setHyperparameter(path, to: value) }
      throw FileError(file, "is a checkpoint of another model or optimizer: \(error.message)")
    }
    for callback in companions.running {
      guard let saved = found.callbacks[callback.name] else { continue }
      do { try callback.restore(saved) } catch {
        throw FileError(file, "holds another state of the callback '\(callback.name)' than it has now: \(error)")
      }
    }
    (epoch, batch, totals) = (position.epoch, position.batch, position.totals)
    (report.epochs, epochSeconds) = (position.epochs, position.epochSeconds)
    context.recordedNumbers = position.recorded
    ownsCheckpoints = true
  }

  /// Tells callbacks that training begins.
  mutating func beginCallbacks() throws {
    try updateContext()
    try timed(\.callbacks) { session in
      for callback in session.companions.running { try callback.begin(session.context) }
    }
  }

  /// Tells callbacks that training has ended.
  ///
  /// - Throws: what the first of them throws that does, once all are told, where training has not ended by an error.
  mutating func endCallbacks(_ error: (any Error)? = nil) throws {
    context.report = finalReport()
    var first: (any Error)?
    for callback in companions.running {
      do { try callback.end(context, error: error) } catch { first = first ?? error }
    }
    if error == nil, let first { throw first }
  }

  /// Trains through what is left of the epoch.
  mutating func trainEpoch() throws {
    let (source, number, first) = (training, epoch, batch)
    let batches = Prefetcher(count: training.batchCount - first) { try source.batch(first + $0, epoch: number) }
    defer { batches.stop() }
    // A step's time runs from the end of the one before, so that waiting for batches shows in the rate.
    var last = ContinuousClock.now
    while !isStopped, let next = try timed(\.batches, { _ in try batches.next() }) {
      let prepared = try PreparedArguments(next)
      let result = try timed(\.steps) { try $0.taken(next, prepared) }
      let now = ContinuousClock.now
      let duration = last.duration(to: now).seconds
      last = now
      try finishStep(next, exampleCount(of: next, prepared), result, duration)
    }
  }

  /// Takes a step, and reads its loss.
  private mutating func taken(_ next: Input, _ prepared: PreparedArguments) throws -> (StepResult, BatchNumbers) {
    let place = "epoch \(epoch + 1), batch \(batch + 1)"
    let observation = companions.observation(ofStep: step.stepCount + 1)
    do {
      let result = try step.run(next, prepared, observing: observation, at: place)
      let reports = result.reportNames.map { ($0, result.reports[$0] ?? Tensor(.nan)) }
      let numbers = try BatchNumbers(loss: result.loss, result.further, reports, metrics)
      let loss = numbers.averaged.values[0]
      guard loss.isFinite else {
        throw TrainingError(
          "the loss became \(loss.isNaN ? .nan : loss) in epoch \(epoch + 1), batch \(batch + 1): look for"
            + " invalid numbers and labels in the data, or take a smaller learning rate; the callback .finiteGuard finds"
            + " the place")
      }
      return (result, numbers)
    } catch let error as TrainingError where observation.refusesNonFinite {
      guard let source = try step.nonFiniteSource(prepared) else { throw error }
      throw TrainingError(
        "step \(step.stepCount + 1) (\(place))",
        "\(error.message). \(source.prefix(1).uppercased())\(source.dropFirst())")
    }
  }

  private mutating func finishStep(
    _ next: Input, _ size: Int, _ result: (step: StepResult, numbers: BatchNumbers), _ duration: Double
  ) throws {
    try totals.add(result.numbers, weight: size)
    batch += 1
    epochSeconds += duration
    if report.firstStepSeconds == 0 {
      report.firstStepSeconds = begin.duration(to: .now).seconds
      let observation = companions.observation(ofStep: step.stepCount)
      report.planBytes = try step.planBytes(for: next, observing: observation)
    } else {
      examples += size
      stepsTimed += 1
      seconds += duration
    }
    let now = try progress()
    progressBar?.show(now)
    try timed(\.callbacks) { try $0.tell(ofStep: now, result) }
    if let signal = companions.interruption?.signal {
      try save()
      let rest = companions.checkpoints.map { "the checkpoint in \($0.path) lets it go on" } ?? "nothing was saved"
      throw TrainingError("ended by \(signal) in epoch \(epoch + 1) after batch \(batch); \(rest)")
    }
    if lastCheckpoint.duration(to: .now).seconds >= companions.checkpointSeconds { try save() }
  }

  private mutating func tell(
    ofStep now: TrainingProgress, _ result: (step: StepResult, numbers: BatchNumbers)
  ) throws {
    if !companions.running.isEmpty {
      context.progress = now
      context.numbers = try result.numbers.means(metrics)
      context.gradientNorms = try result.step.normsByPath()
      context.gradients = result.step.gradients
      for callback in companions.running { try callback.step(context) }
      try write(.step(now))
      context.gradients = [:]
    }
    try tell(.step(now))
  }

  /// Has what was recorded of an event written down.
  private func write(_ event: Callback.Event) throws {
    let records = context.takeRecords()
    for callback in companions.running { try callback.write(records, of: event, context) }
  }

  /// Closes the epoch: reports it, and writes a checkpoint.
  mutating func endEpoch(_ validation: Means) throws {
    guard isEpochComplete else { return try save() }
    let done = TrainingReport.Epoch(
      number: epoch + 1, training: try totals.means(metrics), validation: validation, seconds: epochSeconds,
      examples: Int(totals.weight))
    report.epochs.append(done)
    let before = try progress()
    progressBar?.show(done, before)
    (epoch, batch, epochSeconds) = (epoch + 1, 0, 0)
    totals = EpochTotals(metrics)
    // What callbacks remember of the epoch belongs into its checkpoint.
    try timed(\.callbacks) { session in
      try session.updateContext()
      session.context.progress = before
      for callback in session.companions.running { try callback.epoch(done, session.context) }
      try session.write(.epoch(done, before))
    }
    try save()
    try timed(\.callbacks) { try $0.tell(.epoch(done, before)) }
  }

  /// Trains through all epochs, or until a callback asks for an end.
  ///
  /// - Parameters:
  ///   - keeping: Whether a last checkpoint is written where a step fails, because the step leaves its state fit to go on from.
  ///   - validation: Judges after each epoch that was not ended early.
  mutating func train(keepingOnFailure keeping: Bool = false, validation: (inout Self) throws -> Means) throws {
    try resume()
    do {
      try beginCallbacks()
      while epoch < description.epochs, !isStopped {
        try trainEpoch()
        try endEpoch(isEpochComplete ? try validation(&self) : .empty)
      }
    } catch {
      if keeping { try? save() }
      try? endCallbacks(error)
      throw error
    }
    try endCallbacks()
  }

  /// Validates.
  mutating func validate(_ body: () throws -> Means) throws -> Means { try timed(\.validation) { _ in try body() } }

  /// What was done so far.
  func finalReport() -> TrainingReport {
    var report = report
    report.stepCount = step.stepCount
    report.examplesPerSecond = seconds > 0 ? Double(examples) / seconds : 0
    report.peakMemoryBytes = Int(dn_peak_memory_bytes())
    report.stopReason = context.stopReason
    return report
  }

  private mutating func save() throws {
    guard let folder = companions.checkpoints else { return }
    try timed(\.checkpoints) { try $0.save(in: folder) }
  }

  private mutating func save(in folder: CheckpointFolder) throws {
    var callbacks: [String: SavedCallback] = [:]
    for callback in companions.running { callbacks[callback.name] = try callback.saved() }
    let checkpoint = Checkpoint(
      tensors: try step.snapshot(), position: position(stepCount: step.stepCount), optimizer: "\(step.optimizer)",
      callbacks: callbacks)
    // The loss shows it one step later only, and by then a good checkpoint would have been dropped for this one.
    if let path = try checkpoint.poisonedTensor() {
      throw TrainingError(
        "the parameter \(path) became NaN in epoch \(epoch + 1), batch \(batch): take a smaller learning rate;"
          + " no checkpoint was written")
    }
    if !ownsCheckpoints, let place = try folder.setAside() {
      Notices.say("note: \(folder.path) holds checkpoints of an earlier run; they are in \(place) now")
    }
    ownsCheckpoints = true
    try folder.write(checkpoint)
    lastCheckpoint = .now
  }

  private func position(stepCount: Int) -> Checkpoint.Position {
    Checkpoint.Position(
      stepCount: stepCount, epoch: epoch, batch: batch, batchCount: training.batchCount,
      exampleCount: training.exampleCount, seed: description.seed, names: ["loss"] + metrics.map(\.name),
      totals: totals, epochSeconds: epochSeconds, epochs: report.epochs, recorded: context.recordedNumbers,
      hyperparameters: context.hyperparametersSet)
  }

  /// What a run must have in common with the one it goes on from.
  private static func text(_ position: Checkpoint.Position) -> String {
    "seed \(position.seed), \(position.exampleCount) examples in \(position.batchCount) batches,"
      + " and \(position.names.joined(separator: ", "))"
  }

  private mutating func tell(_ event: Callback.Event) throws {
    for function in companions.functions where !(try function(event)) { hasStopped = true }
  }

  private func progress() throws -> TrainingProgress {
    let means = try totals.means(metrics, all: false)
    return TrainingProgress(
      epoch: epoch, epochCount: description.epochs, batch: batch, batchCount: training.batchCount,
      stepCount: step.stepCount, means: means.values, names: means.names, examples: examples, stepsTimed: stepsTimed,
      seconds: seconds)
  }

  private func updateContext() throws {
    context.progress = try progress()
    context.report = finalReport()
  }

  /// Does something, and adds the time that it takes.
  private mutating func timed<Result>(
    _ part: WritableKeyPath<TrainingTiming, Double>, _ body: (inout Self) throws -> Result
  ) rethrows -> Result {
    let start = ContinuousClock.now
    defer { report.timing[keyPath: part] += start.duration(to: .now).seconds }
    return try body(&self)
  }
}

/// The step of a session, as callbacks see it.
private struct SessionRunner<Step: SessionStep>: ObservedRunner {
  let step: Step

  var anyModel: any Sendable { step.model }
  var modelSummary: String { DescentLayers.modelSummary(step.model) }
  var optimizer: any Optimizer { step.optimizer }
  func modelTensors() throws -> [String: Tensor] { try namedTensors(of: step.model) }
  func trainedPaths() throws -> Set<String> { Set(try ModelTree(step.model).leaves.filter(\.isTrained).map(\.path)) }
  func hyperparameters() throws -> [String: Double] { try step.hyperparameters() }
  func setHyperparameter(_ path: String, to value: Double) throws { try step.setHyperparameter(path, to: value) }

  func replaceTensors(_ tensors: [String: Tensor]) throws {
    let tree = try ModelTree(step.model)
    if let extra = Set(tensors.keys).subtracting(tree.leaves.map(\.path)).min() {
      throw TensorError("model", "the tensor \(extra) belongs to nothing in the model that is trained")
    }
    try step.replaceModel(
      tree.rebuilt(Step.Model.self, with: tree.leaves.map { tensors[$0.path] ?? $0.tensor }))
  }
}

extension Duration {
  /// The duration in seconds.
  package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
