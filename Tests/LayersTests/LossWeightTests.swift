import DescentLayers
import DescentTensors
import Foundation
import Testing

/// Weights, masks and reductions, which all losses take alike.
@Suite("weights of losses")
struct LossWeightTests {
  typealias Case = @Sendable (_ operand: Tensor, _ weights: Tensor?, _ reduction: Reduction) -> Tensor

  private static let (y, z) = (sample([4, 5], seed: 2), sample([4, 5], seed: 3))
  private static let labels = Tensor(integers: [1, 4, 0, 2])
  private static let signs = `where`(y .> 0, 1.0, -Tensor(ones: [4, 5], .float64))

  /// Losses of an operand `[4, 5]`: of elements, or of rows.
  static let losses: [String: Case] = {
    var all: [String: Case] = [:]
    all["softmaxCrossEntropy"] = { softmaxCrossEntropy($0, labels, weights: $1, reduction: $2) }
    all["softmaxCrossEntropy shares"] = { softmaxCrossEntropy($0, softmax(y), weights: $1, reduction: $2) }
    all["negativeLogLikelihood"] = { negativeLogLikelihood($0, labels, weights: $1, reduction: $2) }
    all["softmaxFocalLoss"] = { softmaxFocalLoss($0, labels, weights: $1, reduction: $2) }
    all["multiMarginLoss"] = { multiMarginLoss($0, labels, weights: $1, reduction: $2) }
    all["sigmoidCrossEntropy"] = { sigmoidCrossEntropy($0, y .> 0, weights: $1, reduction: $2) }
    all["sigmoidFocalLoss"] = { sigmoidFocalLoss($0, y .> 0, weights: $1, reduction: $2) }
    all["binaryCrossEntropy"] = { binaryCrossEntropy(sigmoid($0), y .> 0, weights: $1, reduction: $2) }
    all["meanSquaredError"] = { meanSquaredError($0, y, weights: $1, reduction: $2) }
    all["meanAbsoluteError"] = { meanAbsoluteError($0, y, weights: $1, reduction: $2) }
    all["huberLoss"] = { huberLoss($0, y, weights: $1, reduction: $2) }
    all["logCoshLoss"] = { logCoshLoss($0, y, weights: $1, reduction: $2) }
    all["hingeLoss"] = { hingeLoss($0, signs, weights: $1, reduction: $2) }
    all["softMarginLoss"] = { softMarginLoss($0, signs, weights: $1, reduction: $2) }
    all["hingeEmbeddingLoss"] = { hingeEmbeddingLoss($0, signs, weights: $1, reduction: $2) }
    all["kullbackLeiblerDivergence"] = { kullbackLeiblerDivergence($0, softmax(y), weights: $1, reduction: $2) }
    all["poissonLoss"] = { poissonLoss($0, abs(y), weights: $1, reduction: $2) }
    all["gaussianLoss"] = { gaussianLoss($0, y, variances: abs(z) + 0.1, weights: $1, reduction: $2) }
    all["cosineLoss"] = { cosineLoss($0, y, weights: $1, reduction: $2) }
    let isPair = Tensor([true, false, true, false])
    all["cosineEmbeddingLoss"] = { cosineEmbeddingLoss($0, y, isPair: isPair, weights: $1, reduction: $2) }
    all["tripletMarginLoss"] = { tripletMarginLoss($0, y, z, margin: 2, weights: $1, reduction: $2) }
    all["infoNCELoss"] = { infoNCELoss($0, y, weights: $1, reduction: $2) }
    all["diceLoss"] = { operand, weights, reduction in
      let pictures = operand.reshaped([4, 5, 1])
      return diceLoss(sigmoid(pictures), (y .> 0).reshaped([4, 5, 1]), weights: weights, reduction: reduction)
    }
    let symbols = Tensor(integers: [1, -1, 2, 3, 4, -1, 1, 2], shape: [4, 2])
    all["ctcLoss"] = { operand, weights, reduction in
      let steps = concatenated([operand.expanded(axis: 1), 2.0 * operand.expanded(axis: 1)], axis: 1)
      return ctcLoss(steps, symbols, weights: weights, reduction: reduction)
    }
    return all
  }()

  @Test(arguments: losses.keys.sorted()) func ofRowsAndMasks(_ name: String) throws {
    let loss = try #require(Self.losses[name])
    let x = sample([4, 5])
    let plain = loss(x, nil, .none)
    let rows = try plain.scalars()
    let width = rows.count / 4
    let weights = [2, 0, 0.5, 1.0]
    let wanted = rows.enumerated().map { $1 * weights[$0 / width] }
    let given = Tensor(weights, .float64)
    try expectClose(loss(x, given, .none).scalars(), wanted)
    try expectClose([loss(x, given, .sum).item()], [wanted.reduce(0, +)])
    try expectClose([loss(x, given, .mean).item()], [wanted.reduce(0, +) / (3.5 * Double(width))])
    try expectClose([loss(x, nil, .mean).item()], [rows.reduce(0, +) / Double(rows.count)])
    let mask = Tensor([true, false, false, true])
    let kept = rows.enumerated().filter { [0, 3].contains($0.offset / width) }.map(\.element)
    try expectClose([loss(x, mask, .mean).item()], [kept.reduce(0, +) / Double(kept.count)])
    try expectGradient(of: [x]) { loss($0[0], given, .mean) }
    // Nothing counts.
    let none = Tensor([false, false, false, false])
    #expect(try loss(x, none, .mean).item() == 0)
    #expect(try gradient(at: x) { loss($0, none, .mean) }.scalars().allSatisfy { $0 == 0 })
    #expect(fault(of: loss(x, Tensor([1.0, 2, 3]), .mean)).contains("take weights of this shape"))
  }

  /// What is masked has no say, even where it is not a number.
  @Test(arguments: losses.keys.sorted()) func whatIsMaskedMayBeAnything(_ name: String) throws {
    let loss = try #require(Self.losses[name])
    let x = sample([4, 5])
    let mask = Tensor([true, false, true, false])
    // In these cases a sigmoid stands before the loss, whose derivative at NaN is NaN.
    let isBehindSigmoid = ["binaryCrossEntropy", "diceLoss"].contains(name)
    for filling in [Double.nan, .infinity, -.infinity] where !(isBehindSigmoid && filling.isNaN) {
      let poisoned = `where`(mask.expanded(axis: -1).broadcast(to: x.shape), x, filling)
      // InfoNCE looks at all keys, which are not masked here.
      try expectClose([loss(poisoned, mask, .mean).item()], [loss(x, mask, .mean).item()])
      let slope = try gradient(at: poisoned) { loss($0, mask, .mean) }
      try expectClose(slope.scalars(), gradient(at: x) { loss($0, mask, .mean) }.scalars())
    }
  }

  @Test func ofElements() throws {
    let (x, y) = (Tensor([[1, 2], [3, 4]], .float64), Tensor(zeros: [2, 2], .float64))
    let weights = Tensor([[1, 0], [3, 0.5]])
    try expectClose([meanSquaredError(x, y, weights: weights).item()], [(1 + 27 + 8) / 4.5])
    try expectClose([meanSquaredError(x, y, weights: Tensor([[1.0, 3]])).item()], [(1 + 12 + 9 + 48) / 8.0])
    try expectClose([meanSquaredError(x, y, weights: Tensor(2.0)).item()], [7.5])
    try expectClose([meanSquaredError(x, y, weights: x .> 2, reduction: .sum).item()], [25])
    let wrong = Tensor([1, 2]) + Tensor([1, 2, 3])
    #expect(meanSquaredError(x, y, weights: wrong).error?.operation == "+")
    #expect(
      fault(of: softmaxCrossEntropy(x, y, classWeights: Tensor([1.0]))).contains("2 classes take class weights [2]"))
  }

  @Test func ignoredLabels() throws {
    let logits = sample([3, 4])
    let labels = Tensor(integers: [2, -1, 7], .int64)
    #expect(fault(of: softmaxCrossEntropy(logits, labels, ignoring: -1)).contains("the label 7 at [2] lies outside"))
    #expect(fault(of: softmaxCrossEntropy(logits, labels, ignoring: 7)).contains("the label -1 at [1] lies outside"))
    let known = Tensor(integers: [2, -1, 1], .int64)
    let mask = Tensor([true, false, true])
    let valid = Tensor(integers: [2, 0, 1], .int64)
    try expectClose(
      [softmaxCrossEntropy(logits, known, ignoring: -1).item()],
      [softmaxCrossEntropy(logits, valid, weights: mask).item()])
    // With weights besides, those of both count.
    let weights = Tensor([1, 5, 3], .float64)
    try expectClose(
      [softmaxCrossEntropy(logits, known, ignoring: -1, weights: weights).item()],
      [softmaxCrossEntropy(logits, valid, weights: weights * mask.converted(to: .float64)).item()])
    // A class can be ignored, too, and labels may be computed.
    let all = softmaxCrossEntropy(logits, valid + Tensor(integers: [0, 0, 0], .int64), ignoring: 2)
    try expectClose([all.item()], [softmaxCrossEntropy(logits[1...], valid[1...]).item()])
    let none = Tensor(integers: [-1, -1, -1])
    #expect(try softmaxCrossEntropy(logits, none, ignoring: -1).item() == 0)
    #expect(try gradient(at: logits) { softmaxCrossEntropy($0, none, ignoring: -1) }.scalars().allSatisfy { $0 == 0 })
    #expect(fault(of: softmaxCrossEntropy(logits, softmax(logits), ignoring: 1)).contains("takes class numbers"))
    #expect(fault(of: softmaxCrossEntropy(logits, valid, labelSmoothing: 2)).contains("between 0 and 1"))
    // Compiled, where the labels are an argument.
    let function = compiled { (logits: Tensor, labels: Tensor) in softmaxCrossEntropy(logits, labels, ignoring: -1)
    }
    try expectClose([function(logits, known).item()], [softmaxCrossEntropy(logits, known, ignoring: -1).item()])
    #expect(throws: TensorError.self) { try function(logits, labels) }
  }

  @Test func classesThatAreProbabilitiesCountLikeTheirNumbers() throws {
    let (logits, labels) = (sample([3, 4]), Tensor(integers: [2, 0, 3]))
    let oneHot = labels.oneHot(count: 4, .float64)
    let classWeights = Tensor([1, 0, 2.5, 3])
    let weights = Tensor([1, 2, 0.5])
    for reduction in [Reduction.mean, .sum] {
      for smoothing in [0, 0.3] {
        let ofNumbers = softmaxCrossEntropy(
          logits, labels, classWeights: classWeights, labelSmoothing: smoothing, weights: weights,
          reduction: reduction)
        let ofShares = softmaxCrossEntropy(
          logits, oneHot, classWeights: classWeights, labelSmoothing: smoothing, weights: weights,
          reduction: reduction)
        try expectClose([ofNumbers.item()], [ofShares.item()])
      }
    }
  }

  @Test func extremes() throws {
    let (far, labels) = (Tensor([[1e30, -1e30], [.infinity, 0]]), Tensor(integers: [1, 0], shape: [2, 1]))
    #expect(try sigmoidFocalLoss(Tensor([1e4, -1e4]), Tensor(integers: [1, 0])).item() == 0)
    #expect(try sigmoidFocalLoss(Tensor([1e4, -1e4]), Tensor(integers: [0, 1])).item() == 1e4)
    let slope = try gradient(at: Tensor([1e4, -1e4, 0])) { sigmoidFocalLoss($0, Tensor(integers: [1, 0, 1])) }
    #expect(try slope.scalars().allSatisfy(\.isFinite))
    #expect(try softmaxFocalLoss(Tensor([[1e4, 0]]), Tensor(integers: [0])).item() == 0)
    #expect(try softmaxFocalLoss(Tensor([[0, -.infinity]]), Tensor(integers: [0])).item() == 0)
    #expect(try logCoshLoss(Tensor([1e30]), Tensor([0.0])).item() == Double(Float(1e30)))
    #expect(try logCoshLoss(Tensor([.infinity]), Tensor([0.0])).item() == .infinity)
    try expectClose(
      hessian(at: Tensor([0], .float64)) { logCoshLoss($0, Tensor([0.0])) }.scalars(), [1])
    #expect(try binaryCrossEntropy(Tensor([0, 1.0]), Tensor(integers: [0, 1])).item() == 0)
    #expect(try poissonLoss(Tensor([0.0]), Tensor(integers: [0]), ratesAreLogarithms: false).item() == 0)
    #expect(try poissonLoss(Tensor([0.0]), Tensor(integers: [2]), ratesAreLogarithms: false).item() == .infinity)
    #expect(try softMarginLoss(far[0].expanded(axis: -1), labels.converted(to: .float32)).item().isFinite)
    let nothing = Tensor(zeros: [1, 3, 1])
    #expect(try diceLoss(nothing, nothing).item() == 0)
    #expect(try cosineLoss(Tensor([[3, 0]]), Tensor([[5, 0]])).item() == 0)
  }

  @Test func mistakes() throws {
    let x = sample([2, 3])
    #expect(fault(of: sigmoidCrossEntropy(x, x, positiveWeights: Tensor([1.0, 2]))).contains("of their last axis"))
    #expect(fault(of: sigmoidFocalLoss(x, x, alpha: 2)).contains("between 0 and 1"))
    #expect(fault(of: softmaxFocalLoss(x, x, gamma: -1)).contains("must be 0 or more"))
    #expect(fault(of: multiMarginLoss(x, x)).contains("takes class numbers"))
    #expect(fault(of: infoNCELoss(x, x, temperature: 0)).contains("must be positive"))
    #expect(fault(of: infoNCELoss(x, x[..<1])).contains("at least as many keys"))
    #expect(fault(of: infoNCELoss(x[..<1], x, isSymmetric: true)).contains("as many keys"))
    #expect(fault(of: diceLoss(x, x)).contains("[batch, places…, channels]"))
    #expect(fault(of: diceLoss(sample([1, 2, 3]), sample([1, 2, 3]), smoothing: 0)).contains("must be positive"))
    let logits = sample([2, 3, 4])
    let lengths = Tensor(integers: [3])
    #expect(
      fault(of: ctcLoss(logits, Tensor(integers: [1, 1], shape: [2, 1]), inputLengths: lengths)).contains(
        "integer input lengths [2]"))
  }
}
