/// Something that happens alongside training, as a value with settings, and with a state that checkpoints keep: after a
/// run was killed and goes on, it is as if it had never stopped.
///
/// Only what is needed is written; everything has a default that does nothing:
///
/// ```swift
/// /// Halves the learning rate where the loss has risen.
/// struct Halving: TrainingCallback {
///   struct State: Codable, Sendable { var last = Double.infinity }
///   let name = "halving"
///   func initialState() -> State { State() }
///   func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {
///     let loss = epoch.training["loss"] ?? .nan
///     if loss > state.last { try training.scaleHyperparameter("learningRate", by: 0.5) }
///     state.last = loss
///   }
/// }
/// try trainer.fit(batches, epochs: 20, callbacks: [.progress, Callback(Halving())])
/// ```
///
/// Callbacks are called in the order in which they are given. What one throws ends training at once.
public protocol TrainingCallback<State>: Sendable {
  /// What it remembers. Tensors in it are kept as such.
  associatedtype State: Codable & Sendable

  /// What its state is called in checkpoints; another one in each callback of a training.
  var name: String { get }

  /// What it remembers before the first step.
  func initialState() throws -> State

  /// Before anything is read or written: what cannot be is refused here.
  func prepare(_ training: TrainingDescription) throws

  /// Training begins, or goes on from a checkpoint: `training.progress.stepCount` says after which step.
  func begin(_ training: TrainingContext, state: inout State) throws

  /// What it wants to see of a step's gradients, from the number of the step, counted from 1.
  ///
  /// Steps that are observed differently are compiled once for each way. Parameters move the same way in all of them.
  func observation(ofStep number: Int) -> StepObservation

  /// A step has been done.
  func step(_ training: TrainingContext, state: inout State) throws

  /// An epoch has ended, validation included. A checkpoint is written after it.
  func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws

  /// All callbacks have seen a step or an epoch, which may now be written down with what they recorded of it by
  /// `TrainingContext.record(_:named:)`.
  func write(
    _ records: [TrainingRecord], of event: Callback.Event, _ training: TrainingContext, state: inout State) throws

  /// Training has ended: after the last epoch, because a callback asked for it, or by an error.
  ///
  /// - Parameter error: Why it ended early, `nil` where it did not. What is thrown in turn is not told then.
  func end(_ training: TrainingContext, error: (any Error)?, state: inout State) throws
}

extension TrainingCallback {
  public func prepare(_ training: TrainingDescription) throws {}
  public func begin(_ training: TrainingContext, state: inout State) throws {}
  public func observation(ofStep number: Int) -> StepObservation { StepObservation() }
  public func step(_ training: TrainingContext, state: inout State) throws {}
  public func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {}
  public func write(
    _ records: [TrainingRecord], of event: Callback.Event, _ training: TrainingContext, state: inout State
  ) throws {}
  public func end(_ training: TrainingContext, error: (any Error)?, state: inout State) throws {}
}

extension TrainingCallback where State == StatelessCallback {
  /// Nothing.
  public func initialState() -> StatelessCallback { StatelessCallback() }
}

/// The state of a callback that remembers nothing.
public struct StatelessCallback: Codable, Sendable, Hashable {
  /// Nothing.
  public init() {}
}

/// What is to be seen of a step in addition to its loss and metrics.
public struct StepObservation: Sendable, Hashable {
  /// Whether the norm of each parameter's gradient is computed; see `TrainingContext.gradientNorms`.
  public var gradientNorms: Bool
  /// Whether the gradients themselves are given; see `TrainingContext.gradients`. They take the memory of the parameters
  /// once more.
  public var gradients: Bool
  /// Whether a step whose loss or gradients are not finite fails and leaves everything as it was.
  public var refusesNonFinite: Bool

  /// What is to be seen; nothing where nothing is said.
  public init(gradientNorms: Bool = false, gradients: Bool = false, refusesNonFinite: Bool = false) {
    self.gradientNorms = gradientNorms
    self.gradients = gradients
    self.refusesNonFinite = refusesNonFinite
  }

  /// What either of two wants to see.
  func union(_ other: StepObservation) -> StepObservation {
    StepObservation(
      gradientNorms: gradientNorms || other.gradientNorms, gradients: gradients || other.gradients,
      refusesNonFinite: refusesNonFinite || other.refusesNonFinite)
  }
}
