import DescentTensors

extension Callback {
  /// Ends training where a number has not become better for some epochs, and goes back to the best model.
  ///
  /// The best model and the epochs waited are kept in checkpoints: a run that was killed stops where it would have. Source:
  /// Prechelt, "Early Stopping — But When?", 1998.
  ///
  /// - Parameters:
  ///   - number: The number to follow.
  ///   - patience: How many epochs in a row may be no better before training ends, at least 1.
  ///   - minimumChange: By how much a value has to be better to count.
  ///   - restoringBest: Whether the model is that of the best epoch in the end, however training ends without an error.
  public static func earlyStopping(
    _ number: MonitoredNumber = .validation(), patience: Int = 5, minimumChange: Double = 0, restoringBest: Bool = true
  ) -> Callback {
    Callback(
      EarlyStopping(
        number: number, patience: patience, minimumChange: minimumChange, restoringBest: restoringBest))
  }
}

struct EarlyStopping: TrainingCallback {
  struct State: Codable, Sendable {
    var best: Double?
    var bestEpoch = 0
    /// The epochs since then.
    var waited = 0
    /// The tensors of the best model, where they are wanted.
    var tensors: [String: Tensor] = [:]
  }

  let number: MonitoredNumber
  let patience: Int
  let minimumChange: Double
  let restoringBest: Bool

  var name: String { "early stopping by \(number)" }

  func initialState() throws -> State {
    guard patience >= 1 else {
      throw TensorError("earlyStopping", "the patience is \(patience); it must be at least 1")
    }
    guard minimumChange >= 0 else {
      throw TensorError("earlyStopping", "the minimum change is \(minimumChange); it must not be negative")
    }
    return State()
  }

  func begin(_ training: TrainingContext, state: inout State) throws { stopIfDone(training, state) }

  func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {
    let value = try number.value(in: epoch)
    if number.isBetter(value, than: state.best, by: minimumChange) {
      (state.best, state.bestEpoch, state.waited) = (value, epoch.number, 0)
      if restoringBest { state.tensors = try training.tensors() }
    } else {
      state.waited += 1
    }
    stopIfDone(training, state)
  }

  private func stopIfDone(_ training: TrainingContext, _ state: State) {
    guard state.waited >= patience else { return }
    let best = state.best.map { "was best in epoch \(state.bestEpoch), \($0)" } ?? "was never a number"
    training.stop(because: "the \(number) \(best)")
  }

  func end(_ training: TrainingContext, error: (any Error)?, state: inout State) throws {
    guard error == nil, restoringBest, state.waited > 0, !state.tensors.isEmpty else { return }
    try training.replaceTensors(state.tensors)
  }
}
