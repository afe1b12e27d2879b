import Descent

extension NamesTests {
  static func losses() -> Values {
    var values: Values = [:]
    let (x, y, p) = (numbers(3, 4), numbers(3, 4, seed: 2), positive(3, 4))
    let (classes, shares) = (indices([1, 3, 0]), softmax(y))
    let classWeights = positive(4)
    values["F.cross_entropy"] = [
      softmaxCrossEntropy(x, classes), softmaxCrossEntropy(x, shares),
      softmaxCrossEntropy(x, indices([1, -100, 0]), classWeights: classWeights, labelSmoothing: 0.1, ignoring: -100),
    ]
    values["F.binary_cross_entropy_with_logits"] = [
      sigmoidCrossEntropy(x, shares), sigmoidCrossEntropy(x, shares, positiveWeights: classWeights),
    ]
    values["F.mse_loss"] = [meanSquaredError(x, y)]
    values["F.l1_loss"] = [meanAbsoluteError(x, y)]
    values["F.huber_loss"] = [huberLoss(x, y), huberLoss(x, y, delta: 0.5)]
    values["F.smooth_l1_loss"] = [huberLoss(x, y), huberLoss(x, y, delta: 0.5) / 0.5]
    values["F.nll_loss"] = [negativeLogLikelihood(logSoftmax(x), classes)]
    values["F.binary_cross_entropy"] = [
      binaryCrossEntropy(shares, sigmoid(x)), binaryCrossEntropy(shares, (x .> 0).converted(to: .float64)),
    ]
    let divergence = kullbackLeiblerDivergence(logSoftmax(x), shares)
    values["F.kl_div"] = [divergence / 4, divergence]
    values["F.poisson_nll_loss"] = [poissonLoss(x, p)]
    values["F.gaussian_nll_loss"] = [
      gaussianLoss(x, y, variances: p), gaussianLoss(x, y, variances: p, epsilon: 1),
    ]
    values["F.cosine_embedding_loss"] = [
      cosineEmbeddingLoss(x, y, isPair: Tensor([true, false, true])),
      cosineEmbeddingLoss(x, y, isPair: Tensor([false, false, true]), margin: 0.2),
    ]
    let far = numbers(3, 4, seed: 3)
    let signs = Tensor(integers: [1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1], shape: [3, 4])
    values["F.margin_ranking_loss"] = [hingeLoss(x - y, signs, margin: 0), hingeLoss(x - y, signs, margin: 0.5)]
    values["F.hinge_embedding_loss"] = [hingeEmbeddingLoss(p, signs)]
    values["F.soft_margin_loss"] = [softMarginLoss(x, signs)]
    values["F.multi_margin_loss"] = [multiMarginLoss(x, classes), multiMarginLoss(x, classes, isSquared: true)]
    values["F.multilabel_soft_margin_loss"] = [sigmoidCrossEntropy(x, shares)]
    values["reduction=\"none\""] = [
      softmaxCrossEntropy(x, classes, reduction: .none), meanSquaredError(x, y, reduction: .none),
    ]
    values["F.triplet_margin_loss"] = [
      tripletMarginLoss(x, y, far), tripletMarginLoss(x, y, far, margin: 2, order: 1),
    ]
    let (logits, symbols) = (numbers(2, 6, 4), indices([1, 2, 2, 3, 1, -1], [2, 3]))
    let one = ctcLoss(logits[..<1], symbols[..<1])
    let other = ctcLoss(logits[1...], symbols[1...])
    values["F.ctc_loss"] = [(one / 3 + other / 2) / 2, ctcLoss(logits, symbols) * 2]
    return values
  }
}
