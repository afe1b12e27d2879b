import DescentGraph

extension Callback {
  /// Writes event files that TensorBoard shows: loss and metrics of steps and epochs, what callbacks record (numbers such as
  /// the learning rate, histograms, pictures, texts), the settings of the run.
  ///
  /// ```swift
  /// callbacks: [.tensorBoard("runs/lenet"), .learningRate(), .histograms(everySteps: 200)]
  /// ```
  ///
  /// Each process has a file of its own; a run that goes on from a checkpoint says so, and TensorBoard drops what was
  /// written after it.
  ///
  /// - Parameters:
  ///   - directory: The directory of the run; it is made where it does not exist.
  ///   - count: Every how many steps the numbers of a step are written.
  ///   - settings: Further settings of the run, for the table of hyper-parameters.
  public static func tensorBoard(
    _ directory: String, everySteps count: Int = 10, settings: [String: EventFile.Setting] = [:]
  ) -> Callback { Callback(TensorBoardLog(directory: directory, count: count, settings: settings)) }
}

struct TensorBoardLog: TrainingCallback {
  typealias State = StatelessCallback

  let directory: String
  let count: Int
  let settings: [String: EventFile.Setting]
  private let events = OpenEvents()

  init(directory: String, count: Int, settings: [String: EventFile.Setting]) {
    (self.directory, self.count, self.settings) = (directory, count, settings)
  }

  var name: String { "TensorBoard \(directory)" }

  func begin(_ training: TrainingContext, state: inout State) throws {
    let step = training.progress.stepCount
    let file = try EventFile(in: directory, after: step > 0 ? step : nil)
    events.file = file
    let run = training.description
    var all: [String: EventFile.Setting] = [
      "model": .text(run.modelType), "optimizer": .text(run.optimizer), "loss": .text(run.loss),
      "seed": .number(Double(run.seed)), "epochs": .number(Double(run.epochs)),
      "batches": .number(Double(run.batches)),
    ]
    if let precision = run.precision { all["precision"] = .text(precision) }
    try file.write(
      hyperparameters: all.merging(settings) { $1 },
      metrics: (["loss"] + run.metrics).flatMap { ["epoch/\($0)", "validation/\($0)"] })
  }

  func write(
    _ records: [TrainingRecord], of event: Callback.Event, _ training: TrainingContext, state: inout State
  ) throws {
    guard let file = events.file else { return }
    let step = training.progress.stepCount
    switch event {
    case .step: if (step - 1) % max(1, count) == 0 { try write(training.numbers, "step", step, file) }
    case .epoch(let epoch, _):
      try write(epoch.training, "epoch", step, file)
      try write(epoch.validation, "validation", step, file)
    }
    for record in records {
      switch record.content {
      case .number(let number): try file.write(scalar: number, named: record.name, step: step)
      case .histogram(let histogram): try file.write(histogram: histogram, named: record.name, step: step)
      case .picture(let picture): try file.write(picture: picture, named: record.name, step: step)
      case .text(let text): try file.write(text: text, named: record.name, step: step)
      }
    }
  }

  private func write(_ numbers: Means, _ kind: String, _ step: Int, _ file: EventFile) throws {
    for (name, value) in numbers { try file.write(scalar: value, named: "\(kind)/\(name)", step: step) }
  }

  func end(_ training: TrainingContext, error: (any Error)?, state: inout State) throws {
    try events.file?.writeEnd(isSuccess: error == nil)
    events.file = nil
  }
}

/// The file of a training that runs.
private final class OpenEvents: Sendable {
  private let kept = Guarded<EventFile?>(nil)
  var file: EventFile? {
    get { kept.withLock { $0 } }
    set { kept.withLock { $0 = newValue } }
  }
}
