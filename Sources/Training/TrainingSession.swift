import DescentData
import DescentLayers
import DescentTensors
import Foundation

/// One call of `fit`: where training is, and what happens alongside.
struct TrainingSession<Source: BatchSource> {
  private let training: Source
  private let epochCount: Int
  private let names: [String]
  private let seed: UInt64
  private let functions: [@Sendable (Callback.Event) throws -> Bool]
  private let checkpoints: CheckpointPolicy?
  private var progressBar: ProgressBar?

  /// The epoch that is under way, counted from 0.
  private(set) var epoch = 0
  /// Whether every batch of the epoch is done, rather than ended early.
  var isEpochComplete: Bool { batch >= training.batchCount }
  /// Whether a callback has asked to end.
  private(set) var isStopped = false
  /// What was done so far.
  var report = TrainingReport()

  private var batch = 0
  private var averages: Averages
  private var examples = 0
  private var stepsTimed = 0
  private var seconds = 0.0
  private var epochSeconds = 0.0
  private var earlierEpochs: [TrainingReport.Epoch] = []
  private let begin = ContinuousClock.now
  private var lastCheckpoint = ContinuousClock.now

  init(_ training: Source, _ epochs: Int, _ names: [String], _ seed: UInt64, _ callbacks: [Callback]) {
    self.training = training
    epochCount = epochs
    self.names = names
    self.seed = seed
    averages = Averages(count: names.count)
    var functions: [@Sendable (Callback.Event) throws -> Bool] = []
    var policy: CheckpointPolicy?
    for callback in callbacks {
      switch callback.kind {
      case .progress: progressBar = ProgressBar()
      case .checkpoint(let given): policy = given
      case .function(let function): functions.append(function)
      }
    }
    self.functions = functions
    checkpoints = policy
  }

  /// Goes on from the latest checkpoint, where that is asked for and there is one.
  mutating func resume<Model: Layer>(_ step: TrainingStep<Model, Batch>) throws {
    guard let checkpoints, checkpoints.resuming else { return }
    let found = try checkpoints.latest { warning in
      FileHandle.standardError.write(Data("warning: \(warning)\n".utf8))
    }
    guard let found else { return }
    let position = found.position
    guard position.seed == seed, position.batchCount == training.batchCount else {
      throw TrainingError(
        "the checkpoint in \(checkpoints.directory) is of a run with seed \(position.seed) and"
          + " \(position.batchCount) batches an epoch, this one has seed \(seed) and \(training.batchCount)")
    }
    try step.restore(found.tensors, example: try training.batch(0, epoch: 0))
    (epoch, batch, averages) = (position.epoch, position.batch, position.averages)
    earlierEpochs = position.epochs
  }

  /// Trains through what is left of the epoch.
  mutating func trainEpoch<Model: Layer>(_ step: TrainingStep<Model, Batch>) throws {
    let (source, number, first) = (training, epoch, batch)
    let batches = Prefetcher(count: training.batchCount - first) { try source.batch(first + $0, epoch: number) }
    defer { batches.stop() }
    // A step's time runs from the end of the one before, so that waiting for batches shows in the rate.
    var last = ContinuousClock.now
    while !isStopped, let next = try batches.next() {
      let values = try step.run(next).map { try $0.item() }
      let now = ContinuousClock.now
      let duration = last.duration(to: now).seconds
      last = now
      guard values[0].isFinite else {
        throw TrainingError(
          "the loss became \(values[0]) in epoch \(epoch + 1), batch \(batch + 1): look for invalid numbers in the data,"
            + " or take a smaller learning rate")
      }
      try finishStep(next, values, duration, step)
    }
  }

  private mutating func finishStep<Model: Layer>(
    _ next: Batch, _ values: [Double], _ duration: Double, _ step: TrainingStep<Model, Batch>
  ) throws {
    let size = next.target.shape.first ?? 1
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
      report.examplesPerSecond = seconds > 0 ? Double(examples) / seconds : 0
    }
    let now = progress(step.stepCount)
    progressBar?.show(now)
    try tell(.step(now))
    if let checkpoints, lastCheckpoint.duration(to: .now).seconds >= checkpoints.seconds { try save(step) }
  }

  /// Closes the epoch: reports it, and writes a checkpoint.
  mutating func endEpoch<Model: Layer>(
    _ validation: [String: Double], _ step: TrainingStep<Model, Batch>
  ) throws {
    guard isEpochComplete else { return try save(step) }
    let means = Dictionary(uniqueKeysWithValues: zip(names, averages.means))
    let done = TrainingReport.Epoch(
      number: epoch + 1, training: means, validation: validation, seconds: epochSeconds,
      examples: training.exampleCount)
    report.epochs.append(done)
    let before = progress(step.stepCount)
    progressBar?.show(done, before)
    (epoch, batch, epochSeconds) = (epoch + 1, 0, 0)
    averages = Averages(count: names.count)
    try save(step)
    try tell(.epoch(done, before))
  }

  private mutating func save<Model: Layer>(_ step: TrainingStep<Model, Batch>) throws {
    guard let checkpoints else { return }
    let position = Checkpoint.Position(
      epoch: epoch, batch: batch, batchCount: training.batchCount, seed: seed, averages: averages,
      epochs: earlierEpochs + report.epochs)
    try checkpoints.write(
      Checkpoint(tensors: try step.snapshot(), position: position, stepCount: step.stepCount))
    lastCheckpoint = .now
  }

  private mutating func tell(_ event: Callback.Event) throws {
    for function in functions where !(try function(event)) { isStopped = true }
  }

  private func progress(_ stepCount: Int) -> TrainingProgress {
    TrainingProgress(
      epoch: epoch, epochCount: epochCount, batch: batch, batchCount: training.batchCount, stepCount: stepCount,
      means: averages.means, names: names, examples: examples, stepsTimed: stepsTimed, seconds: seconds)
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
