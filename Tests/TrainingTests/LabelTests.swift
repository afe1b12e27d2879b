import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentData
@testable import DescentTraining

/// Class numbers outside the classes, wherever a loss meets them.
@Suite struct LabelTests {
  private let message = "the label 12 at [2] lies outside 0..<3, the classes of the logits"
  private let input = sample([4, 4], .float32)
  private let wrong = Tensor(integers: [0, 1, 12, 2])
  private let right = Tensor(integers: [0, 1, 2, 2])

  private func step() throws -> TrainingStep<SmallNetwork, Batch> {
    try TrainingStep(SmallNetwork(), optimizer: Adam()) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
  }

  @Test func trainingNamesLabelRangeAndBatch() throws {
    let data = try Examples(
      inputs: sample([12, 4], .float32), targets: Tensor(integers: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 12, 1]))
    let text = fault { try smallTrainer().fit(data.batched(4, shuffled: false), epochs: 2) }
    #expect(text.hasPrefix("softmaxCrossEntropy: epoch 1, batch 3: \(message)"), "\(text)")
    // In the very first batch, whose shapes bind the model.
    let first = fault { try smallTrainer().fit(data.batched(12, shuffled: false), epochs: 2) }
    #expect(first.contains("epoch 1, batch 1: the label 12 at [10] lies outside 0..<3"), "\(first)")
    let held = fault { try smallTrainer().fit(points(8).batched(4), validation: data, epochs: 1) }
    #expect(held.contains("batch 1 of those to judge by: the label 12 at [10]"), "\(held)")
  }

  /// Nothing is lost: the step goes on with other batches.
  @Test func aStepRefusesTheBatchAndGoesOn() throws {
    let step = try step()
    _ = try step(Batch(input: input, target: right))
    let before = try values(step.model)
    let text = fault { _ = try step(Batch(input: input, target: wrong)) }
    #expect(text.hasPrefix("softmaxCrossEntropy: step 2: \(message)"), "\(text)")
    #expect(try values(step.model) == before && step.stepCount == 1)
    #expect(try step(Batch(input: input, target: right)).item().isFinite)
  }

  /// However the loop computes: at once, from a compiled function, from labels that go through other hands.
  @Test func loopsOfOnesOwnAreToldToo() throws {
    let model = try SmallNetwork().initialized(for: input)
    func loss(_ model: SmallNetwork, _ x: Tensor, _ y: Tensor) -> Tensor { softmaxCrossEntropy(model(x), y) }
    func expect(_ line: Int = #line, _ body: () throws -> Void) {
      let text = fault(body)
      #expect(text.hasPrefix("softmaxCrossEntropy: \(message)"), "line \(line): \(text)")
    }
    expect { _ = try loss(model, input, wrong).item() }
    expect { _ = try gradient(at: model) { loss($0, input, wrong) } }
    expect { _ = try gradient(at: model, input, wrong) { loss($0, $1, $2) } }
    let compiledLoss = compiled { (model: SmallNetwork, x: Tensor, y: Tensor) in
      softmaxCrossEntropy(model(x), y.reshaped([4]).converted(to: .int64))
    }
    expect { _ = try compiledLoss(model, input, wrong) }
    #expect(try compiledLoss(model, input, right).item().isFinite)
    expect { _ = try compiledLoss(model, input, wrong) }
    expect { _ = try gradient(at: model) { try compiledLoss($0, input, wrong) } }
    let update = compiledUpdate { (state: inout Tensor, logits: Tensor, y: Tensor) in
      state = state + negativeLogLikelihood(logSoftmax(logits), y)
      return state
    }
    var state = Tensor(0)
    let text = fault { _ = try update(&state, sample([4, 3], .float32), wrong) }
    #expect(text.hasPrefix("negativeLogLikelihood: \(message)"), "\(text)")
    #expect(try state.item() == 0)
    let each = vectorized(over: 0) { (x: Tensor, y: Tensor) in softmaxCrossEntropy(x, y) }
    expect { _ = try each(sample([4, 3], .float32), wrong) }
  }

  @Test func everyTypeOfLabelIsToldApart() throws {
    for type in ElementType.allCases where type.isInteger {
      let logits = sample([2, 100], .float32)
      #expect(try softmaxCrossEntropy(logits, Tensor(integers: [0, 99], type)).item().isFinite)
      let text = fault { _ = try softmaxCrossEntropy(logits, Tensor(integers: [99, 100], type)).item() }
      #expect(text.contains("the label 100 at [1] lies outside 0..<100"), "\(type): \(text)")
      guard type.isSigned else { continue }
      let below = fault { _ = try softmaxCrossEntropy(logits, Tensor(integers: [-1, 100], type)).item() }
      #expect(below.contains("the label -1 at [0] lies outside 0..<100"), "\(type): \(below)")
    }
    // 300 classes do not fit into the labels' own type.
    #expect(try softmaxCrossEntropy(sample([1, 300], .float32), Tensor(integers: [44], .uint8)).item().isFinite)
    let large = Tensor(integers: [-1], .uint64)
    #expect(
      fault { _ = try softmaxCrossEntropy(sample([1, 3]), large).item() }.contains("the label 18446744073709551615 at"))
  }

  /// A branch that is not taken asks for nothing.
  @Test func branchesThatAreNotTakenAskForNothing() throws {
    let logits = sample([4, 3], .float32)
    let wrong = wrong
    let loss = try cond(Tensor(1.0) .< 0.0) {
      softmaxCrossEntropy(logits, wrong)
    } else: {
      Tensor(7.0)
    }
    #expect(try loss.item() == 7)
  }
}
