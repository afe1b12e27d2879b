import DescentGraph
import DescentTensors

extension LossTerms {
  /// The terms of a loss of rows of logits and their classes.
  ///
  /// - Parameters:
  ///   - name: The loss, for errors.
  ///   - logits: `[batch…, classes]`.
  ///   - labels: Class numbers `[batch…]`, or probabilities `[batch…, classes]`.
  ///   - classWeights: What each class counts `[classes]`: a row counts as much as its class, or Σ t · w of its
  ///     probabilities.
  ///   - ignored: A class number whose rows count nothing.
  ///   - weights: What each row counts besides.
  ///   - smoothing: The share of each label that is spread over all classes, where the loss is the cross-entropy of softmax
  ///     probabilities.
  ///   - body: The losses of rows before they are weighted.
  static func ofClasses(
    _ name: String, _ logits: Tensor, _ labels: Tensor, classWeights: Tensor?, ignoring ignored: Int?,
    _ weights: Tensor?, smoothing: Double? = nil,
    _ body: (_ logits: Tensor, _ labels: ClassLabels, _ classWeights: Tensor?) -> Tensor
  ) -> LossTerms {
    LossTerms(name) {
      let (logits, labels) = try ClassLabels.matched(name, logits, labels, ignoring: ignored)
      let classes = logits.shape[-1]
      let importance = try classWeights.map { try Self.classWeights($0, classes, logits.elementType, name) }
      let rows = logits.shape.removing(axes: [logits.rank - 1])
      switch labels {
      case .probabilities(let shares):
        return try weighed(name, [logits, shares], rows, by: weights) { kept in
          let labels = ClassLabels.probabilities(kept[1])
          let predicted = smoothing.map { PredictedTargets.softmax(labels, importance, smoothing: $0) }
          return PredictedTargets.probed(kept[0], predicted, kept[1]) { body($0, labels, importance) }
        }.counting(importance.map { (shares * $0).sum(axes: [-1]) }, weights)
      case .numbers(let numbers):
        let own = importance.map { $0.taken(numbers.indices) }
        let mask = try Self.joined(numbers.isCounted, weights, rows, name)
        return try weighed(name, [logits], rows, by: mask) { kept in
          let labels = ClassLabels.numbers(numbers)
          let predicted = smoothing.map { PredictedTargets.softmax(labels, importance, smoothing: $0) }
          return PredictedTargets.probed(kept[0], predicted, kept[0]) { body($0, labels, importance) }
        }
        .counting(own, mask)
      }
    }
  }

  /// What rows count that have both a mask of the loss's own and weights of the user's.
  private static func joined(
    _ isCounted: Tensor?, _ weights: Tensor?, _ rows: Shape, _ name: String
  ) throws -> Tensor? {
    guard let isCounted, let weights else { return isCounted ?? weights }
    let aligned = try LossWeights(weights, for: rows, of: name).numbers.broadcast(to: rows)
    return aligned.elementType == .bool
      ? aligned .& isCounted : `where`(isCounted, aligned, number(0, aligned.elementType))
  }

  /// The same losses, in whose mean each counts as much as its class does, too: the losses have been multiplied by that
  /// already.
  private func counting(_ classes: Tensor?, _ given: Tensor?) -> LossTerms {
    guard let classes else { return self }
    guard given != nil, let weights else { return LossTerms(losses, weights: classes) }
    return LossTerms(losses, weights: Self.scaled(classes, by: weights))
  }

  private static func classWeights(
    _ weights: Tensor, _ classes: Int, _ elementType: ElementType, _ name: String
  ) throws -> Tensor {
    if let error = weights.error { throw error }
    guard weights.shape == [classes] else {
      throw TensorError(name, "\(classes) classes take class weights [\(classes)], found \(weights.shape)")
    }
    return weights.converted(to: elementType)
  }

  /// The cross-entropy of rows, from logarithms of probabilities but for a number that each row subtracts from them.
  ///
  /// - Parameters:
  ///   - logits: `[batch…, classes]`.
  ///   - shift: What is subtracted from them for numerical stability `[batch…, 1]`; `nil` for nothing.
  ///   - normalizer: What is to be subtracted `[batch…]`; `nil` for nothing.
  ///   - labelSmoothing: The share of each label that is spread over all classes.
  /// - Returns: Σ w · t · (normalizer − (logit − shift)) `[batch…]`.
  static func crossEntropy(
    _ logits: Tensor, less shift: Tensor?, _ normalizer: Tensor?, _ labels: ClassLabels, _ classWeights: Tensor?,
    labelSmoothing: Double
  ) -> Tensor {
    let elementType = logits.elementType
    let classes = logits.shape[-1]
    let logarithms = shift.map { logits - $0 } ?? logits
    let spread = labelSmoothing / Double(classes)
    switch labels {
    case .numbers(let numbers):
      // From the logits as they are, so that what is subtracted from all of them need not be kept.
      let element = numbers.picked(from: logits)
      let picked = shift.map { element - $0.squeezed(axes: [-1]) } ?? element
      var losses = normalizer.map { $0 - picked } ?? -picked
      if let classWeights { losses = scaled(losses, by: classWeights.taken(numbers.indices)) }
      guard labelSmoothing > 0 else { return losses }
      let even = classWeights ?? Tensor(repeating: 1, shape: [classes], elementType)
      let all = crossEntropy(logarithms, normalizer, shares: even.broadcast(to: logarithms.shape))
      return number(1 - labelSmoothing, elementType) * losses + number(spread, elementType) * all
    case .probabilities(var shares):
      if labelSmoothing > 0 {
        shares = shares * number(1 - labelSmoothing, elementType) + number(spread, elementType)
      }
      if let classWeights { shares = shares * classWeights }
      return crossEntropy(logarithms, normalizer, shares: shares)
    }
  }

  /// Σ share · (normalizer − logarithm) of each row.
  private static func crossEntropy(_ logarithms: Tensor, _ normalizer: Tensor?, shares: Tensor) -> Tensor {
    let products = weighted(shares, logarithms).sum(axes: [-1])
    return normalizer.map { $0 * shares.sum(axes: [-1]) - products } ?? -products
  }

  /// The error of a share of labels that is none; `nil` where it is one.
  static func refusal(ofSmoothing share: Double, _ name: String) -> LossTerms? {
    (0...1).contains(share)
      ? nil : LossTerms(LayerSite(name).failure("its label smoothing must lie between 0 and 1, found \(share)"))
  }
}
