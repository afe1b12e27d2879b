import DescentGraph
import DescentTensors

/// Normalizes each channel to mean 0 and variance 1, then applies a learned scale and shift.
///
/// Works on `[batch, …, channels]` over all axes but the last. While training, mean and variance are those of the batch
/// (the variance divided by the count), and the running ones move toward them (the variance divided by the count less
/// 1, an unbiased estimate of what other batches will show). Otherwise the running ones serve, and while training, too,
/// where one of them is frozen: a part of a model that stays as it is normalizes as it was trained to. Inputs of 16 bits are
/// normalized in Float32, which the parameters have then. Source: Ioffe and Szegedy, 2015.
public struct BatchNorm: Layer {
  /// The scale of each channel, initially 1.
  public var scale = Parameter()
  /// The shift of each channel, initially 0.
  public var shift = Parameter()
  /// The running mean of each channel, initially 0.
  public var mean = Parameter(role: .statistic)
  /// The running variance of each channel, initially 1.
  public var variance = Parameter(role: .statistic)
  /// The decay rate of the running statistics: `momentum` · old + (1 − `momentum`) · new.
  public let momentum: Double
  /// What is added to the variance for numerical stability.
  public let epsilon: Double

  /// A layer that normalizes each channel over the batch.
  public init(momentum: Double = 0.9, epsilon: Double = 1e-5) {
    self.momentum = momentum
    self.epsilon = epsilon
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let site = LayerSite("BatchNorm", holding: scale)
    guard momentum >= 0, momentum <= 1, epsilon >= 0, epsilon.isFinite else {
      return site.failure(
        "its momentum must lie in 0...1 and its epsilon not be negative, found \(momentum), \(epsilon)")
    }
    guard input.rank >= 2, let channels = input.shape.last else {
      return site.failure("takes an input [batch, …, channels], found \(input.shape)")
    }
    if let refusal = site.refusal(of: input) { return refusal }
    if let made = scale.tensor, made.rank == 1, made.count != channels {
      return site.failure("was made for \(made.count) channels, found an input \(input.shape)")
    }
    return site.computing { normalized(input, channels, at: site) }
  }

  private func normalized(_ input: Tensor, _ channels: Int, at site: LayerSite) -> Tensor {
    let input = Run.current.input(input)
    let type = input.elementType.accumulator
    func values(_ parameter: Parameter, _ initializer: Initializer) -> Tensor {
      site.values(of: parameter, [channels], type, initializer)
    }
    let (scale, shift) = (values(scale, .ones), values(shift, .zeros))
    let wide = input.converted(to: type)
    let running = RunningStatistics(mean, variance, of: wide, at: site)
    let output: Tensor
    if running.areUpdated {
      let axes = Array(0..<input.rank - 1)
      let count = axes.reduce(1) { $0 * input.shape[$1] }
      guard count > 1 || Run.current.isBinding else {
        return site.failure("needs more than one example to train on, found an input \(input.shape)")
      }
      let batchMean = wide.mean(axes: axes)
      let centered = wide - batchMean
      let batchVariance = square(centered).mean(axes: axes)
      running.follow(batchMean, batchVariance, count: count, momentum: momentum)
      let factor = rsqrt(batchVariance + number(epsilon, type))
      let whole = centered * (scale * factor) + shift
      output = site.probed(.scaleAndShift, self.scale, self.shift, centered * factor, whole)
    } else {
      let factor = scale * rsqrt(running.variance + number(epsilon, type))
      output = wide * factor + (shift - running.mean * factor)
    }
    return output.converted(to: input.elementType)
  }
}
