import DescentTensors

/// Normalizes each vector along the last axis to mean 0 and variance 1, then applies a learned scale and shift.
///
/// Training and inference do the same. Inputs of 16 bits are normalized in Float32, which the parameters have then.
/// Source: Ba, Kiros and Hinton, 2016.
public struct LayerNorm: Layer {
  /// The scale of each feature, initially 1.
  public var scale = Parameter()
  /// The shift of each feature, initially 0, or `nil` for none.
  public var shift: Parameter?
  /// What is added to the variance for numerical stability.
  public let epsilon: Double

  /// A layer that normalizes each vector along the last axis.
  public init(shift: Bool = true, epsilon: Double = 1e-5) {
    self.shift = shift ? Parameter() : nil
    self.epsilon = epsilon
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    LayerSite("LayerNorm", holding: scale).normalized(
      input, rank: (1, "[…, features]"), epsilon: epsilon, scale: scale, shift: shift
    ) { layerNorm($0, epsilon: epsilon) }
  }
}
