import DescentTensors

/// A function with parameters: a layer, or a network made of layers.
///
/// A layer is a plain value, a `Model`, with one function: from a tensor to a tensor for most, and then nothing more needs to
/// be said. Input and output may be any `Codable` values, so that a layer takes indices and a mask, or gives back its state:
///
/// ```swift
/// struct Tagger: Layer {
///   struct Sentences: Codable { var words: Tensor; var mask: Tensor }
///   struct Tags: Codable { var logits: Tensor; var last: Tensor }
///   func callAsFunction(_ sentences: Sentences) throws -> Tags { … }
/// }
/// ```
///
/// A function of several arguments is a `Model`.
public protocol Layer<Input, Output>: Model {
  /// What the layer takes: a tensor, or any value that holds tensors.
  associatedtype Input: Codable & Sendable
  /// What the layer gives: a tensor, or any value that holds tensors.
  associatedtype Output: Codable & Sendable

  /// The layer's output for an input.
  ///
  /// A layer whose function cannot throw is called without `try`: its tensors carry their errors. One that throws, as
  /// `scan` and `gradient` do, needs nothing further.
  func callAsFunction(_ input: Input) throws -> Output
}
