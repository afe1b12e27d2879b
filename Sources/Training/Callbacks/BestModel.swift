import DescentFiles
import DescentTensors

extension Callback {
  /// Writes the model to a file whenever a number is better than in all epochs before.
  ///
  /// The file is a model's, `try LeNet().loading(path)`; its header says which epoch it is of, and the number. It is
  /// complete under its name or not there, whenever the process may end.
  ///
  /// - Parameters:
  ///   - path: The file, such as `runs/lenet/best.safetensors`; directories above it are made.
  ///   - number: The number to judge by.
  public static func best(_ path: String, by number: MonitoredNumber = .validation()) -> Callback {
    Callback(BestModel(path: path, number: number))
  }
}

struct BestModel: TrainingCallback {
  struct State: Codable, Sendable { var best: Double? }

  let path: String
  let number: MonitoredNumber

  /// Without the directory, which may be spelled another way when the run goes on.
  var name: String { "best \(path.split(separator: "/").last ?? "") by \(number)" }
  func initialState() -> State { State() }

  func begin(_ training: TrainingContext, state: inout State) throws {
    try FileSystem.makeDirectory(FileSystem.parent(of: path))
    try AtomicFile.checkWritable(path)
    // Where training goes on without what the callback remembered, the file itself says how good its model is.
    let stepCount = training.progress.stepCount
    guard state.best == nil, stepCount > 0, let metadata = try? Safetensors.read(path).metadata else { return }
    guard let step = metadata["step"].flatMap(Int.init), step <= stepCount else { return }
    state.best = metadata["\(number)"].flatMap(Double.init)
  }

  func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {
    let value = try number.value(in: epoch)
    guard number.isBetter(value, than: state.best) else { return }
    state.best = value
    let metadata = ["epoch": "\(epoch.number)", "step": "\(training.progress.stepCount)", "\(number)": "\(value)"]
    try Safetensors.write(training.tensors(), metadata: metadata, to: path)
  }
}
