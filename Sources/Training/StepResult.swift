import DescentTensors

/// What a training step gives: the loss before the update, and whatever else the step computes.
public struct StepResult: Sendable {
  /// The loss, a scalar.
  public let loss: Tensor
  /// The further results, in the order in which the step's function gives them.
  public let further: [Tensor]

  init(_ results: [Tensor]) throws {
    guard let loss = results.first else { throw TensorError("training", "the step gives no loss") }
    (self.loss, further) = (loss, Array(results.dropFirst()))
  }

  /// The loss, followed by the further results.
  package var all: [Tensor] { [loss] + further }
}
