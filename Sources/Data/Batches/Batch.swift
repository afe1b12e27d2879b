import DescentTensors

/// A batch of examples: inputs and targets.
public struct Batch: Codable, Sendable {
  /// The inputs of the model, `[batch, …]`.
  public var input: Tensor
  /// The targets, `[batch, …]`.
  public var target: Tensor

  /// Puts inputs and targets together.
  public init(input: Tensor, target: Tensor) {
    self.input = input
    self.target = target
  }
}
