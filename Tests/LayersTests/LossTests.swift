import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import Testing

@Suite struct LossTests {
  @Test func softmaxCrossEntropyIsTheMeanOfItsRows() throws {
    let logits = Tensor([[1, 2, 3], [0, 0, 0]], .float64)
    let total = (exp(1.0) + exp(2.0) + exp(3.0))
    let wanted = (log(total) - 1 + log(3.0)) / 2
    for type in [ElementType.int8, .uint8, .int32, .int64, .uint64] {
      try expectClose([softmaxCrossEntropy(logits, Tensor(integers: [0, 2], type)).item()], [wanted])
    }
    let oneHot = Tensor([[1, 0, 0], [0, 0, 1]])
    try expectClose([softmaxCrossEntropy(logits, oneHot).item()], [wanted])
    let soft = Tensor([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]], .float64)
    try expectClose([softmaxCrossEntropy(logits, soft).item()], [(log(total) - 1.75 + log(3.0)) / 2])
  }

  @Test func softmaxCrossEntropyHasRightDerivatives() throws {
    let labels = Tensor(integers: [2, 0, 1, 1, 3, 0], shape: [2, 3])
    try expectGradient(of: [sample([2, 3, 4])]) { softmaxCrossEntropy($0[0], labels) }
    let soft = softmax(sample([5, 4], seed: 3))
    try expectGradient(of: [sample([5, 4])]) { softmaxCrossEntropy($0[0], soft) }
  }

  @Test func largeLogitsStayFinite() throws {
    let logits = Tensor([[1e4, -1e4, 0], [-1e4, -1e4, 1e4]])
    let labels = Tensor(integers: [0, 2])
    #expect(try softmaxCrossEntropy(logits, labels).item() == 0)
    #expect(try softmaxCrossEntropy(logits, Tensor(integers: [1, 2])).item() == 1e4)
    let slope = try gradient(at: logits) { softmaxCrossEntropy($0, Tensor(integers: [1, 2])) }
    try expectClose(slope.scalars(), [0.5, -0.5, 0, 0, 0, 0])
    // A masked class, which is none of the labels.
    let masked = Tensor([[1, -.infinity, 1]])
    try expectClose([softmaxCrossEntropy(masked, Tensor(integers: [0])).item()], [log(2.0)], within: 1e-6)
    let maskedSlope = try gradient(at: masked) { softmaxCrossEntropy($0, Tensor(integers: [0])) }
    try expectClose(maskedSlope.scalars(), [-0.5, 0, 0.5], within: 1e-6)
  }

  @Test func distances() throws {
    let (x, y) = (Tensor([1, -4, 2.5, 0], .float64), Tensor([1, 1, 2, 2], .float64))
    try expectClose([meanAbsoluteError(x, y).item()], [(0 + 5 + 0.5 + 2) / 4.0])
    try expectClose([huberLoss(x, y).item()], [(0 + 4.5 + 0.125 + 1.5) / 4])
    try expectClose([huberLoss(x, y, delta: 3).item()], [(0 + 10.5 + 0.125 + 2) / 4])
    try expectGradient(of: [sample([3, 4])]) { huberLoss($0[0], sample([3, 4], seed: 2), delta: 0.3) }
    #expect(try huberLoss(Tensor([.infinity]), Tensor([0.0])).item() == .infinity)
    #expect(fault(of: huberLoss(x, y, delta: 0)).contains("must be positive"))
    #expect(fault(of: meanAbsoluteError(x, sample([3]))).contains("of one shape"))
  }

  @Test func likelihoods() throws {
    let logits = sample([3, 4])
    let (numbers, soft) = (Tensor(integers: [0, 3, 1]), softmax(sample([3, 4], seed: 2)))
    for labels in [numbers, soft] {
      let found = negativeLogLikelihood(logSoftmax(logits), labels)
      try expectClose([found.item()], [softmaxCrossEntropy(logits, labels).item()])
    }
    let entropy = try -(soft * log(soft)).sum(axes: [-1]).mean().item()
    let cross = try softmaxCrossEntropy(logits, soft).item()
    try expectClose([kullbackLeiblerDivergence(logSoftmax(logits), soft).item()], [cross - entropy])
    let hard = Tensor([[0, 1.0]], .float64), sure = Tensor([[-.infinity, 0]], .float64)
    #expect(try kullbackLeiblerDivergence(sure, hard).item() == 0 && negativeLogLikelihood(sure, hard).item() == 0)
    let z = sample([6])
    let labels = Tensor([0, 1, 0.25, 1, 0, 0.5], .float64)
    try expectClose([binaryCrossEntropy(sigmoid(z), labels).item()], [sigmoidCrossEntropy(z, labels).item()])
    #expect(try binaryCrossEntropy(Tensor([0, 1.0]), Tensor(integers: [0, 1])).item() == 0)
    #expect(try binaryCrossEntropy(Tensor([0, 1.0]), Tensor(integers: [1, 1])).item() == .infinity)
    try expectClose(
      [poissonLoss(Tensor([0, 1], .float64), Tensor(integers: [3, 2])).item()], [(1 + exp(1.0) - 2) / 2])
    let gaussian = gaussianLoss(
      Tensor([1, 2], .float64), Tensor(integers: [3, 2]), variances: Tensor([4, 1], .float64))
    try expectClose([gaussian.item()], [(log(4.0) + 1) / 4])
    try expectGradient(of: [z, exp(sample([6], seed: 3))]) { gaussianLoss($0[0], labels, variances: $0[1]) }
    #expect(fault(of: gaussianLoss(z, labels, variances: sample([5]))).contains("take as many variances"))
    #expect(fault(of: kullbackLeiblerDivergence(Tensor(1.0), Tensor(1.0))).contains("found scalars"))
  }

  @Test func margins() throws {
    let x = Tensor([2, 0.5, -1], .float64)
    try expectClose([hingeLoss(x, Tensor(integers: [1, 1, 1])).item()], [(0 + 0.5 + 2) / 3])
    try expectClose([hingeLoss(x, Tensor(integers: [-1, 1, -1]), margin: 0).item()], [2 / 3.0])
    let (a, b) = (Tensor([[1, 0], [1, 0], [3, 4]], .float64), Tensor([[0, 2], [2, 0], [4, 3]], .float64))
    let pairs = Tensor(integers: [1, 0, 0]) .> 0
    try expectClose([cosineEmbeddingLoss(a, b, isPair: pairs, margin: 0.9).item()], [(1 + 0.1 + 0.06) / 3])
    let far = Tensor([[4, 4], [1, 0.5], [0, 0]], .float64)
    try expectClose([tripletMarginLoss(a, b, far).item()], [1.5 / 3])
    try expectGradient(of: [a, b, far]) { tripletMarginLoss($0[0], $0[1], $0[2], margin: 7) }
    #expect(fault(of: tripletMarginLoss(a, b, sample([3, 3]))).contains("of one shape"))
    #expect(fault(of: cosineEmbeddingLoss(a, b, isPair: x)).contains("take booleans [3], found float64 [3]"))
  }

  @Test func wrongLabelsShow() throws {
    let logits = sample([2, 3])
    for (labels, place) in [([0, 3], "3 at [1]"), ([-1, 0], "-1 at [0]"), ([0, 1 << 32], "4294967296 at [1]")] {
      let known = Tensor(integers: labels, .int64)
      let text = fault(of: softmaxCrossEntropy(logits, known))
      #expect(text.hasPrefix("softmaxCrossEntropy: the label \(place) lies outside 0..<3, the classes"), "\(text)")
      // Where they are computed, it shows in the result alone.
      #expect(try softmaxCrossEntropy(logits, known + Tensor(integers: [0, 0], .int64)).item().isNaN)
    }
    // 300 classes do not fit into the labels' own type.
    #expect(try softmaxCrossEntropy(sample([1, 300]), Tensor(integers: [44], .uint8)).item().isFinite)
    #expect(fault(of: softmaxCrossEntropy(logits, Tensor([0.0, 1.0]))).contains("must be integers"))
    #expect(
      fault(of: softmaxCrossEntropy(logits, Tensor(integers: [0, 1, 2]))).contains(
        "logits [2, 3] take labels [2] of class numbers or [2, 3] of probabilities, found [3]"))
    #expect(fault(of: softmaxCrossEntropy(Tensor(1.0), Tensor(integers: [0]))).contains("takes logits"))
    #expect(fault(of: softmaxCrossEntropy(Tensor(integers: [1]), Tensor(integers: [0]))).contains("floating-point"))
  }

  @Test func sigmoidCrossEntropyIsStable() throws {
    let logits = Tensor([0, 2, -3, 1e3, -1e3], .float64)
    let labels = Tensor(integers: [1, 0, 1, 1, 0])
    let wanted = (log(2.0) + log(1 + exp(2.0)) + log(1 + exp(3.0))) / 5
    try expectClose([sigmoidCrossEntropy(logits, labels).item()], [wanted])
    let wrong = Tensor(integers: [1, 0, 1, 0, 1])
    try expectClose([sigmoidCrossEntropy(logits, wrong).item()], [wanted + 400])
    let slope = try gradient(at: logits) { sigmoidCrossEntropy($0, wrong) * 5.0 }
    try expectClose(
      slope.scalars(), [-0.5, 1 / (1 + exp(-2.0)), 1 / (1 + exp(3.0)) - 1, 1, -1])
    // The second derivative at 0 is that of the logistic function, ¼.
    let curvature = try gradient(at: Tensor(0.0, .float64)) { z in
      try gradient(at: z) { sigmoidCrossEntropy($0, Tensor(integers: [1], shape: [])) }
    }
    try expectClose([curvature.item()], [0.25])
    try expectGradient(of: [sample([3, 2])]) { sigmoidCrossEntropy($0[0], softmax(sample([3, 2], seed: 4))) }
    #expect(fault(of: sigmoidCrossEntropy(sample([3, 1]), sample([3]))).contains("one shape, found [3, 1] and [3]"))
  }

  /// At ±1,000 the exact values: nothing where the label is right, the distance where it is wrong.
  @Test(arguments: [ElementType.float32, .float64]) func sigmoidCrossEntropyAtAThousand(_ type: ElementType) throws {
    let logits = Tensor([1e3, -1e3], type)
    for (labels, value, slopes) in [([1, 0], 0.0, [0.0, 0]), ([0, 1], 1e3, [1, -1]), ([1, 1], 500, [0, -1])] {
      let labels = Tensor(integers: labels)
      #expect(try sigmoidCrossEntropy(logits, labels).item() == value)
      #expect(try gradient(at: logits) { sigmoidCrossEntropy($0, labels) * 2.0 }.scalars() == slopes)
      #expect(try hessian(at: logits) { sigmoidCrossEntropy($0, labels) }.scalars() == [0, 0, 0, 0])
    }
  }

  @Test func meanSquaredErrorIsTheMean() throws {
    try expectClose([meanSquaredError(Tensor([1, 2]), Tensor(integers: [3, 5])).item()], [6.5])
    try expectGradient(of: [sample([4])]) { meanSquaredError($0[0], sample([4], seed: 9)) }
    #expect(fault(of: meanSquaredError(sample([4, 1]), sample([4]))).contains("one shape"))
  }

  @Test func lossesOf16BitsAreFloat32() throws {
    let logits = sample([2, 3]).converted(to: .bfloat16)
    #expect(softmaxCrossEntropy(logits, Tensor(integers: [0, 1])).elementType == .float32)
  }

  @Test func accuracyCountsRows() throws {
    let logits = Tensor([[1, 2], [2, 1], [0, 5], [3, 4]])
    #expect(try accuracy(logits, Tensor(integers: [1, 1, 1, 0])).item() == 0.5)
    #expect(try accuracy(logits, Tensor([[0, 1], [0, 1], [0, 1], [0, 1]])).item() == 0.75)
    #expect(try binaryAccuracy(Tensor([1, -1, 2, -3]), Tensor(integers: [1, 1, 1, 0])).item() == 0.75)
  }

  @Test func softplusHasTheLogisticDerivativeAtZero() throws {
    try expectClose(
      gradient(at: Tensor([0, 1, -1], .float64)) { softplus($0).sum() }.scalars(),
      [
        0.5, 1 / (1 + exp(-1.0)), 1 / (1 + exp(1.0)),
      ])
  }

  /// The derivative of a power below 1 is infinite at 0.
  @Test func focalLossesOfCertainAnswersHaveAGradient() throws {
    let logits = Tensor([[1e4, 0], [1, 2]], .float64)
    let classes = Tensor(integers: [0, 1])
    for gamma in [0.25, 0.5, 1] {
      let slope = try gradient(at: logits) { softmaxFocalLoss($0, classes, gamma: gamma) }.scalars()
      #expect(slope.allSatisfy(\.isFinite) && slope[0] == 0 && slope[2] != 0, "\(slope)")
      let labels = Tensor([[1, 0], [1, 0]], .float64)
      let other = try gradient(at: logits) { sigmoidFocalLoss($0, labels, gamma: gamma) }.scalars()
      #expect(other.allSatisfy(\.isFinite) && other[0] == 0 && other[2] != 0, "\(other)")
    }
    #expect(try softmaxFocalLoss(Tensor([[Double.nan, 0]], .float64), Tensor(integers: [0]), gamma: 0.5).item().isNaN)
    try expectGradient(of: [sample([3, 4])]) { softmaxFocalLoss($0[0], Tensor(integers: [0, 3, 1]), gamma: 0.5) }
  }

  @Test func theLeastVarianceIsPositive() {
    let x = sample([2])
    for epsilon in [0, -1, Double.nan] {
      #expect(fault(of: gaussianLoss(x, x, variances: x, epsilon: epsilon)).contains("epsilon must be positive"))
    }
  }
}
