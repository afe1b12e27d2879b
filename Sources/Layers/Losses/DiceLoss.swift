import DescentGraph
import DescentTensors

/// 1 − the Dice coefficient of what is predicted and what is there, the mean over examples and channels.
///
/// - Parameters:
///   - probabilities: `[batch, places…, channels]`.
///   - labels: Probabilities, or 0 and 1 of any element type, in the same shape.
/// - Returns: A scalar, in Float32 where the probabilities have 16 bits.
public func diceLoss(_ probabilities: Tensor, _ labels: Tensor) -> Tensor {
  diceLoss(probabilities, labels, reduction: .mean)
}

/// 1 − the Dice coefficient of what is predicted and what is there: twice what both have in common over what both have,
/// (2 Σ p·y + s) / (Σ p + Σ y + s) over the places of each example and channel, so that small things count as much as large
/// ones.
///
/// Source: Milletari, Navab and Ahmadi, "V-Net", 2016, there with squares in the denominator.
///
/// - Parameters:
///   - probabilities: `[batch, places…, channels]`, such as `sigmoid` or `softmax` gives.
///   - labels: Probabilities, or 0 and 1 of any element type, in the same shape.
///   - smoothing: s, positive, which makes the loss 0 where nothing is there and nothing predicted.
///   - isSquared: Whether squares stand in the denominator.
///   - weights: What each loss counts, `[batch]` or `[batch, channels]`, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses `[batch, channels]`.
/// - Returns: A scalar, or `[batch, channels]`; in Float32 where the probabilities have 16 bits.
public func diceLoss(
  _ probabilities: Tensor, _ labels: Tensor, smoothing: Double = 1, isSquared: Bool = false, weights: Tensor? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  LossTerms.diceLoss(probabilities, labels, smoothing, isSquared, weights).reduced(reduction)
}

extension LossTerms {
  static func diceLoss(
    _ probabilities: Tensor, _ labels: Tensor, _ smoothing: Double, _ isSquared: Bool, _ weights: Tensor?
  ) -> LossTerms {
    let name = "diceLoss"
    return LossTerms(name) {
      let (probabilities, labels) = try matched(name, probabilities, labels)
      guard probabilities.rank >= 3 else {
        throw TensorError(name, "takes probabilities [batch, places…, channels], found \(probabilities.shape)")
      }
      guard smoothing > 0 else { throw TensorError(name, "its smoothing must be positive, found \(smoothing)") }
      // Channels next to the batch, so that the losses' axes lead.
      let order = [0, probabilities.rank - 1] + Array(1..<probabilities.rank - 1)
      let operands = [probabilities.transposed(order), labels.transposed(order)]
      let places = Array(2..<probabilities.rank)
      return try weighed(name, operands, Shape([probabilities.shape[0], probabilities.shape[-1]]), by: weights) {
        let common = ($0[0] * $0[1]).sum(axes: places)
        let sizes = $0.map { (isSquared ? square($0) : $0).sum(axes: places) }
        return 1.0 - (2.0 * common + smoothing) / (sizes[0] + sizes[1] + smoothing)
      }
    }
  }
}
