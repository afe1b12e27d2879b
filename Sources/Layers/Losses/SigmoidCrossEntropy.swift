import DescentGraph
import DescentTensors

/// The cross-entropy of independent sigmoid probabilities: the mean over all elements of log(1 + eᶻ) − z · label.
///
/// Logits of any size give a finite loss and derivative, and the derivative sigmoid(z) − label holds at 0 too, as do
/// those of higher order.
///
/// - Parameters:
///   - logits: Any shape.
///   - labels: Probabilities, or 0 and 1 of any element type, in the same shape.
/// - Returns: A scalar, in Float32 where the logits have 16 bits.
public func sigmoidCrossEntropy(_ logits: Tensor, _ labels: Tensor) -> Tensor {
  sigmoidCrossEntropy(logits, labels, reduction: .mean)
}

/// The cross-entropy of independent sigmoid probabilities, of labels and elements that count differently.
///
/// - Parameters:
///   - logits: Any shape.
///   - labels: Probabilities, or 0 and 1 of any element type, in the same shape.
///   - positiveWeights: What the part −label · log p counts, a scalar or one number for each class `[classes]`: more than 1
///     for classes that are rare. The divisor of a mean stays the same.
///   - labelSmoothing: The share of each label, from 0 to 1, in whose place ½ is taken.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the logits' shape; in Float32 where the logits have 16 bits.
public func sigmoidCrossEntropy(
  _ logits: Tensor, _ labels: Tensor, positiveWeights: Tensor? = nil, labelSmoothing: Double = 0,
  weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.sigmoidCrossEntropy(logits, labels, positiveWeights, labelSmoothing, weights).reduced(reduction)
}

extension LossTerms {
  static func sigmoidCrossEntropy(
    _ logits: Tensor, _ labels: Tensor, _ positiveWeights: Tensor?, _ labelSmoothing: Double, _ weights: Tensor?
  ) -> LossTerms {
    let name = "sigmoidCrossEntropy"
    if let refusal = refusal(ofSmoothing: labelSmoothing, name) { return refusal }
    if let error = positiveWeights?.error { return LossTerms(Tensor(error: error)) }
    if logits.error == nil, let shape = positiveWeights?.shape, shape != [], shape != Shape(logits.shape.suffix(1)) {
      return LossTerms(
        LayerSite(name).failure("logits \(logits.shape) take positive weights of their last axis, found \(shape)"))
    }
    let predicted = PredictedTargets.bernoulli(positiveWeights, smoothing: labelSmoothing)
    return ofElements(name, logits, labels, weights, predicted: predicted) { logits, labels in
      let type = logits.elementType
      var labels = labels
      if labelSmoothing > 0 {
        labels = labels * number(1 - labelSmoothing, type) + number(labelSmoothing / 2, type)
      }
      // max(z, 0) − z·y + log1p(e^−|z|), the first two as one product, which is exactly 0 where the label is right. Both
      // parts take the same side at 0, so that their derivatives belong together there.
      let isPositive = logits .> 0
      let smaller = `where`(isPositive, -logits, logits)
      let losses = log1p(exp(smaller)) - weighted(`where`(isPositive, 1.0 - labels, labels), smaller)
      guard let positiveWeights else { return losses }
      let importance = positiveWeights.converted(to: type) - number(1, type)
      // −w·y·log p − (1 − y)·log(1 − p) is the loss as it is and (w − 1) times −y·log p.
      return losses + importance * weighted(labels, softplus(-logits))
    }
  }
}
