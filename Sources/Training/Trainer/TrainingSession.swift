import CNative
import DescentData
import DescentFiles
import DescentLayers
import DescentTensors
import Foundation

/// One call of `fit`: where training is, and what happens alongside.
struct TrainingSession<Model: Codable & Sendable, Input: Codable & Sendable> {
  private let step: TrainingStep<Model, Input>
  private let training: any BatchSource<Input>
  private let epochCount: Int
  private let names: [String]
  private let seed: UInt64
  private let companions: Companions

  /// The epoch that is under way, counted from 0.
  private(set) var epoch = 0
  /// Whether every batch of the epoch is done, rather than ended early.
  var isEpochComplete: Bool { batch >= training.batchCount }
  /// Whether a callback has asked to end.
  private(set) var isStopped = false

  private var report = TrainingReport()
  private var batch = 0
  private var averages: Averages
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
    _ step: TrainingStep<Model, Input>, _ training: any BatchSource<Input>, _ epochs: Int, _ names: [String],
    _ seed: UInt64, _ callbacks: [Callback]
  ) throws {
    (self.step, self.training) = (step, training)
    epochCount = epochs
    self.names = names
    self.seed = seed
    averages = Averages(count: names.count)
    companions = try Companions(callbacks)
    progressBar = companions.showsProgress ? ProgressBar() : nil
  }

  /// Goes on from the latest checkpoint, where that is asked for and there is one.
  mutating func resume() throws {
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
    do {
      try step.restore(found.tensors)
    } catch let error as TensorError where error.operation == "restore" {
      throw FileError(file, "is a checkpoint of another model or optimizer: \(error.message)")
    }
    (epoch, batch, averages) = (position.epoch, position.batch, position.averages)
    (report.epochs, epochSeconds) = (position.epochs, position.epochSeconds)
    ownsCheckpoints = true
  }

  /// Trains through what is left of the epoch.
  mutating func trainEpoch() throws {
    let (source, number, first) = (training, epoch, batch)
    let batches = Prefetcher(count: training.batchCount - first) { try source.batch(first + $0, epoch: number) }
    defer { batches.stop() }
    // A step's time runs from the end of the one before, so that waiting for batches shows in the rate.
    var last = ContinuousClock.now
    while !isStopped, let next = try batches.next() {
      let prepared = try PreparedArguments(next)
      let result = try step.run(next, prepared, at: "epoch \(epoch + 1), batch \(batch + 1)")
      let values = try result.all.map { try $0.item() }
      let now = ContinuousClock.now
      let duration = last.duration(to: now).seconds
      last = now
      guard values[0].isFinite else {
        throw TrainingError(
          "the loss became \(values[0].isNaN ? .nan : values[0]) in epoch \(epoch + 1), batch \(batch + 1): look for"
            + " invalid numbers and labels in the data, or take a smaller learning rate")
      }
      try finishStep(next, exampleCount(of: next, prepared), values, duration)
    }
  }

  private mutating func finishStep(
    _ next: Input, _ size: Int, _ values: [Double], _ duration: Double
  ) throws {
    averages.add(values, weight: size)
    batch += 1
    epochSeconds += duration
    if report.firstStepSeconds == 0 {
      report.firstStepSeconds = begin.duration(to: .now).seconds
      report.planBytes = try step.statistics(for: next).peakBytes
    } else {
      examples += size
      stepsTimed += 1
      seconds += duration
    }
    let now = progress(step.stepCount)
    progressBar?.show(now)
    try tell(.step(now))
    if let signal = companions.interruption?.signal {
      try save()
      let rest = companions.checkpoints.map { "the checkpoint in \($0.path) lets it go on" } ?? "nothing was saved"
      throw TrainingError("ended by \(signal) in epoch \(epoch + 1) after batch \(batch); \(rest)")
    }
    if lastCheckpoint.duration(to: .now).seconds >= companions.checkpointSeconds { try save() }
  }

  /// Closes the epoch: reports it, and writes a checkpoint.
  mutating func endEpoch(_ validation: Means) throws {
    guard isEpochComplete else { return try save() }
    let done = TrainingReport.Epoch(
      number: epoch + 1, training: Means(names, averages.means), validation: validation, seconds: epochSeconds,
      examples: Int(averages.weight))
    report.epochs.append(done)
    let before = progress(step.stepCount)
    progressBar?.show(done, before)
    (epoch, batch, epochSeconds) = (epoch + 1, 0, 0)
    averages = Averages(count: names.count)
    try save()
    try tell(.epoch(done, before))
  }

  /// What was done so far.
  func finalReport() -> TrainingReport {
    var report = report
    report.stepCount = step.stepCount
    report.examplesPerSecond = progress(step.stepCount).examplesPerSecond
    report.peakMemoryBytes = Int(dn_peak_memory_bytes())
    return report
  }

  private mutating func save() throws {
    guard let folder = companions.checkpoints else { return }
    let checkpoint = Checkpoint(
      tensors: try step.snapshot(), position: position(stepCount: step.stepCount), optimizer: "\(step.optimizer)")
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
      exampleCount: training.exampleCount, seed: seed, names: names, averages: averages, epochSeconds: epochSeconds,
      epochs: report.epochs)
  }

  /// What a run must have in common with the one it goes on from.
  private static func text(_ position: Checkpoint.Position) -> String {
    "seed \(position.seed), \(position.exampleCount) examples in \(position.batchCount) batches,"
      + " and \(position.names.joined(separator: ", "))"
  }

  private mutating func tell(_ event: Callback.Event) throws {
    for function in companions.functions where !(try function(event)) { isStopped = true }
  }

  private func progress(_ stepCount: Int) -> TrainingProgress {
    TrainingProgress(
      epoch: epoch, epochCount: epochCount, batch: batch, batchCount: training.batchCount, stepCount: stepCount,
      means: averages.means, names: names, examples: examples, stepsTimed: stepsTimed, seconds: seconds)
  }
}

extension Duration {
  /// The duration in seconds.
  package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
