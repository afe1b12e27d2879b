import DescentTensors

/// A layer whose intermediate values are not kept for the backward pass but computed again in it: less memory for more time.
///
/// ```swift
/// struct Tower: Layer {
///   var blocks = (0..<24).map { _ in Checkpointed(Block()) }
///   …
/// }
/// ```
///
/// It is the layer itself in every other way: the same numbers and gradients, the same random numbers and statistics, the same
/// paths, so that files of a model with and without it are the same. What else is to be kept is chosen by
/// `checkpointed(policy:of:)`. Source: Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
public struct Checkpointed<Wrapped: Layer>: Layer {
  /// The layer.
  public var layer: Wrapped

  /// Wraps a layer.
  public init(_ layer: Wrapped) { self.layer = layer }

  /// The layer's output.
  ///
  /// - Throws: what the layer throws.
  public func callAsFunction(_ input: Wrapped.Input) throws -> Wrapped.Output {
    let run = Run.current
    // Who gives parameters their first values has to see them; who makes no gradient has nothing to keep.
    guard run.isTraining, !run.isBinding else { return try layer(input) }
    let function: (Wrapped, Wrapped.Input) throws -> Wrapped.Output = checkpointed { try $0($1) }
    return try function(layer, input)
  }
}

extension Checkpointed: Codable {
  /// Reads the layer itself.
  public init(from decoder: any Decoder) throws { layer = try Wrapped(from: decoder) }

  /// Writes the layer itself.
  public func encode(to encoder: any Encoder) throws { try layer.encode(to: encoder) }
}
