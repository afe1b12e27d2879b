import DescentTensors

/// The callbacks of one call of `fit`, sorted by what they do.
struct Companions {
  /// Called in order after each step and epoch.
  private(set) var functions: [@Sendable (Callback.Event) throws -> Bool] = []
  /// Those with a state, in order.
  private(set) var running: [any CallbackRunning] = []
  private(set) var showsProgress = false
  /// Where checkpoints are kept, if they are.
  private(set) var checkpoints: CheckpointFolder?
  /// The time between checkpoints within an epoch.
  private(set) var checkpointSeconds = Double.infinity
  private(set) var isResuming = false
  /// Listens to signals, where that is asked for.
  private(set) var interruption: Interruption?

  /// - Throws: `TensorError` where checkpoints are to go to two directories, or two callbacks have one name.
  init(_ callbacks: [Callback]) throws {
    try add(callbacks)
    var seen: Set<String> = []
    if let twice = running.map(\.name).first(where: { !seen.insert($0).inserted }) {
      throw TensorError("fit", "two callbacks are called '\(twice)', by which checkpoints tell them apart; rename one")
    }
  }

  private mutating func add(_ callbacks: [Callback]) throws {
    for callback in callbacks {
      switch callback.kind {
      case .progress: showsProgress = true
      case .interruptible: interruption = interruption ?? Interruption()
      case .function(let function): functions.append(function)
      case .custom(let custom): running.append(try custom.running())
      case .several(let parts): try add(parts)
      case .checkpoint(let folder, let seconds, let resuming):
        if let other = checkpoints {
          throw TensorError(
            "fit", "checkpoints cannot go to both \(other.path) and \(folder.path); give one such callback")
        }
        (checkpoints, checkpointSeconds, isResuming) = (folder, seconds, resuming)
      }
    }
  }

  /// What callbacks want to see of a step.
  func observation(ofStep number: Int) -> StepObservation {
    running.reduce(StepObservation()) { $0.union($1.observation(ofStep: number)) }
  }
}
