import DescentData
import DescentOptimizers
import DescentTensors

/// A step that a session takes again and again, with callbacks, checkpoints and progress alongside: that of a trainer, or one of a
/// floor above, such as an iteration of reinforcement learning.
package protocol SessionStep<Model, Input>: Sendable {
  /// What is trained.
  associatedtype Model: Codable & Sendable
  /// What a step is given.
  associatedtype Input: Codable & Sendable

  /// What is trained, as the last step left it.
  var model: Model { get }
  /// The optimizer with its hyper-parameters as they are now.
  var optimizer: any Optimizer { get }
  /// The number of steps run.
  var stepCount: Int { get }
  /// Runs one step; `place` is how errors name it.
  func run(
    _ batch: Input, _ prepared: PreparedArguments, observing observation: StepObservation,
    at place: @autoclosure () -> String?
  ) throws -> StepResult
  /// Where numbers that are not finite come up in a step; `nil` where there are none, or that is not known.
  func nonFiniteSource(_ batch: PreparedArguments) throws -> String?
  /// The memory that the step's plan takes in addition to the parameters, in bytes; 0 where it is not known.
  func planBytes(for batch: Input, observing observation: StepObservation) throws -> Int
  /// Puts a model's values in the place of those that there are.
  func replaceModel(_ model: Model) throws
  /// The optimizer's hyper-parameters by their paths.
  func hyperparameters() throws -> [String: Double]
  /// Sets one of the optimizer's hyper-parameters.
  func setHyperparameter(_ path: String, to value: Double) throws
  /// Everything that the next step depends on, by name; what is trained under `CheckpointNames.model`.
  func snapshot() throws -> [String: Tensor]
  /// Goes on from what `snapshot` gave.
  func restore(_ snapshot: [String: Tensor]) throws
}

extension TrainingStep: SessionStep {
  package func planBytes(for batch: Input, observing observation: StepObservation) throws -> Int {
    try statistics(for: batch, observing: observation).peakBytes
  }
}

/// Trains by a step of another kind than a trainer's, with everything that goes along with training.
///
/// - Parameters:
///   - step: The step. One that fails leaves its state fit to go on from, so that a last checkpoint is written then.
///   - source: What steps are given.
///   - description: What makes the training up.
///   - callbacks: What happens alongside.
/// - Returns: What was done.
/// - Throws: what the step or a callback throws, `FileError` of a checkpoint.
package func train<Step: SessionStep>(
  by step: Step, on source: any BatchSource<Step.Input>, _ description: TrainingDescription, callbacks: [Callback]
) throws -> TrainingReport {
  var session = try TrainingSession(step, source, [], description, callbacks)
  try session.train(keepingOnFailure: true) { _ in .empty }
  return session.finalReport()
}
