import DescentLayers
import DescentTensors
import Testing

/// Losses tell mistakes by their own names, whatever they are made of, and carry what came with an operand.
@Suite("names of losses in errors")
struct LossNameTests {
  private typealias Loss = (name: String, function: (Tensor, Tensor) -> Tensor)

  private let losses: [Loss] = [
    ("accuracy", accuracy), ("binaryAccuracy", binaryAccuracy), ("binaryCrossEntropy", binaryCrossEntropy),
    ("ctcLoss", ctcLoss), ("gaussianLoss", { gaussianLoss($0, $1, variances: $0) }),
    ("hingeLoss", hingeLoss), ("huberLoss", huberLoss), ("logCoshLoss", logCoshLoss),
    ("softMarginLoss", softMarginLoss), ("hingeEmbeddingLoss", hingeEmbeddingLoss), ("diceLoss", diceLoss),
    ("sigmoidFocalLoss", sigmoidFocalLoss), ("softmaxFocalLoss", softmaxFocalLoss),
    ("multiMarginLoss", multiMarginLoss), ("cosineLoss", cosineLoss), ("infoNCELoss", infoNCELoss),
    ("kullbackLeiblerDivergence", kullbackLeiblerDivergence), ("meanAbsoluteError", meanAbsoluteError),
    ("meanSquaredError", meanSquaredError), ("negativeLogLikelihood", negativeLogLikelihood),
    ("poissonLoss", poissonLoss), ("sigmoidCrossEntropy", sigmoidCrossEntropy),
    ("softmaxCrossEntropy", softmaxCrossEntropy),
    ("tripletMarginLoss", { tripletMarginLoss($0, $1, $1) }),
    ("cosineEmbeddingLoss", { cosineEmbeddingLoss($0, $1, isPair: Tensor(true)) }),
  ]

  @Test func areTheirOwn() {
    let (numbers, whole) = (Tensor(zeros: [2, 3]), Tensor(integers: [1, 2]))
    for loss in losses {
      for (outputs, targets) in [(whole, whole), (numbers, Tensor(zeros: [5, 7])), (Tensor(1.0), whole)] {
        let error = loss.function(outputs, targets).error
        #expect(error?.operation == loss.name, "\(error.map { "\($0)" } ?? "nothing")")
      }
    }
  }

  @Test func ofOperandsStay() {
    let (numbers, wrong) = (Tensor(zeros: [2, 3]), Tensor([1, 2]) + Tensor([1, 2, 3]))
    for loss in losses {
      #expect(loss.function(wrong, numbers).error?.operation == "+", "\(loss.name)")
      #expect(loss.function(numbers, wrong).error?.operation == "+", "\(loss.name)")
    }
  }
}
