import DescentGraph
import DescentTensors

/// The focal loss of independent sigmoid probabilities: the mean over all elements of their cross-entropy times (1 − p)²,
/// where p is the label's probability.
///
/// - Parameters:
///   - logits: Any shape.
///   - labels: Probabilities, or 0 and 1 of any element type, in the same shape.
/// - Returns: A scalar, in Float32 where the logits have 16 bits.
public func sigmoidFocalLoss(_ logits: Tensor, _ labels: Tensor) -> Tensor {
  sigmoidFocalLoss(logits, labels, reduction: .mean)
}

/// The cross-entropy of independent sigmoid probabilities times α · (1 − p)^γ, where p is the label's probability: what is
/// learned already counts little, so that many easy examples do not drown a few hard ones.
///
/// Source: Lin et al., "Focal loss for dense object detection", 2017.
///
/// - Parameters:
///   - logits: Any shape.
///   - labels: Probabilities, or 0 and 1 of any element type, in the same shape.
///   - gamma: The exponent, 0 or more.
///   - alpha: What labels of 1 count, from 0 to 1, where labels of 0 count 1 − α; `nil` where both count 1.
///   - weights: What each element counts, or a mask; see `Reduction`. The divisor of a mean has no part in α and γ.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the logits' shape; in Float32 where the logits have 16 bits.
public func sigmoidFocalLoss(
  _ logits: Tensor, _ labels: Tensor, gamma: Double = 2, alpha: Double? = nil, weights: Tensor? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  LossTerms.sigmoidFocalLoss(logits, labels, gamma, alpha, weights).reduced(reduction)
}

/// The focal loss of softmax probabilities: the mean over rows of −(1 − p)² · log p of the label's probability.
///
/// - Parameters:
///   - logits: `[batch…, classes]`.
///   - labels: Class numbers `[batch…]` as integers, or probabilities `[batch…, classes]`.
/// - Returns: A scalar, in Float32 where the logits have 16 bits.
public func softmaxFocalLoss(_ logits: Tensor, _ labels: Tensor) -> Tensor {
  softmaxFocalLoss(logits, labels, reduction: .mean)
}

/// The cross-entropy of softmax probabilities times (1 − p)^γ, where p is the label's probability; see `sigmoidFocalLoss`.
///
/// - Parameters:
///   - logits: `[batch…, classes]`.
///   - labels: Class numbers `[batch…]` as integers, or probabilities t `[batch…, classes]`, whose loss is
///     −Σ t · (1 − p)^γ · log p.
///   - gamma: The exponent, 0 or more.
///   - classWeights: What each class counts `[classes]`; see `softmaxCrossEntropy`.
///   - ignoring: A class number whose rows count nothing.
///   - weights: What each row counts besides, `[batch…]`, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of rows `[batch…]`.
/// - Returns: A scalar, or `[batch…]`; in Float32 where the logits have 16 bits.
public func softmaxFocalLoss(
  _ logits: Tensor, _ labels: Tensor, gamma: Double = 2, classWeights: Tensor? = nil, ignoring: Int? = nil,
  weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.softmaxFocalLoss(logits, labels, gamma, classWeights, ignoring, weights).reduced(reduction)
}

extension LossTerms {
  static func sigmoidFocalLoss(
    _ logits: Tensor, _ labels: Tensor, _ gamma: Double, _ alpha: Double?, _ weights: Tensor?
  ) -> LossTerms {
    let name = "sigmoidFocalLoss"
    if let refusal = refusal(ofExponent: gamma, name) { return refusal }
    if let alpha, !(0...1).contains(alpha) {
      return LossTerms(LayerSite(name).failure("its alpha must lie between 0 and 1, found \(alpha)"))
    }
    return ofElements(name, logits, labels, weights) { logits, labels in
      let type = logits.elementType
      let (isOne, isZero) = (labels, number(1, type) - labels)
      // The probability that the label does not have, without a subtraction from 1.
      let missed = sigmoid(-logits) * isOne + sigmoid(logits) * isZero
      let losses = weighted(isOne, softplus(-logits)) + weighted(isZero, softplus(logits))
      let focused = scaled(losses, by: power(missed, gamma))
      return alpha.map { focused * (isOne * number($0, type) + isZero * number(1 - $0, type)) } ?? focused
    }
  }

  static func softmaxFocalLoss(
    _ logits: Tensor, _ labels: Tensor, _ gamma: Double, _ classWeights: Tensor?, _ ignored: Int?, _ weights: Tensor?
  ) -> LossTerms {
    let name = "softmaxFocalLoss"
    if let refusal = refusal(ofExponent: gamma, name) { return refusal }
    return ofClasses(name, logits, labels, classWeights: classWeights, ignoring: ignored, weights) {
      logits, labels, classWeights in
      let logarithms = logSoftmax(logits)
      switch labels {
      case .numbers(let numbers):
        let losses = focused(numbers.picked(from: logarithms), gamma)
        return classWeights.map { scaled(losses, by: $0.taken(numbers.indices)) } ?? losses
      case .probabilities(let shares):
        let counted = classWeights.map { shares * $0 } ?? shares
        return weighted(counted, focused(logarithms, gamma)).sum(axes: [-1])
      }
    }
  }

  /// −(1 − p)^γ · log p from log p.
  private static func focused(_ logarithms: Tensor, _ gamma: Double) -> Tensor {
    scaled(-logarithms, by: power(-expm1(logarithms), gamma))
  }

  /// A power of a probability; 1, with no derivative, where the exponent is 0.
  private static func power(_ probabilities: Tensor, _ exponent: Double) -> Tensor {
    let type = probabilities.elementType
    if exponent == 0 { return Tensor(repeating: 1, shape: probabilities.shape, type) }
    guard exponent < 1 else { return pow(probabilities, exponent) }
    // The derivative is infinite at 0, where the loss is 0, too: their product would be NaN.
    let isNothing = probabilities .< number(Double(Float.leastNormalMagnitude), type)
    return `where`(isNothing, number(0, type), pow(`where`(isNothing, number(1, type), probabilities), exponent))
  }

  private static func refusal(ofExponent gamma: Double, _ name: String) -> LossTerms? {
    gamma >= 0 && gamma.isFinite
      ? nil : LossTerms(LayerSite(name).failure("its gamma must be 0 or more, found \(gamma)"))
  }
}
