import DescentTensors

/// Normalizes each example over its spatial axes and groups of channels to mean 0 and variance 1, then applies a learned
/// scale and shift of each channel.
///
/// Works on `[batch, spatial…, channels]`; examples do not depend on each other, and training and inference do the same.
/// Inputs of 16 bits are normalized in Float32, which the parameters have then. Source: Wu and He, "Group normalization",
/// 2018.
public struct GroupNorm: Layer {
  /// The scale of each channel, initially 1.
  public var scale = Parameter()
  /// The shift of each channel, initially 0.
  public var shift = Parameter()
  /// The number of groups, which divides that of channels.
  public let groups: Int
  /// What is added to the variance for numerical stability.
  public let epsilon: Double

  /// A layer that normalizes groups of channels.
  ///
  /// - Parameters:
  ///   - groups: The number of groups, which divides that of channels.
  ///   - epsilon: What is added to the variance for numerical stability.
  public init(groups: Int, epsilon: Double = 1e-5) {
    self.groups = groups
    self.epsilon = epsilon
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    LayerSite("GroupNorm", holding: scale).normalized(
      input, rank: (2, "[batch, spatial…, channels]"), epsilon: epsilon, scale: scale, shift: shift
    ) { groupNorm($0, groups: groups, epsilon: epsilon) }
  }
}
