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
  elementwiseLoss("sigmoidCrossEntropy", logits, labels) { logits, labels in
    // max(z, 0) − z·y + log1p(e^−|z|), the first two as one product, which is exactly 0 where the label is right. Both
    // parts take the same side at 0, so that their derivatives belong together there.
    let isPositive = logits .> 0
    let smaller = `where`(isPositive, -logits, logits)
    return log1p(exp(smaller)) - weighted(`where`(isPositive, 1.0 - labels, labels), smaller)
  }
}

/// The mean over all elements of a loss of pairs in one shape.
func elementwiseLoss(
  _ name: String, _ outputs: Tensor, _ targets: Tensor, _ body: (Tensor, Tensor) -> Tensor
) -> Tensor {
  if outputs.error != nil { return outputs }
  if targets.error != nil { return targets }
  let site = LayerSite(name)
  if let refusal = site.refusal(of: outputs) { return refusal }
  // Repeating one to the other's shape would be a silent mistake: [batch, 1] against [batch] gives batch² pairs.
  guard outputs.shape == targets.shape else {
    return site.failure("takes two tensors of one shape, found \(outputs.shape) and \(targets.shape)")
  }
  let type = outputs.elementType.accumulator
  return .calling(name) { body(outputs.converted(to: type), targets.converted(to: type)).mean() }
}
