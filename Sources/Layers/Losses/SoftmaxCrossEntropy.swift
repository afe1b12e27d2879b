import DescentGraph
import DescentTensors

/// The cross-entropy of softmax probabilities: the mean over rows of log Σ eᶻ − z[label].
///
/// Logits of any size give a finite loss: the largest of a row is subtracted first, which changes nothing else.
///
/// - Parameters:
///   - logits: `[batch…, classes]`.
///   - labels: Class numbers `[batch…]` as integers, or probabilities (one-hot vectors included) `[batch…, classes]`. A
///     class number outside `0..<classes` is an error that names it, wherever the numbers are known or given to a
///     compiled function as they are; where they are computed with before, it makes the loss NaN.
/// - Returns: A scalar, in Float32 where the logits have 16 bits.
public func softmaxCrossEntropy(_ logits: Tensor, _ labels: Tensor) -> Tensor {
  softmaxCrossEntropy(logits, labels, reduction: .mean)
}

/// The cross-entropy of softmax probabilities, of classes and rows that count differently.
///
/// - Parameters:
///   - logits: `[batch…, classes]`.
///   - labels: Class numbers `[batch…]` as integers, or probabilities `[batch…, classes]`.
///   - classWeights: What each class counts `[classes]`. A row counts as much as its class, in the sum of losses and in the
///     divisor of their mean; one of probabilities t counts Σ t · w.
///   - labelSmoothing: The share of each label, from 0 to 1, that is spread evenly over all classes. Source: Szegedy et al.,
///     "Rethinking the Inception architecture for computer vision", 2016.
///   - ignoring: A class number whose rows count nothing, such as −1 or −100 for padding.
///   - weights: What each row counts besides, `[batch…]`, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of rows `[batch…]`.
/// - Returns: A scalar, or `[batch…]`; in Float32 where the logits have 16 bits.
public func softmaxCrossEntropy(
  _ logits: Tensor, _ labels: Tensor, classWeights: Tensor? = nil, labelSmoothing: Double = 0, ignoring: Int? = nil,
  weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.softmaxCrossEntropy(logits, labels, classWeights, labelSmoothing, ignoring, weights).reduced(reduction)
}

extension LossTerms {
  static func softmaxCrossEntropy(
    _ logits: Tensor, _ labels: Tensor, _ classWeights: Tensor?, _ labelSmoothing: Double, _ ignored: Int?,
    _ weights: Tensor?
  ) -> LossTerms {
    let name = "softmaxCrossEntropy"
    if let refusal = refusal(ofSmoothing: labelSmoothing, name) { return refusal }
    return ofClasses(
      name, logits, labels, classWeights: classWeights, ignoring: ignored, weights, smoothing: labelSmoothing
    ) {
      logits, labels, classWeights in
      // No derivative passes through the shift, because it cancels; where the largest is not finite, 0 stands in.
      let largest = stopGradient(logits.max(axes: [-1], keepingAxes: true))
      let shift = `where`(isFinite(largest), largest, number(0, logits.elementType))
      let normalizer = log(exp(logits - shift).sum(axes: [-1]))
      return crossEntropy(logits, less: shift, normalizer, labels, classWeights, labelSmoothing: labelSmoothing)
    }
  }
}
