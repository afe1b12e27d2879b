import DescentGraph
import DescentTensors

/// The running mean and variance of each channel in a pass through a layer.
struct RunningStatistics {
  private let parameters: (mean: Parameter, variance: Parameter)
  /// The mean before the pass.
  let mean: Tensor
  /// The variance before the pass.
  let variance: Tensor

  /// - Parameter x: The layer's input `[batch, …, channels]`, in a type fit for sums.
  init(_ mean: Parameter, _ variance: Parameter, of x: Tensor, at site: LayerSite) {
    parameters = (mean, variance)
    let channels = x.shape[x.rank - 1]
    self.mean = site.values(of: mean, [channels], x.elementType, .zeros)
    self.variance = site.values(of: variance, [channels], x.elementType, .ones)
  }

  /// Whether the pass is one that they follow: a part of a model that stays as it is normalizes as it was trained to.
  var areUpdated: Bool { Run.current.isTraining && !parameters.mean.isFrozen && !parameters.variance.isFrozen }

  /// Moves them toward those of the pass: `momentum` · old + (1 − `momentum`) · new.
  ///
  /// - Parameters:
  ///   - newMean: The pass's mean of each channel.
  ///   - newVariance: The pass's variance of each channel, divided by the count; it is kept divided by the count less 1, an
  ///     unbiased estimate of what other passes will show.
  ///   - count: The number of elements that a variance is of.
  ///   - momentum: The decay rate.
  func follow(_ newMean: Tensor, _ newVariance: Tensor, count: Int, momentum: Double) {
    let unbiased = newVariance * number(Double(count) / Double(max(1, count - 1)), newVariance.elementType)
    keep(newMean, in: parameters.mean, mean, momentum)
    keep(unbiased, in: parameters.variance, variance, momentum)
  }

  private func keep(_ new: Tensor, in statistic: Parameter, _ bound: Tensor, _ momentum: Double) {
    let type = new.elementType
    let old = statistic.latest ?? bound
    let next = old.converted(to: type) * number(momentum, type) + new * number(1 - momentum, type)
    statistic.update(to: next.converted(to: old.elementType))
  }
}
