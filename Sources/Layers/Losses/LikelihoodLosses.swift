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
  negativeLogLikelihood(logProbabilities, labels, reduction: .mean)
}

/// −log p[label] of classes and rows that count differently, from logarithms of probabilities.
///
/// - Parameters:
///   - logProbabilities: `[batch…, classes]`.
///   - labels: Class numbers `[batch…]` as integers, or probabilities `[batch…, classes]`.
///   - classWeights: What each class counts `[classes]`; see `softmaxCrossEntropy`.
///   - ignoring: A class number whose rows count nothing.
///   - weights: What each row counts besides, `[batch…]`, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of rows `[batch…]`.
/// - Returns: A scalar, or `[batch…]`; in Float32 where the logarithms have 16 bits.
public func negativeLogLikelihood(
  _ logProbabilities: Tensor, _ labels: Tensor, classWeights: Tensor? = nil, ignoring: Int? = nil,
  weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.negativeLogLikelihood(logProbabilities, labels, classWeights, ignoring, weights).reduced(reduction)
}

/// The cross-entropy of independent probabilities: the mean over all elements of −y · log p − (1 − y) · log(1 − p).
///
/// - Parameters:
///   - probabilities: Any shape; of logits, `sigmoidCrossEntropy` is the loss, which stays exact near 0 and 1.
///   - labels: Probabilities, or 0 and 1 of any element type, in the same shape.
/// - Returns: A scalar, in Float32 where the probabilities have 16 bits; ∞ where what was held impossible happened.
public func binaryCrossEntropy(_ probabilities: Tensor, _ labels: Tensor) -> Tensor {
  binaryCrossEntropy(probabilities, labels, reduction: .mean)
}

/// The cross-entropy of independent probabilities of elements that count differently, or its sum.
///
/// - Parameters:
///   - probabilities: Any shape.
///   - labels: Probabilities, or 0 and 1 of any element type, in the same shape.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the probabilities' shape; in Float32 where the probabilities have 16 bits.
public func binaryCrossEntropy(
  _ probabilities: Tensor, _ labels: Tensor, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.binaryCrossEntropy(probabilities, labels, weights).reduced(reduction)
}

/// The Kullback–Leibler divergence of probabilities from targets: the mean over rows of Σ t · (log t − log p).
///
/// - Parameters:
///   - logProbabilities: Logarithms `[batch…, classes]`.
///   - targets: Probabilities `[batch…, classes]`; those that are 0 count nothing.
/// - Returns: A scalar, in Float32 where the logarithms have 16 bits.
public func kullbackLeiblerDivergence(_ logProbabilities: Tensor, _ targets: Tensor) -> Tensor {
  kullbackLeiblerDivergence(logProbabilities, targets, reduction: .mean)
}

/// The Kullback–Leibler divergence of probabilities from targets, of rows that count differently, or its sum.
///
/// - Parameters:
///   - logProbabilities: Logarithms `[batch…, classes]`.
///   - targets: Probabilities `[batch…, classes]`; those that are 0 count nothing.
///   - targetsAreLogarithms: Whether the targets are given as logarithms, too.
///   - weights: What each row counts, `[batch…]`, or a mask; see `Reduction`.
///   - reduction: What becomes of the divergences of rows `[batch…]`.
/// - Returns: A scalar, or `[batch…]`; in Float32 where the logarithms have 16 bits.
public func kullbackLeiblerDivergence(
  _ logProbabilities: Tensor, _ targets: Tensor, targetsAreLogarithms: Bool = false, weights: Tensor? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  LossTerms.kullbackLeiblerDivergence(logProbabilities, targets, targetsAreLogarithms, weights).reduced(reduction)
}

extension LossTerms {
  static func negativeLogLikelihood(
    _ logProbabilities: Tensor, _ labels: Tensor, _ classWeights: Tensor?, _ ignored: Int?, _ weights: Tensor?
  ) -> LossTerms {
    ofClasses(
      "negativeLogLikelihood", logProbabilities, labels, classWeights: classWeights, ignoring: ignored, weights
    ) { crossEntropy($0, less: nil, nil, $1, $2, labelSmoothing: 0) }
  }

  static func binaryCrossEntropy(_ probabilities: Tensor, _ labels: Tensor, _ weights: Tensor?) -> LossTerms {
    ofElements("binaryCrossEntropy", probabilities, labels, weights) { probabilities, labels in
      -(xLogY(labels, probabilities) + xLogY(1.0 - labels, 1.0 - probabilities))
    }
  }

  static func kullbackLeiblerDivergence(
    _ logProbabilities: Tensor, _ targets: Tensor, _ targetsAreLogarithms: Bool, _ weights: Tensor?
  ) -> LossTerms {
    ofRows("kullbackLeiblerDivergence", logProbabilities, targets, weights) { logProbabilities, targets in
      let shares = targetsAreLogarithms ? exp(targets) : targets
      let entropies = targetsAreLogarithms ? weighted(shares, targets) : xLogY(targets, targets)
      return (entropies - weighted(shares, logProbabilities)).sum(axes: [-1])
    }
  }
}
