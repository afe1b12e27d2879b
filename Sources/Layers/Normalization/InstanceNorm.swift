import DescentTensors

/// Normalizes each channel of each example over the spatial axes to mean 0 and variance 1, then applies a learned scale and
/// shift of each channel, where it has them.
///
/// Works on `[batch, spatial…, channels]`; training and inference do the same. Inputs of 16 bits are normalized in Float32,
/// which the parameters have then. Source: Ulyanov, Vedaldi and Lempitsky, "Instance normalization", 2016.
public struct InstanceNorm: Layer {
  /// The scale of each channel, initially 1, or `nil` for none.
  public var scale: Parameter?
  /// The shift of each channel, initially 0, or `nil` for none.
  public var shift: Parameter?
  /// What is added to the variance for numerical stability.
  public let epsilon: Double

  /// A layer that normalizes each channel.
  ///
  /// - Parameters:
  ///   - isScaled: Whether a learned scale and shift follow.
  ///   - epsilon: What is added to the variance for numerical stability.
  public init(isScaled: Bool = true, epsilon: Double = 1e-5) {
    scale = isScaled ? Parameter() : nil
    shift = isScaled ? Parameter() : nil
    self.epsilon = epsilon
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    let site = scale.map { LayerSite("InstanceNorm", holding: $0) } ?? LayerSite("InstanceNorm")
    return site.normalized(
      input, rank: (3, "[batch, spatial…, channels]"), epsilon: epsilon, scale: scale, shift: shift
    ) { instanceNorm($0, epsilon: epsilon) }
  }
}
