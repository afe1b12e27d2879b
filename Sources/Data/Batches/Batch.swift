import DescentTensors

/// A batch of examples with one tensor of inputs and one of targets, the usual case.
public typealias Batch = PairedBatch<Tensor, Tensor>

/// A batch of examples: inputs and targets, each a tensor or any value that holds tensors, such as a structure, a
/// dictionary or an array of them.
public struct PairedBatch<Input: Codable & Sendable, Target: Codable & Sendable>: Codable, Sendable {
  /// The inputs of the model: `[batch, …]`, or a value whose tensors are.
  public var input: Input
  /// The targets: `[batch, …]`, or a value whose tensors are.
  public var target: Target

  /// Puts inputs and targets together.
  public init(input: Input, target: Target) {
    self.input = input
    self.target = target
  }
}

/// A batch that says itself how many examples it holds, since its first tensor does not.
///
/// Means over examples weigh each batch by that number. Of other batches it is the size of the leading axis of the first
/// tensor that has one.
public protocol CountedBatch: Codable, Sendable {
  /// The number of examples in the batch.
  var exampleCount: Int { get }
}
