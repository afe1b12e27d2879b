import DescentGraph
import DescentTensors

/// Normalizes each channel of each example over the spatial axes to mean 0 and variance 1, then applies a learned scale and
/// shift of each channel, where it has them.
///
/// Works on `[batch, spatial…, channels]`. Training and inference do the same, unless it keeps running statistics: those follow
/// the means over the batch of the examples' means and unbiased variances while training, and serve otherwise, and while training,
/// too, where one of them is frozen. Inputs of 16 bits are normalized in Float32, which the parameters have then. Source: Ulyanov,
/// Vedaldi and Lempitsky, "Instance normalization", 2016; the statistics are those of PyTorch's `track_running_stats`.
public struct InstanceNorm: Layer {
  /// The scale of each channel, initially 1, or `nil` for none.
  public var scale: Parameter?
  /// The shift of each channel, initially 0, or `nil` for none.
  public var shift: Parameter?
  /// The running mean of each channel, initially 0, or `nil` for none.
  public var mean: Parameter?
  /// The running variance of each channel, initially 1, or `nil` for none.
  public var variance: Parameter?
  /// The decay rate of the running statistics: `momentum` · old + (1 − `momentum`) · new.
  public let momentum: Double
  /// What is added to the variance for numerical stability.
  public let epsilon: Double

  /// A layer that normalizes each channel.
  ///
  /// - Parameters:
  ///   - isScaled: Whether a learned scale and shift follow.
  ///   - keepsStatistics: Whether it keeps running statistics, which serve outside training.
  ///   - momentum: The decay rate of the running statistics.
  ///   - epsilon: What is added to the variance for numerical stability.
  public init(isScaled: Bool = true, keepsStatistics: Bool = false, momentum: Double = 0.9, epsilon: Double = 1e-5) {
    func parameter(_ isThere: Bool, _ role: Parameter.Role = .trained) -> Parameter? {
      isThere ? Parameter(role: role) : nil
    }
    (scale, shift) = (parameter(isScaled), parameter(isScaled))
    (mean, variance) = (parameter(keepsStatistics, .statistic), parameter(keepsStatistics, .statistic))
    (self.momentum, self.epsilon) = (momentum, epsilon)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    let site = (scale ?? mean).map { LayerSite("InstanceNorm", holding: $0) } ?? LayerSite("InstanceNorm")
    guard (0...1).contains(momentum) else { return site.failure("its momentum must lie in 0...1, found \(momentum)") }
    if let made = mean?.tensor, made.rank == 1, let channels = input.shape.last, channels != made.count {
      return site.failure("was made for \(made.count) features, found an input \(input.shape)")
    }
    return site.normalized(
      input, rank: (3, "[batch, spatial…, channels]"), epsilon: epsilon, scale: scale, shift: shift
    ) { x in
      guard let mean, let variance else { return instanceNorm(x, epsilon: epsilon) }
      return normalized(x, RunningStatistics(mean, variance, of: x, at: site), at: site)
    }
  }

  private func normalized(_ x: Tensor, _ running: RunningStatistics, at site: LayerSite) -> Tensor {
    guard running.areUpdated else {
      return (x - running.mean) * rsqrt(running.variance + number(epsilon, x.elementType))
    }
    let axes = Array(1..<x.rank - 1)
    let count = axes.reduce(1) { $0 * x.shape[$1] }
    guard count > 1 || Run.current.isBinding else {
      return site.failure("needs more than one place of each example to train on, found an input \(x.shape)")
    }
    let means = x.mean(axes: axes, keepingAxes: true)
    let variances = square(x - means).mean(axes: axes)
    running.follow(
      means.mean(axes: Array(0..<x.rank - 1)), variances.mean(axes: [0]), count: count, momentum: momentum)
    return instanceNorm(x, epsilon: epsilon)
  }
}
