import DescentData
import DescentFiles
import DescentGraph
import DescentLayers
import Foundation

extension Callback {
  /// Keeps all of a training in a directory: configuration, log, curves, summary, checkpoints, the best model, pictures; see
  /// `RunDirectory`.
  ///
  /// A directory holds one run. One that was killed or wants more epochs goes on in it with `resuming: true`, with the same
  /// bits as if it had not been interrupted; another run in it is refused.
  ///
  /// - Parameters:
  ///   - directory: The directory; it is made where it does not exist.
  ///   - resuming: Whether a run that is there goes on.
  ///   - best: The number by which the best model is kept; `nil` for none.
  ///   - count: Every how many steps the log has a line of a step.
  ///   - seconds: The time between checkpoints within an epoch.
  ///   - notes: What else is to be written down, such as what the run is to find out.
  public static func run(
    _ directory: String, resuming: Bool = false, best: MonitoredNumber? = nil, everySteps count: Int = 50,
    checkpointEvery seconds: Double = 60, notes: [String: String] = [:]
  ) -> Callback {
    let run = RunDirectory(directory)
    let recorder = RunRecorder(run: run, isResuming: resuming, notes: notes)
    var parts = [Callback(recorder), .jsonLines(run.logFile, everySteps: count)]
    if let best { parts.append(.best(run.bestFile, by: best)) }
    return Callback(
      kind: .several(parts + [.checkpoint(run.checkpointFolder, every: seconds, resuming: resuming)]))
  }
}

struct RunRecorder: TrainingCallback, HoldingCallback {
  typealias State = StatelessCallback

  let run: RunDirectory
  let isResuming: Bool
  let notes: [String: String]
  private let lock = HeldLock()
  private let curvePace = Pace(seconds: 5)

  init(run: RunDirectory, isResuming: Bool, notes: [String: String]) {
    (self.run, self.isResuming, self.notes) = (run, isResuming, notes)
  }

  // Without the path, which may be spelled another way when the run goes on.
  let name = "run"

  func release() { lock.file = nil }

  /// Refuses a directory that holds something else than this run, or in which another process trains.
  func prepare(_ training: TrainingDescription) throws {
    // That of an attempt before.
    lock.file = nil
    if run.isRun {
      let there = try run.configuration()
      guard isResuming else {
        let status = (try? run.summary().status.rawValue) ?? "unknown"
        throw FileError(
          run.path,
          "holds a run of \(there.training.modelType) already (\(status)); go on with it by resuming: true, give another"
            + " directory, or delete it with 'descent runs delete \(run.path)'")
      }
      let differences = there.differences(from: training)
      guard differences.isEmpty else {
        throw FileError(run.path, "holds another run: \(differences.joined(separator: "; "))")
      }
    } else if let names = try? FileSystem.names(in: run.path), !names.filter({ $0 != "lock" }).isEmpty {
      throw FileError(run.path, "holds other files and no run; give a directory of its own")
    }
    try FileSystem.makeDirectory(run.path)
    let file = try OpenFile.appending(run.path + "/lock")
    guard file.lock() else { throw FileError(run.path, "is in use by another process that trains in it") }
    lock.file = file
  }

  func begin(_ training: TrainingContext, state: inout State) throws {
    if run.isRun {
      var configuration = try run.configuration()
      if configuration.training.epochs != training.description.epochs {
        configuration.training.epochs = training.description.epochs
        try run.write(configuration)
      }
    } else {
      try run.write(RunConfiguration(training.description, modelSummary: training.modelSummary(), notes: notes))
    }
    try write(training)
  }

  func step(_ training: TrainingContext, state: inout State) throws {
    // The first batch has given the model its sizes.
    guard training.progress.stepCount == 1 else { return }
    var configuration = try run.configuration()
    configuration.modelSummary = training.modelSummary()
    try run.write(configuration)
  }

  func write(
    _ records: [TrainingRecord], of event: Callback.Event, _ training: TrainingContext, state: inout State
  ) throws {
    for record in records {
      guard case .picture(let picture) = record.content else { continue }
      let folder = "\(run.path)/pictures/step-\(Self.digits(training.progress.stepCount))"
      let file = "\(folder)/\(record.name.replacing("..", with: "__")).png"
      try FileSystem.makeDirectory(FileSystem.parent(of: file))
      try picture.write(png: file)
    }
    guard case .epoch = event else { return }
    try write(training)
    // Epochs may take less than drawing them.
    guard curvePace.isDue() else { return }
    try RunCurves.write(training.report, to: run.curveFolder)
  }

  func end(_ training: TrainingContext, error: (any Error)?, state: inout State) throws {
    defer { lock.file = nil }
    try RunCurves.write(training.report, to: run.curveFolder)
    try write(training, error == nil ? .finished : .failed, error.map { "\($0)" })
  }

  private func write(
    _ training: TrainingContext, _ status: RunSummary.Status = .running, _ error: String? = nil
  ) throws {
    var summary = RunSummary()
    (summary.status, summary.error, summary.report) = (status, error, training.report)
    summary.optimizer = "\(training.optimizer)"
    try run.write(summary)
  }

  private static func digits(_ step: Int) -> String {
    let text = "\(step)"
    return String(repeating: "0", count: max(0, 9 - text.count)) + text
  }
}

/// What is done at most so often.
private final class Pace: Sendable {
  private let last = Guarded<ContinuousClock.Instant?>(nil)
  private let interval: Duration

  init(seconds: Double) { interval = .seconds(seconds) }

  /// Whether it is to be done again: at first, and so long after the last time.
  func isDue() -> Bool {
    last.withLock { last in
      let now = ContinuousClock.now
      if let last, last.duration(to: now) < interval { return false }
      last = now
      return true
    }
  }
}

/// The lock of a training that runs.
private final class HeldLock: Sendable {
  private let kept = Guarded<OpenFile?>(nil)
  var file: OpenFile? {
    get { kept.withLock { $0 } }
    set { kept.withLock { $0 = newValue } }
  }
}
