import DescentLayers
import DescentTensors
import Foundation
import Testing

/// Masked classes and forbidden symbols, whose logits are −∞, are everyday input.
@Suite struct InfiniteLogitTests {
  private let forbidden = -Double.infinity

  @Test func maskedClassesWithoutWeightCountNothing() throws {
    let logits = Tensor([[forbidden, 0]])
    for labels in [Tensor([[0, 1]]), Tensor(integers: [1])] {
      let loss = softmaxCrossEntropy(logits, labels)
      #expect(try loss.shape == [] && loss.item() == 0)
      #expect(try gradient(at: logits) { softmaxCrossEntropy($0, labels) }.scalars() == [0, 0])
    }
    #expect(try softmaxCrossEntropy(logits, Tensor([[1, 0]])).item() == .infinity)
    #expect(try negativeLogLikelihood(logits, Tensor([[0, 1]])).item() == 0)
    #expect(try kullbackLeiblerDivergence(logits, Tensor([[0, 1]])).item() == 0)
  }

  /// A weight of 0 has the derivative that any other weight has where the logarithm is finite.
  @Test func weightsOfZeroHaveTheirDerivative() throws {
    let logits = Tensor([[2, 1, 0]], .float64)
    let wanted = try logSoftmax(logits).scalars().map { -$0 }
    let slopes = try gradient(at: Tensor([[0, 1, 0]], .float64)) { softmaxCrossEntropy(logits, $0) }
    try expectClose(slopes.scalars(), wanted)
  }

  @Test func certainEventsCostNothing() throws {
    let logits = Tensor([.infinity, forbidden, .infinity, forbidden])
    let labels = Tensor([1, 0, 0, 1])
    #expect(try sigmoidCrossEntropy(logits[0..<2], labels[0..<2]).item() == 0)
    #expect(try sigmoidCrossEntropy(logits[2..<4], labels[2..<4]).item() == .infinity)
    #expect(try gradient(at: logits) { sigmoidCrossEntropy($0, labels) }.scalars()[0...1] == [0, 0])
    #expect(try poissonLoss(Tensor([forbidden, 0]), Tensor([0, 0])).item() == 0.5)
  }

  @Test func derivativesWithRespectToLabelsHoldAtTheirEnds() throws {
    let p = Tensor([0.25, 0.25], .float64)
    let slopes = try gradient(at: Tensor([0, 1], .float64)) { binaryCrossEntropy(p, $0) }
    // Half of −log p + log(1 − p) each.
    let wanted = (-log(0.25) + log(0.75)) / 2
    try expectClose(slopes.scalars(), [wanted, wanted])
    #expect(abs(wanted - 0.5493) < 1e-4)
  }

  @Test func forbiddenSymbolsLeaveTheOthers() throws {
    // Two steps of three symbols; the second symbol is forbidden, the label is the first.
    let logits = Tensor([0, 0, forbidden, 0, 0, forbidden], shape: [1, 2, 3], .float64)
    let labels = Tensor(integers: [1], shape: [1, 1])
    // Of the four pairs of blank and symbol three spell the label.
    let loss = ctcLoss(logits, labels)
    try expectClose([loss.item()], [-log(0.75)])
    let slopes = try gradient(at: logits) { ctcLoss($0, labels) }.scalars()
    #expect(slopes.allSatisfy(\.isFinite) && slopes[2] == 0 && slopes[5] == 0)
    #expect(slopes[1] < 0 && slopes[0] > 0)
  }
}
