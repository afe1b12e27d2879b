import DescentTensors

/// Examples that pass through a model together: inputs and what the model should answer.
public struct Batch: Codable, Sendable {
  /// What the model is given, `[batch, …]`.
  public var input: Tensor
  /// What it should answer, `[batch, …]`.
  public var target: Tensor

  /// Puts inputs and targets together.
  public init(input: Tensor, target: Tensor) {
    self.input = input
    self.target = target
  }
}
