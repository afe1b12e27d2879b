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
  ClassLabels.matched("softmaxCrossEntropy", logits, labels) { logits, labels in
    // No derivative passes through the shift, because it cancels; where the largest is not finite, 0 stands in.
    let largest = stopGradient(logits.max(axes: [-1], keepingAxes: true))
    let shifted = logits - `where`(isFinite(largest), largest, number(0, logits.elementType))
    let normalizer = log(exp(shifted).sum(axes: [-1]))
    switch labels {
    case .numbers(let numbers): return (normalizer - numbers.picked(from: shifted)).mean()
    case .probabilities(let weights):
      return (normalizer * weights.sum(axes: [-1]) - weighted(weights, shifted).sum(axes: [-1])).mean()
    }
  }
}
