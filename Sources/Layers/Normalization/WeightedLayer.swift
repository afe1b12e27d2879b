import DescentGraph
import DescentTensors

/// A layer whose outputs are sums over its inputs, weighted by one parameter: dense layers and convolutions, which
/// `WeightNorm` and `SpectralNorm` can be put around.
public protocol WeightedLayer: Layer where Input == Tensor, Output == Tensor {
  /// The weights.
  var weight: Parameter { get set }
  /// The axis of the weights that the outputs lie along, counted from the end where negative.
  static var outputAxis: Int { get }
}

extension WeightedLayer {
  /// The last axis.
  public static var outputAxis: Int { -1 }
}

extension Dense: WeightedLayer {}
extension Conv1D: WeightedLayer {}
extension Conv2D: WeightedLayer {}
extension Conv3D: WeightedLayer {}
extension TransposedConv1D: WeightedLayer {
  /// The axis of a group's filters, before that of the channels.
  public static var outputAxis: Int { -2 }
}
extension TransposedConv2D: WeightedLayer {
  /// The axis of a group's filters, before that of the channels.
  public static var outputAxis: Int { -2 }
}
extension TransposedConv3D: WeightedLayer {
  /// The axis of a group's filters, before that of the channels.
  public static var outputAxis: Int { -2 }
}

extension WeightedLayer {
  /// What the layer makes of an input by other weights, which are computed from its own.
  ///
  /// - Parameter reweighted: Gives the weights, from the layer's.
  func output(_ input: Tensor, reweighted: (Tensor) -> Tensor) -> Tensor {
    Tensor(catching: {
      // Where the layer's weights get their first values, it is the layer that knows their shape.
      let first = weight.known == nil ? try self(input) : nil
      guard let values = weight.known else { return try first ?? self(input) }
      let weights = reweighted(values)
      if weights.error != nil { return weights }
      var copy = self
      copy.weight.tensor = weights
      return try copy(input)
    })
  }
}
