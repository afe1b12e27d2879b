import DescentTensors

/// A function of one tensor with parameters: a layer, or a model made of layers.
///
/// A layer is a plain value. Its properties are parameters, further layers and settings; its `Codable` conformance,
/// which Swift writes, is how models are walked, so that `encoder.conv1.weight` is both where a parameter stands and
/// what it is called in errors and files. A function of more than one tensor is any `Codable` type of the user's own.
public protocol Layer: Codable, Sendable {
  /// The layer's output for an input.
  ///
  /// A layer whose function cannot throw is called without `try`: its tensors carry their errors. One that throws, as
  /// `scan` and `gradient` do, needs nothing further.
  func callAsFunction(_ input: Tensor) throws -> Tensor
}
