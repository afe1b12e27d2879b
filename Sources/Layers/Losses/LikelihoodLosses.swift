import DescentGraph
import DescentTensors

/// The mean over rows of −log p[label], from logarithms of probabilities.
///
/// - Parameters:
///   - logProbabilities: `[batch…, classes]`, such as `logSoftmax` gives; of logits, `softmaxCrossEntropy` is the loss.
///   - labels: Class numbers `[batch…]` as integers, or probabilities `[batch…, classes]`. A class number outside
///     `0..<classes` is an error as in `softmaxCrossEntropy`.
/// - Returns: A scalar, in Float32 where the logarithms have 16 bits.
public func negativeLogLikelihood(_ logProbabilities: Tensor, _ labels: Tensor) -> Tensor {
  ClassLabels.matched("negativeLogLikelihood", logProbabilities, labels) { logProbabilities, labels in
    switch labels {
    case .numbers(let numbers): return -numbers.picked(from: logProbabilities).mean()
    case .probabilities(let weights):
      return -weighted(weights, logProbabilities).sum(axes: [-1]).mean()
    }
  }
}

/// The Kullback–Leibler divergence of probabilities from targets: the mean over rows of Σ t · (log t − log p).
///
/// - Parameters:
///   - logProbabilities: Logarithms `[batch…, classes]`.
///   - targets: Probabilities `[batch…, classes]`; those that are 0 count nothing.
/// - Returns: A scalar, in Float32 where the logarithms have 16 bits.
public func kullbackLeiblerDivergence(_ logProbabilities: Tensor, _ targets: Tensor) -> Tensor {
  let name = "kullbackLeiblerDivergence"
  guard logProbabilities.error != nil || logProbabilities.rank >= 1 else {
    return LayerSite(name).failure("takes logarithms [batch…, classes], found a scalar")
  }
  return elementwiseLoss(name, logProbabilities, targets) { logProbabilities, targets in
    (xLogY(targets, targets) - weighted(targets, logProbabilities)).sum(axes: [-1])
  }
}

/// The cross-entropy of independent probabilities: the mean over all elements of −y · log p − (1 − y) · log(1 − p).
///
/// - Parameters:
///   - probabilities: Any shape; of logits, `sigmoidCrossEntropy` is the loss, which stays exact near 0 and 1.
///   - labels: Probabilities, or 0 and 1 of any element type, in the same shape.
/// - Returns: A scalar, in Float32 where the probabilities have 16 bits; ∞ where what was held impossible happened.
public func binaryCrossEntropy(_ probabilities: Tensor, _ labels: Tensor) -> Tensor {
  elementwiseLoss("binaryCrossEntropy", probabilities, labels) { probabilities, labels in
    -(xLogY(labels, probabilities) + xLogY(1.0 - labels, 1.0 - probabilities))
  }
}

/// The mean over all elements of eᶻ − count · z: the negative logarithm of Poisson's probability of a count at the rate eᶻ,
/// but for a number that depends on the count alone.
///
/// - Parameters:
///   - logRates: z, in any shape.
///   - counts: The same shape, any element type.
/// - Returns: A scalar, in Float32 where the logarithms have 16 bits.
public func poissonLoss(_ logRates: Tensor, _ counts: Tensor) -> Tensor {
  elementwiseLoss("poissonLoss", logRates, counts) { exp($0) - weighted($1, $0) }
}

/// The mean over all elements of ½ · (log σ² + (x − μ)² / σ²): the negative logarithm of the normal distribution's density,
/// but for a constant.
///
/// - Parameters:
///   - means: μ, in any shape.
///   - targets: x, in the same shape, any element type.
///   - variances: σ², in the same shape.
///   - epsilon: The least variance that counts, for numerical stability.
/// - Returns: A scalar, in Float32 where the means have 16 bits.
public func gaussianLoss(_ means: Tensor, _ targets: Tensor, variances: Tensor, epsilon: Double = 1e-6) -> Tensor {
  if means.error == nil, variances.error != nil { return variances }
  guard means.error != nil || variances.shape == means.shape else {
    return LayerSite("gaussianLoss").failure("means \(means.shape) take as many variances, found \(variances.shape)")
  }
  return elementwiseLoss("gaussianLoss", means, targets) { means, targets in
    let variance = maximum(variances.converted(to: means.elementType), number(epsilon, means.elementType))
    return 0.5 * (log(variance) + square(targets - means) / variance)
  }
}
