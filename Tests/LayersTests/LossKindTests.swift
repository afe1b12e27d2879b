import DescentLayers
import DescentTensors
import Testing

/// Losses as values.
@Suite("losses as values")
struct LossKindTests {
  private let x = sample([4, 3])
  private let y = sample([4, 3], seed: 2)
  private let labels = Tensor(integers: [0, 2, 1, 1])

  @Test func printTheirSettings() {
    #expect("\(Loss.softmaxCrossEntropy())" == "softmaxCrossEntropy")
    let loss = Loss.softmaxCrossEntropy(classWeights: Tensor([1, 2.5]), labelSmoothing: 0.1, ignoring: -1)
    #expect("\(loss)" == "softmaxCrossEntropy(classWeights: [1.0, 2.5], labelSmoothing: 0.1, ignoring: -1)")
    #expect(loss.name == "softmaxCrossEntropy")
    #expect("\(Loss.sigmoidFocalLoss(gamma: 3, alpha: 0.25))" == "sigmoidFocalLoss(gamma: 3.0, alpha: 0.25)")
    #expect("\(Loss.sigmoidCrossEntropy(positiveWeights: Tensor(ones: [50])))".contains("positiveWeights: [50]"))
    #expect("\(Loss("mine") { $0 - $1 })" == "mine")
  }

  @Test func areTheirFunctions() throws {
    let weights = Tensor([1, 0, 2, 0.5], .float64)
    let (isOne, signs) = (y .> 0, sign(y))
    let shares = softmax(y)
    let pairs: [(Loss, Tensor, Tensor)] = [
      (
        .softmaxCrossEntropy(labelSmoothing: 0.1), labels,
        softmaxCrossEntropy(x, labels, labelSmoothing: 0.1, weights: weights)
      ),
      (
        .sigmoidCrossEntropy(labelSmoothing: 0.2), isOne,
        sigmoidCrossEntropy(x, isOne, labelSmoothing: 0.2, weights: weights)
      ),
      (.sigmoidFocalLoss(gamma: 1), isOne, sigmoidFocalLoss(x, isOne, gamma: 1, weights: weights)),
      (.softmaxFocalLoss(gamma: 1), labels, softmaxFocalLoss(x, labels, gamma: 1, weights: weights)),
      (.negativeLogLikelihood(ignoring: 2), labels, negativeLogLikelihood(x, labels, ignoring: 2, weights: weights)),
      (.kullbackLeiblerDivergence(), shares, kullbackLeiblerDivergence(x, shares, weights: weights)),
      (.meanSquaredError(), y, meanSquaredError(x, y, weights: weights)),
      (.meanAbsoluteError(), y, meanAbsoluteError(x, y, weights: weights)),
      (.huberLoss(delta: 0.2), y, huberLoss(x, y, delta: 0.2, weights: weights)),
      (.logCoshLoss(), y, logCoshLoss(x, y, weights: weights)),
      (.poissonLoss(includingConstant: true), isOne, poissonLoss(x, isOne, includingConstant: true, weights: weights)),
      (
        .hingeLoss(margin: 2, isSquared: true), signs, hingeLoss(x, signs, margin: 2, isSquared: true, weights: weights)
      ),
      (.softMarginLoss(), signs, softMarginLoss(x, signs, weights: weights)),
      (.hingeEmbeddingLoss(margin: 2), signs, hingeEmbeddingLoss(x, signs, margin: 2, weights: weights)),
      (.multiMarginLoss(margin: 2), labels, multiMarginLoss(x, labels, margin: 2, weights: weights)),
      (.cosineLoss(), y, cosineLoss(x, y, weights: weights)),
      (.infoNCELoss(temperature: 1), y, infoNCELoss(x, y, temperature: 1, weights: weights)),
    ]
    for (loss, targets, wanted) in pairs {
      try expectClose([loss(x, targets, weights: weights).item()], [wanted.item()])
      let totals = loss.totals(x, targets, weights: weights)
      try expectClose([totals.losses.item() / totals.weights.item()], [wanted.item()])
    }
    let chances = sigmoid(x)
    try expectClose([Loss.binaryCrossEntropy()(chances, isOne).item()], [binaryCrossEntropy(chances, isOne).item()])
    let (pictures, isThere) = (chances.reshaped([2, 3, 2]), isOne.reshaped([2, 3, 2]))
    try expectClose(
      [Loss.diceLoss(smoothing: 0.1)(pictures, isThere).item()], [diceLoss(pictures, isThere, smoothing: 0.1).item()])
    let (logits, symbols) = (sample([2, 4, 3]), Tensor(integers: [0, 1], shape: [2, 1]))
    try expectClose([Loss.ctcLoss(blank: 2)(logits, symbols).item()], [ctcLoss(logits, symbols, blank: 2).item()])
  }

  @Test func ofOnesOwn() throws {
    let rows = Loss("rows") { square($0 - $1).sum(axes: 1) }
    let whole = Loss("whole") { square($0 - $1).sum(axes: 1).mean() }
    let wanted = try square(x - y).sum(axes: 1).scalars()
    try expectClose([rows(x, y).item(), whole(x, y).item()], [Double](repeating: wanted.reduce(0, +) / 4, count: 2))
    try expectClose(rows(x, y, reduction: .none).scalars(), wanted)
    let mask = Tensor([true, false, false, true])
    try expectClose([rows(x, y, weights: mask).item()], [(wanted[0] + wanted[3]) / 2])
    #expect(fault(of: whole(x, y, weights: mask)).contains("gives one number for a batch"))
    for loss in [rows, whole] {
      let totals = loss.totals(x, y)
      try expectClose([totals.losses.item(), totals.weights.item()], [wanted.reduce(0, +), 4])
    }
    let failing = Loss("failing") { _, _ in throw TensorError("failing", "does not want to") }
    #expect(fault(of: failing(x, y)).contains("does not want to"))
    #expect(failing.totals(x, y).losses.error != nil)
  }
}
