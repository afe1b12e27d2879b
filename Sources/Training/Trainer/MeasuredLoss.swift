import DescentTensors

/// A loss with what metrics are to compare, of a pass over a batch of one's own.
public struct MeasuredLoss: Sendable {
  /// The number to be made small, a scalar.
  public var loss: Tensor
  /// What the model gives.
  public var predictions: Tensor
  /// What is right.
  public var targets: Tensor
  /// What each row or element counts, or a mask; `nil` where all count alike.
  public var weights: Tensor?

  /// Puts a loss and what metrics compare together.
  public init(_ loss: Tensor, predictions: Tensor, targets: Tensor, weights: Tensor? = nil) {
    (self.loss, self.predictions, self.targets, self.weights) = (loss, predictions, targets, weights)
  }
}
