import DescentTensors

/// Divides each vector along the last axis by the root of the mean of its squares, then applies a learned scale.
///
/// Training and inference do the same. Inputs of 16 bits are normalized in Float32, which the parameters have then.
/// Source: Zhang and Sennrich, "Root mean square layer normalization", 2019.
public struct RMSNorm: Layer {
  /// The scale of each feature, initially 1.
  public var scale = Parameter()
  /// What is added to the mean of squares for numerical stability.
  public let epsilon: Double

  /// A layer that normalizes each vector along the last axis.
  public init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    LayerSite("RMSNorm", holding: scale).normalized(
      input, rank: (1, "[…, features]"), epsilon: epsilon, scale: scale, shift: nil
    ) { rmsNorm($0, epsilon: epsilon) }
  }
}
