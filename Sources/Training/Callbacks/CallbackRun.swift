import DescentTensors

/// What checkpoints keep of a callback.
struct SavedCallback: Sendable {
  var text: String
  var tensors: [Tensor]
}

/// A callback with its state, whatever its type is.
protocol CallbackRunning: AnyObject {
  var name: String { get }
  func prepare(_ training: TrainingDescription) throws
  func begin(_ training: TrainingContext) throws
  func observation(ofStep number: Int) -> StepObservation
  func step(_ training: TrainingContext) throws
  func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext) throws
  func write(_ records: [TrainingRecord], of event: Callback.Event, _ training: TrainingContext) throws
  func end(_ training: TrainingContext, error: (any Error)?) throws
  func saved() throws -> SavedCallback
  func restore(_ saved: SavedCallback) throws
  /// Gives back what `prepare` took, where training does not begin.
  func release()
}

/// A callback that holds something from `prepare` on.
protocol HoldingCallback {
  func release()
}

final class CallbackRun<Wrapped: TrainingCallback>: CallbackRunning {
  private let callback: Wrapped
  private var state: Wrapped.State

  init(_ callback: Wrapped) throws {
    self.callback = callback
    state = try callback.initialState()
  }

  var name: String { callback.name }
  func prepare(_ training: TrainingDescription) throws { try callback.prepare(training) }
  func begin(_ training: TrainingContext) throws { try callback.begin(training, state: &state) }
  func observation(ofStep number: Int) -> StepObservation { callback.observation(ofStep: number) }
  func step(_ training: TrainingContext) throws { try callback.step(training, state: &state) }
  func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext) throws {
    try callback.epoch(epoch, training, state: &state)
  }
  func write(_ records: [TrainingRecord], of event: Callback.Event, _ training: TrainingContext) throws {
    try callback.write(records, of: event, training, state: &state)
  }
  func end(_ training: TrainingContext, error: (any Error)?) throws {
    try callback.end(training, error: error, state: &state)
  }

  func saved() throws -> SavedCallback {
    let (text, tensors) = try TensorStore.write(state)
    return SavedCallback(text: text, tensors: tensors)
  }

  func restore(_ saved: SavedCallback) throws {
    state = try TensorStore.read(Wrapped.State.self, saved.text, saved.tensors)
  }

  func release() { (callback as? any HoldingCallback)?.release() }
}

extension TrainingCallback {
  /// The callback as something that runs.
  func running() throws -> any CallbackRunning { try CallbackRun(self) }
}
