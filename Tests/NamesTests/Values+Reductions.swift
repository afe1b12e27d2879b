import Descent

extension NamesTests {
  private static let x = numbers(3, 4)
  private static let y = numbers(3, 4, seed: 2)

  static func reductions() -> Values {
    var values: Values = [:]
    let three = numbers(2, 3, 4)
    values["sum"] = [three.sum(), three.sum(axes: 1), three.sum(axes: -1, keepingAxes: true)]
    values["mean"] = [three.mean(), three.mean(axes: 1), three.mean(axes: -1, keepingAxes: true)]
    values["amax"] = [three.max(), three.max(axes: 1), three.max(axes: -1, keepingAxes: true)]
    values["amin"] = [three.min(), three.min(axes: 1), three.min(axes: -1, keepingAxes: true)]
    values["prod"] = [(three + 0.1).product(), (three + 0.1).product(axes: 1)]
    values["var"] = [
      three.variance(correction: 1), three.variance(axes: 0, correction: 1), three.variance(axes: [0, 2]),
    ]
    values["std"] = [
      three.standardDeviation(correction: 1), three.standardDeviation(axes: 0, correction: 1),
      three.standardDeviation(axes: [0, 2]),
    ]
    let holes = Tensor([1, .nan, 3, .nan, 0.5, -2], shape: [2, 3], .float64)
    values["nansum"] = [holes.nanSum(), holes.nanSum(axes: 1)]
    values["nanmean"] = [holes.nanMean(), holes.nanMean(axes: 1)]
    values["quantile(0.5)"] = [x.median(), x.median(axes: 0)]
    let kinds: [QuantileInterpolation] = [.lower, .higher, .nearest, .midpoint]
    values["quantile"] =
      [x.quantile(0.3), x.quantile(0.3, axes: 1, keepingAxes: true), x.quantiles([0.1, 0.75], axes: 1)]
      + kinds.map { x.quantile(0.45, axes: 1, interpolation: $0) }
    let gaps = `where`(x .> 1, .nan, x)
    values["nanquantile"] = [
      gaps.nanQuantile(0.3), gaps.nanQuantile(0.3, axes: 0), gaps.nanQuantile(0.4, axes: 1, interpolation: .higher),
    ]
    values["count_nonzero"] = [x.countNonzero(), x.countNonzero(axes: 1)]
    values["linalg.vector_norm"] = [
      x.norm(), x.norm(1), x.norm(.infinity), x.norm(0, axes: 1), x.norm(3, axes: 0, keepingAxes: true),
      x.norm(-.infinity), positive(3, 4).norm(-1.5, axes: 1), x.norm(-2, axes: 0),
    ]
    values["F.normalize"] = [x.normalized(axes: 1), x.normalized(1, axes: 0)]
    values["logsumexp"] = [logSumExp(x), logSumExp(three, axes: [0, 2], keepingAxes: true)]
    values["cov"] = [covariance(x), covariance(x, correction: 0)]
    values["corrcoef"] = [correlation(x)]
    let histogram = x.histogram(bins: 4, range: -2...2)
    values["histogram"] = [histogram.counts, histogram.edges]
    let sizes = abs(integers(3, 4)).flattened(keeping: 0)
    values["bincount"] = [
      sizes.binCount(10), sizes.binCount(10, weights: positive(3, 4).flattened(keeping: 0)),
    ]
    values["diff"] = [x.differences(), x.differences(order: 2), x.differences(axis: 0)]
    values["trapezoid"] = [
      x.trapezoid(), x.trapezoid(spacing: 0.5, axis: 0), x.trapezoid(at: reals([0, 1, 3, 3.5])),
      x.trapezoid(at: positive(3, 4).cumulativeSum()),
    ]
    values["cumulative_trapezoid"] = [
      x.cumulativeTrapezoid(), x.cumulativeTrapezoid(spacing: 0.5, axis: 0),
      x.cumulativeTrapezoid(at: positive(3, 4).cumulativeSum()),
    ]
    values["F.pdist"] = [pairwiseDistances(x), pairwiseDistances(x, order: 1)]
    let others = numbers(2, 4, seed: 1)
    values["cdist"] = [distances(x, others), distances(x, others, order: 1)]
    values["F.cosine_similarity"] = [cosineSimilarity(x, y), cosineSimilarity(x, y, axis: 0)]
    return values
  }

  static func cumulative() -> Values {
    var values: Values = [:]
    values["cumsum"] = [x.cumulativeSum(), x.cumulativeSum(axis: 0)]
    values["cumprod"] = [x.cumulativeProduct(), x.cumulativeProduct(axis: 0)]
    values["cummax"] = [x.cumulativeMax(), x.cumulativeMax(axis: 0)]
    values["cummin"] = [x.cumulativeMin(), x.cumulativeMin(axis: 0)]
    values["logcumsumexp"] = [x.cumulativeLogSumExp(), x.cumulativeLogSumExp(axis: 0)]
    return values
  }
}
