import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation
import TestSupport
import Testing

@testable import DescentTraining

func lineLoss(_ model: Line, _ batch: Batch) -> Tensor { meanSquaredError(model(batch.input), batch.target) }

func lineBatch(_ count: Int, seed: Int) -> Batch {
  Batch(input: sample([count, 3], seed: seed), target: sample([count, 1], seed: seed + 50))
}

@Suite struct TrainingStepTests {
  static let optimizers: [any Optimizer] = [
    SGD(learningRate: 0.1), SGD(learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01),
    Adam(learningRate: .cosine(initial: 0.1, total: 5)),
    AdamW(learningRate: 0.05, weightDecay: 0.1).clipping(globalNorm: 0.1),
  ]

  /// A compiled step is the gradient and the optimizer's update, taken by hand; for batches of two shapes in turn.
  @Test(arguments: optimizers.indices) func stepIsGradientAndUpdate(_ index: Int) throws {
    try follows(Self.optimizers[index])
  }

  private func follows(_ optimizer: some Optimizer) throws {
    let step = try TrainingStep(Line(), optimizer: optimizer, loss: lineLoss)
    var model = Line()
    var state = try optimizer.initialState(of: model)
    for number in 1...4 {
      let batch = lineBatch(number % 2 == 0 ? 5 : 2, seed: number)
      let (loss, gradient) = try valueAndGradient(at: model) { lineLoss($0, batch) }
      try optimizer.move(
        &model, along: gradient, state: &state, at: StepContext(number: Tensor(Double(number), .float64)))
      #expect(abs(try step(batch).item() - loss.item()) < 1e-12)
      try expectClose(values(step.model), values(model))
    }
    #expect(step.stepCount == 4)
  }

  /// One step on one number, worked out on paper.
  @Test func stepOnPaper() throws {
    let step = try TrainingStep(Tensor(3, .float64), optimizer: SGD(learningRate: 0.1)) { (w: Tensor, x: Tensor) in
      square(w * x)
    }
    #expect(try step(Tensor(2, .float64)).item() == 36)
    // The derivative of (2w)² is 8w = 24.
    #expect(abs(try step.model.item() - (3 - 2.4)) < 1e-15)
  }

  @Test func runningStatisticsFollowTheBatches() throws {
    struct Normalized: Layer {
      var normalization = BatchNorm(momentum: 0.75)
      func callAsFunction(_ x: Tensor) -> Tensor { normalization(x) }
    }
    let step = try TrainingStep(Normalized(), optimizer: SGD(learningRate: 0)) { model, batch in
      square(model(batch.input)).mean()
    }
    let batch = Batch(input: Tensor([[1, 10], [3, 30]]), target: Tensor([0, 0]))
    _ = try step(batch)
    _ = try step(batch)
    let normalization = step.model.normalization
    // 0.4375 = 1 − 0.75², the share of two batches.
    #expect(try normalization.mean.tensor?.scalars() == [2 * 0.4375, 20 * 0.4375])
    #expect(try normalization.variance.tensor?.scalars() == [0.5625 + 2 * 0.4375, 0.5625 + 200 * 0.4375])
  }

  @Test func dropoutDiffersFromStepToStepAndComesAgain() throws {
    struct Dropping: Layer {
      var scale = Tensor([1])
      var dropout = Dropout(rate: 0.5)
      func callAsFunction(_ x: Tensor) -> Tensor { dropout(x * scale) }
    }
    func losses(seed: UInt64) throws -> [Double] {
      let step = try TrainingStep(Dropping(), optimizer: SGD(learningRate: 0), seed: seed) { model, batch in
        model(batch.input).sum()
      }
      let batch = Batch(input: sample([400], .float32), target: Tensor([0]))
      return try (0..<4).map { _ in try step(batch).item() }
    }
    let first = try losses(seed: 1)
    #expect(Set(first).count == 4)
    #expect(try losses(seed: 1) == first)
    #expect(try Set(losses(seed: 2)).isDisjoint(with: first))
  }

  @Test func modelIsASnapshot() throws {
    let start = Line()
    let before = try values(start)
    let step = try TrainingStep(start, optimizer: SGD(learningRate: 0.1), loss: lineLoss)
    #expect(try values(step.model) == before)
    let batch = lineBatch(3, seed: 1)
    _ = try step(batch)
    let snapshot = step.model
    let after = try values(snapshot)
    #expect(after != before)
    _ = try step(batch)
    #expect(try values(snapshot) == after)
    #expect(try values(step.model) != after)
    #expect(try values(start) == before)
  }

  @Test func mistakesNameLayerAndPlaceAndTheStepGoesOn() throws {
    let step = try TrainingStep(SmallNetwork(), optimizer: Adam()) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
    let good = Batch(input: sample([4, 5], .float32), target: Tensor(integers: [0, 1, 2, 0]))
    let bad = Batch(input: sample([4, 6], .float32), target: Tensor(integers: [0, 1, 2, 0]))
    _ = try step(good)
    let before = try values(step.model)
    let text = fault { _ = try step(bad) }
    let found = "hidden (Dense): was made for 5 features, found an input [4, 6] at Support.swift:"
    #expect(text.hasPrefix(found), "\(text)")
    #expect(try values(step.model) == before)
    _ = try step(good)
    #expect(step.stepCount == 2)
  }

  /// A step whose gradients are not finite says which ones, leaves everything as it was, and the next one goes on.
  @Test func refusedStepsChangeNothing() throws {
    struct Normalized: Layer {
      var hidden = Dense(units: 3)
      var normalization = BatchNorm()
      var output = Dense(units: 1)
      func callAsFunction(_ x: Tensor) -> Tensor { output(normalization(hidden(x))) }
    }
    let optimizer = Adam(learningRate: 0.1).clipping(globalNorm: 1, nonFinite: .refused)
    func step() throws -> TrainingStep<Normalized, Batch> {
      try TrainingStep(Normalized(), optimizer: optimizer) { meanSquaredError($0($1.input), $1.target) }
    }
    let (tried, undisturbed) = try (step(), step())
    let good = (1...2).map { lineBatch(4, seed: $0) }
    var targets = sample([4, 1])
    targets[0, 0] = Tensor(.infinity, .float64)
    let bad = Batch(input: good[0].input, target: targets)
    try tried(good[0])
    let before = try tried.snapshot().mapValues { try $0.scalars() }
    let message = fault { _ = try tried(bad) }
    #expect(message.hasPrefix("step 2: the gradient of the loss with respect to hidden.weight, hidden.bias,"))
    #expect(message.hasSuffix("refuses such steps; parameters and what it remembers are as before"))
    #expect(throws: TrainingError.self) { try tried(bad) }
    #expect(try tried.snapshot().mapValues { try $0.scalars() } == before)
    try tried(good[1])
    try undisturbed(good[0])
    try undisturbed(good[1])
    #expect(tried.stepCount == 2)
    #expect(
      try tried.snapshot().mapValues { try $0.scalars() } == undisturbed.snapshot().mapValues { try $0.scalars() })
  }

  /// A step that is left out changes nothing but the number of steps, running statistics included.
  @Test func skippedStepsChangeNothing() throws {
    struct Normalized: Layer {
      var normalization = BatchNorm()
      var output = Dense(units: 1)
      func callAsFunction(_ x: Tensor) -> Tensor { output(normalization(x)) }
    }
    let optimizer = SGD(learningRate: 0.1, momentum: 0.9).clipping(globalNorm: 1, nonFinite: .skipped)
    let step = try TrainingStep(Normalized(), optimizer: optimizer) { meanSquaredError($0($1.input), $1.target) }
    let early = #expect(throws: TensorError.self) { try step.snapshot() }
    #expect(early?.message.hasPrefix("the step has seen no batch yet") == true)
    try step(lineBatch(4, seed: 1))
    var before = try step.snapshot().mapValues { try $0.scalars() }
    var inputs = sample([4, 3])
    inputs[1, 2] = Tensor(.nan, .float64)
    try step(Batch(input: inputs, target: sample([4, 1])))
    before["step"] = [2]
    #expect(try step.snapshot().mapValues { try $0.scalars() } == before)
    let after = try step(lineBatch(4, seed: 2)).item()
    #expect(after.isFinite)
    // A tensor that could not be read is told as that, and nothing has changed.
    var saved = try step.snapshot()
    let name = try #require(saved.keys.first { $0.hasSuffix("output.weight") })
    saved[name] = Tensor(error: TensorError(name, "has the type F8_E4M3"))
    let unread = #expect(throws: TrainingError.self) { try step.restore(saved) }
    #expect(unread?.message == "the tensor \(name) cannot be read: has the type F8_E4M3")
    #expect(step.stepCount == 3)
  }

  @Test func memoryLimitIsAnErrorBeforeTheStep() throws {
    let step = try TrainingStep(Line(), optimizer: SGD(learningRate: 0.1), memoryLimit: 1000, loss: lineLoss)
    let text = fault { _ = try step(lineBatch(1000, seed: 1)) }
    #expect(text.contains("the limit is 1000 bytes"), "\(text)")
    #expect(step.stepCount == 0)
    #expect(try values(step.model) == values(Line()))
    _ = try step(lineBatch(2, seed: 1))
    #expect(step.stepCount == 1)
  }

  @Test func whatTheLossDoesNotUseStays() throws {
    struct Half: Codable, Sendable {
      var used = Tensor([1, 2])
      var frozen = Tensor(integers: [7, 8])
      var unused = Tensor([3, 4])
      var neverCalled = Dense(units: 2)
    }
    let step = try TrainingStep(Half(), optimizer: SGD(learningRate: 0.5)) { model, batch in
      (model.used * batch.input * model.frozen.converted(to: .float32)).sum()
    }
    _ = try step(Batch(input: Tensor([1, 1]), target: Tensor([0])))
    let model = step.model
    #expect(try model.used.scalars() == [1 - 3.5, 2 - 4])
    #expect(try model.unused.scalars() == [3, 4])
    #expect(try model.frozen.integers() == [7, 8])
    #expect(model.neverCalled.weight.tensor == nil)
  }

  @Test func threadsTakeTurns() throws {
    let batch = lineBatch(4, seed: 3)
    let (alone, together) = try (
      TrainingStep(Line(), optimizer: Adam(), loss: lineLoss), TrainingStep(Line(), optimizer: Adam(), loss: lineLoss)
    )
    for _ in 0..<20 { _ = try alone(batch) }
    let faults = Shared<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 2) { _ in
      for _ in 0..<10 {
        do { _ = try together(batch) } catch { faults.change { $0.append("\(error)") } }
        _ = together.model
      }
    }
    #expect(faults.value.isEmpty)
    #expect(together.stepCount == 20)
    #expect(try values(together.model) == values(alone.model))
  }

  @Test func lossMustBeOneNumber() throws {
    let step = try TrainingStep(Line(), optimizer: SGD(learningRate: 0.1)) { model, batch in model(batch.input) }
    let text = fault { _ = try step(lineBatch(3, seed: 1)) }
    #expect(text.contains("[3, 1], not one floating-point number"), "\(text)")
    #expect(step.stepCount == 0)
  }

  /// A loss that looks at the step's model while it is recorded must not wait for itself.
  @Test func lossMayAskForTheModel() throws {
    let own = Shared<TrainingStep<Line, Batch>?>(nil)
    let step = try TrainingStep(Line(), optimizer: SGD(learningRate: 0.1)) { model, batch in
      _ = own.value?.model
      return lineLoss(model, batch)
    }
    own.change { $0 = step }
    _ = try step(lineBatch(3, seed: 1))
    #expect(step.stepCount == 1)
    own.change { $0 = nil }
  }

  /// A batch may have parts that are not always there; each form of batch has its own plan.
  /// What a batch holds besides tensors is part of its form: the loss may branch on it.
  @Test func plainValuesOfABatchCount() throws {
    struct Weighted: Codable, Sendable {
      var batch: Batch
      var isDoubled: Bool
      var weights: [Double]
    }
    let step = try TrainingStep(Line(), optimizer: SGD(learningRate: 0)) { (model: Line, given: Weighted) in
      let loss = lineLoss(model, given.batch) * given.weights.reduce(0, +)
      return given.isDoubled ? loss * 2 : loss
    }
    func loss(_ isDoubled: Bool, _ weights: [Double]) throws -> Double {
      try step(Weighted(batch: lineBatch(3, seed: 1), isDoubled: isDoubled, weights: weights)).item()
    }
    let plain = try loss(false, [1])
    for (isDoubled, weights, factor) in [(true, [1.0], 2.0), (false, [1], 1), (true, [1, 3], 8), (false, [0.5], 0.5)] {
      let found = try loss(isDoubled, weights)
      #expect(abs(found - factor * plain) <= 1e-12 * abs(plain))
    }
  }

  @Test func batchesOfDifferentForm() throws {
    struct Weighted: Codable, Sendable {
      var input: Tensor
      var scale: Tensor?
      var shift: Tensor?
    }
    let step = try TrainingStep(Tensor(1), optimizer: SGD(learningRate: 0)) { (w: Tensor, batch: Weighted) in
      w * batch.input * (batch.scale ?? Tensor(1)) + (batch.shift ?? Tensor(0))
    }
    #expect(try step(Weighted(input: Tensor(3))).item() == 3)
    #expect(try step(Weighted(input: Tensor(3), scale: Tensor(2))).item() == 6)
    #expect(try step(Weighted(input: Tensor(3), shift: Tensor(2))).item() == 5)
  }

  @Test func brokenOptimizersAreTold() throws {
    struct Forgetful: ParameterOptimizer {
      func initialState(for parameter: Tensor) -> Tensor? { parameter }
      func movement(of parameter: OptimizedParameter, state: inout Tensor?, at step: StepContext) -> Tensor {
        state = nil
        return parameter.gradient
      }
    }
    struct Shrinking: ParameterOptimizer {
      func initialState(for parameter: Tensor) -> Tensor? { nil }
      func movement(of parameter: OptimizedParameter, state: inout Tensor?, at step: StepContext) -> Tensor {
        parameter.gradient.sum()
      }
    }
    struct Lazy: Optimizer {
      func initialState(for parameters: [OptimizedParameter]) -> [Tensor] { [] }
      func movements(of parameters: [OptimizedParameter], state: inout [Tensor], at step: StepContext) -> [Tensor] {
        []
      }
    }
    let batch = lineBatch(3, seed: 1)
    let forgetful = try TrainingStep(Line(), optimizer: Forgetful(), loss: lineLoss)
    #expect(fault { _ = try forgetful(batch) }.contains("what it remembers has another form after the step"))
    let shrinking = try TrainingStep(Line(), optimizer: Shrinking(), loss: lineLoss)
    #expect(
      fault { _ = try shrinking(batch) }.hasPrefix(
        "the movement of weight: is float64[3, 1], its next value is float64[]"))
    let lazy = try TrainingStep(Line(), optimizer: Lazy(), loss: lineLoss)
    #expect(fault { _ = try lazy(batch) }.contains("gave 0 movements for 2 parameters"))
  }

  @Test func statisticsOfAnotherShapeAreTold() throws {
    struct Odd: Codable, Sendable {
      var weight = Tensor([1, 2])
      var count = Parameter(Tensor([0, 0]), role: .statistic)
    }
    let step = try TrainingStep(Odd(), optimizer: SGD(learningRate: 0.1)) { (model: Odd, x: Tensor) in
      model.count.update(to: Tensor([1, 2, 3]))
      return (model.weight * x).sum()
    }
    #expect(fault { _ = try step(Tensor([1, 1])) }.hasPrefix("count: is float32[2], its next value is float32[3]"))
  }
}
