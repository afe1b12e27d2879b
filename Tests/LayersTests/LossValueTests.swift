import DescentLayers
import DescentTensors
import Foundation
import Testing

/// Losses and their gradients in all reductions against PyTorch's, which scripts/loss-values.py stored.
@Suite("losses against PyTorch")
struct LossValueTests {
  /// A loss of the operand, as the script has it.
  typealias Case = @Sendable (_ operand: Tensor, _ reduction: Reduction) -> Tensor

  struct Stored: CustomTestStringConvertible {
    let name: String
    let reduction: Reduction
    let value: [Double]
    let gradient: [Double]

    var testDescription: String { "\(name), \(reduction)" }
  }

  static let stored = storedLosses.split(separator: "\n").map { line in
    let parts = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    let numbers = parts[2...].map { $0.split(separator: " ").compactMap { Double($0) } }
    return Stored(
      name: parts[0], reduction: Reduction(rawValue: parts[1]) ?? .mean, value: numbers[0], gradient: numbers[1])
  }

  static let (x, y, z) = (sample([4, 5]), sample([4, 5], seed: 2), sample([4, 5], seed: 3))
  static let labels = Tensor(integers: [1, 4, 0, 2])
  static let ignoring = Tensor(integers: [1, -100, 0, 2])
  static let shares = softmax(y)
  static let hard = y .> 0
  static let signs = `where`(y .> 0, 1.0, -Tensor(ones: [4, 5], .float64))
  static let classWeights = Tensor([1, 0.5, 2, 0.25, 3])
  static let isPair = Tensor([true, false, true, false])
  static let counts = floor(4.0 * abs(y))
  static let symbols = Tensor(integers: [1, 2, 2, 3, 1, -1, 2, -1, -1], shape: [3, 3])

  /// The operand of a case and its loss.
  static let cases: [String: (Tensor, Case)] = {
    var all: [String: (Tensor, Case)] = [:]
    all["softmaxCrossEntropy numbers"] = (x, { softmaxCrossEntropy($0, labels, reduction: $1) })
    all["softmaxCrossEntropy shares"] = (x, { softmaxCrossEntropy($0, shares, reduction: $1) })
    all["softmaxCrossEntropy weights"] = (
      x, { softmaxCrossEntropy($0, labels, classWeights: classWeights, reduction: $1) }
    )
    all["softmaxCrossEntropy smoothing"] = (x, { softmaxCrossEntropy($0, labels, labelSmoothing: 0.1, reduction: $1) })
    all["softmaxCrossEntropy smoothing shares"] = (
      x, { softmaxCrossEntropy($0, shares, labelSmoothing: 0.1, reduction: $1) }
    )
    all["softmaxCrossEntropy ignoring"] = (x, { softmaxCrossEntropy($0, ignoring, ignoring: -100, reduction: $1) })
    all["softmaxCrossEntropy all"] = (
      x,
      {
        softmaxCrossEntropy(
          $0, ignoring, classWeights: classWeights, labelSmoothing: 0.2, ignoring: -100, reduction: $1)
      }
    )
    all["negativeLogLikelihood weights"] = (
      x,
      { negativeLogLikelihood(logSoftmax($0), ignoring, classWeights: classWeights, ignoring: -100, reduction: $1) }
    )
    all["sigmoidCrossEntropy"] = (x, { sigmoidCrossEntropy($0, shares, reduction: $1) })
    all["sigmoidCrossEntropy positive"] = (
      x, { sigmoidCrossEntropy($0, hard, positiveWeights: classWeights, reduction: $1) }
    )
    all["binaryCrossEntropy"] = (sigmoid(x), { binaryCrossEntropy($0, hard, reduction: $1) })
    all["sigmoidFocalLoss"] = (x, { sigmoidFocalLoss($0, hard, reduction: $1) })
    all["sigmoidFocalLoss alpha"] = (x, { sigmoidFocalLoss($0, hard, gamma: 1.5, alpha: 0.25, reduction: $1) })
    all["softmaxFocalLoss"] = (x, { softmaxFocalLoss($0, labels, reduction: $1) })
    all["meanSquaredError"] = (x, { meanSquaredError($0, y, reduction: $1) })
    all["meanAbsoluteError"] = (x, { meanAbsoluteError($0, y, reduction: $1) })
    all["huberLoss"] = (x, { huberLoss($0, y, delta: 0.5, reduction: $1) })
    all["logCoshLoss"] = (x, { logCoshLoss($0, y, reduction: $1) })
    all["hingeLoss"] = (x, { hingeLoss($0, signs, reduction: $1) })
    all["hingeLoss ranking"] = (x, { hingeLoss($0 - z, signs, margin: 0.3, reduction: $1) })
    all["softMarginLoss"] = (x, { softMarginLoss($0, signs, reduction: $1) })
    all["hingeEmbeddingLoss"] = (abs(x), { hingeEmbeddingLoss($0, signs, margin: 0.7, reduction: $1) })
    all["multiMarginLoss"] = (x, { multiMarginLoss($0, labels, reduction: $1) })
    all["multiMarginLoss squared"] = (
      x, { multiMarginLoss($0, labels, margin: 0.5, isSquared: true, reduction: $1) }
    )
    all["kullbackLeiblerDivergence"] = (x, { kullbackLeiblerDivergence(logSoftmax($0), shares, reduction: $1) })
    all["kullbackLeiblerDivergence logarithms"] = (
      x,
      { kullbackLeiblerDivergence(logSoftmax($0), log(shares), targetsAreLogarithms: true, reduction: $1) }
    )
    all["poissonLoss"] = (x, { poissonLoss($0, counts, reduction: $1) })
    all["poissonLoss rates"] = (exp(x), { poissonLoss($0, counts, ratesAreLogarithms: false, reduction: $1) })
    all["poissonLoss constant"] = (x, { poissonLoss($0, counts, includingConstant: true, reduction: $1) })
    all["gaussianLoss"] = (
      x, { gaussianLoss($0, y, variances: abs(z) + 0.1, includingConstant: true, reduction: $1) }
    )
    all["cosineLoss"] = (x, { cosineLoss($0, y, reduction: $1) })
    all["cosineEmbeddingLoss"] = (x, { cosineEmbeddingLoss($0, y, isPair: isPair, margin: 0.1, reduction: $1) })
    all["tripletMarginLoss"] = (x, { tripletMarginLoss($0, y, z, margin: 2, reduction: $1) })
    all["tripletMarginLoss swapping"] = (
      x, { tripletMarginLoss($0, y, z, margin: 2, isSwapping: true, reduction: $1) }
    )
    all["infoNCELoss"] = (x, { infoNCELoss($0, y, reduction: $1) })
    all["infoNCELoss symmetric"] = (x, { infoNCELoss($0, y, temperature: 0.5, isSymmetric: true, reduction: $1) })
    let isThere = sample([2, 3, 2, 2], seed: 2) .> 0
    all["diceLoss"] = (sigmoid(sample([2, 3, 2, 2])), { diceLoss($0, isThere, reduction: $1) })
    let lengths = Tensor(integers: [6, 5, 3])
    all["ctcLoss"] = (sample([3, 6, 4]), { ctcLoss($0, symbols, inputLengths: lengths, reduction: $1) })
    return all
  }()

  @Test func everyCaseIsStored() {
    #expect(Set(Self.cases.keys) == Set(Self.stored.map(\.name)))
    #expect(Self.stored.count == 3 * Self.cases.count)
  }

  @Test(arguments: stored) func agrees(_ stored: Stored) throws {
    let (operand, loss) = try #require(Self.cases[stored.name])
    let found = loss(operand, stored.reduction)
    try expectClose(found.scalars(), stored.value, within: 1e-12)
    #expect(found.rank == 0 || stored.reduction == .none)
    let factors = Tensor((1...max(1, found.count)).map(Double.init), shape: found.shape, .float64)
    let slope = try gradient(at: operand) { (loss($0, stored.reduction) * factors).sum() }
    try expectClose(slope.scalars(), stored.gradient, within: 1e-11)
  }

  /// The same from 16 bits is computed and given in Float32.
  @Test(arguments: cases.keys.filter { $0 != "hingeLoss ranking" }.sorted()) func ofNarrowNumbersIsWide(_ name: String)
    throws
  {
    let (operand, loss) = try #require(Self.cases[name])
    let narrow = operand.converted(to: .bfloat16)
    let found = loss(narrow, .mean)
    #expect(found.elementType == .float32)
    let wanted = try loss(narrow.converted(to: .float64), .mean).item()
    // Operands that the case makes of the narrow one are rounded to it.
    let isExact = !["negativeLogLikelihood", "kullback"].contains { name.hasPrefix($0) }
    try expectClose([found.item()], [wanted], within: isExact ? 1e-5 : 3e-2)
  }
}
