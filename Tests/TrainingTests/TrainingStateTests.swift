import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestModels
import TestSupport
import Testing

@testable import DescentData
@testable import DescentTraining

/// What a training step keeps apart: the model that it trains from others, passes for training from other passes.
@Suite struct TrainingStateTests {
  private struct Network: Layer {
    var n = BatchNorm()
    var d = Dense(units: 1)
    func callAsFunction(_ x: Tensor) -> Tensor { d(n(x)) }
  }

  private let x = sample([16, 2], .float32) + 5.0
  private func batches() -> Batch { Batch(input: x, target: Tensor(zeros: [16, 1])) }

  private func meanAfterTraining(
    _ loss: @escaping @Sendable (Network, Batch) throws -> Tensor
  ) throws -> [Double] {
    let student = try Network().initialized(for: x)
    let step = try TrainingStep(student, optimizer: SGD(learningRate: 0), loss: loss)
    for _ in 0..<200 { _ = try step(batches()) }
    return try #require(step.model.n.mean.tensor).scalars()
  }

  @Test func aCapturedTeacherLeavesTheStudentsStatisticsAlone() throws {
    let alone = try meanAfterTraining { model, batch in square(model(batch.input)).mean() }
    let own = try x.mean(axes: [0]).scalars()
    for (found, wanted) in zip(alone, own) { #expect(abs(found - wanted) < 1e-4, "\(found) is not \(wanted)") }
    let teacher = try Network().initialized(for: x)
    #expect(
      try meanAfterTraining { model, batch in
        meanSquaredError(model(batch.input), stopGradient(teacher(batch.input - 5.0)))
      } == alone)
    #expect(try teacher.n.mean.tensor?.scalars() == [0, 0])
    // In the batch, where it may be another one in every step, and differentiated on its own.
    #expect(
      try meanAfterTraining { model, batch in
        let slope = try gradient(at: batch.input) { teacher($0 - 5.0).sum() }
        return square(model(batch.input)).mean() + stopGradient(slope).sum() * 0.0
      } == alone)
  }

  @Test func twoUnboundModelsAreBoundEachOnItsOwn() throws {
    struct Generator: Layer {
      var b = Dense(units: 4)
      func callAsFunction(_ x: Tensor) -> Tensor { b(x) }
    }
    struct Judge: Layer {
      var b = Dense(units: 1)
      func callAsFunction(_ x: Tensor) -> Tensor { b(x) }
    }
    struct Round: Codable, Sendable {
      var generator: Generator
      var noise: Tensor
    }
    let generator = try TrainingStep(Generator(), optimizer: SGD(learningRate: 0.1)) { model, batch in
      square(model(batch.input)).mean()
    }
    let judge = try TrainingStep(Judge(), optimizer: SGD(learningRate: 0.1)) { (model: Judge, round: Round) in
      square(model(round.generator(round.noise))).mean()
    }
    let noise = sample([8, 2], .float32)
    _ = try judge(Round(generator: generator.model, noise: noise))
    #expect(judge.model.b.weight.tensor?.shape == [4, 1])
    _ = try generator(Batch(input: noise, target: noise))
    #expect(generator.model.b.weight.tensor?.shape == [2, 4])
    // Its parameters are arguments of the step now.
    let loss = try judge(Round(generator: generator.model, noise: noise)).item()
    let silent = try TrainingStep(Generator(), optimizer: SGD(learningRate: 0)) { (model: Generator, batch: Batch) in
      square(model(batch.input)).mean()
    }
    _ = try silent(Batch(input: noise * 0.0, target: noise))
    let other = try judge(Round(generator: silent.model, noise: noise * 3.0)).item()
    #expect(loss != other)
    // From outside, too.
    let captured = try TrainingStep(Generator(), optimizer: SGD(learningRate: 0.1)) { model, batch in
      square(model(batch.input)).mean()
    }
    let second = try TrainingStep(Judge(), optimizer: SGD(learningRate: 0.1)) { (model: Judge, noise: Tensor) in
      square(model(captured.model(noise))).mean()
    }
    _ = try second(noise)
    #expect(second.model.b.weight.tensor?.shape == [4, 1])
    #expect(captured.model.b.weight.tensor == nil)
  }

  /// Layers of which one is used for training only, and the other for inference only.
  @Test func allThatTrainingAndInferenceUseIsBound() throws {
    let step = try TrainingStep(Branching(), optimizer: SGD(learningRate: 0.1)) { model, batch in
      square(model(batch.input)).mean()
    }
    let input = sample([4, 5], .float32)
    _ = try step(Batch(input: input, target: input))
    #expect(step.model.auxiliary.weight.tensor?.shape == [2, 3])
    #expect(step.model.predict(input).shape == [4, 4])
  }

  /// A loss with noise of its own may take it for granted that there is a key, as in a variational autoencoder.
  @Test func thereIsAlwaysAKeyWhileTraining() throws {
    let step = try TrainingStep(Network(), optimizer: SGD(learningRate: 0.01)) { model, batch in
      let key = try #require(Run.current.nextKey())
      return square(model(batch.input + key.normal([16, 2]))).mean()
    }
    let losses = try (0..<3).map { _ in try step(batches()).item() }
    #expect(Set(losses).count == 3)
  }

  @Test func whatTheFirstBatchDidNotReachIsToldSo() throws {
    struct TwoHeads: Codable, Sendable {
      var first = Dense(units: 1)
      var second = Dense(units: 1)
    }
    struct Input: Codable, Sendable {
      var x: Tensor
      var extra: Tensor?
    }
    let step = try TrainingStep(TwoHeads(), optimizer: SGD(learningRate: 0.1)) { (model: TwoHeads, input: Input) in
      input.extra.map { square(model.second($0)).mean() } ?? square(model.first(input.x)).mean()
    }
    _ = try step(Input(x: x))
    let text = fault { _ = try step(Input(x: x, extra: x)) }
    #expect(
      text.hasPrefix(
        "second (Dense): has no parameters, since the pass that bound the model did not lead through it; let the first"
          + " batch lead through all layers"), "\(text)")
  }

  /// A gradient within the loss, as in a penalty on it, is a pass as well.
  @Test func statisticsOfAGradientWithinTheLossAreKept() throws {
    let step = try TrainingStep(Network().initialized(for: x), optimizer: SGD(learningRate: 0)) {
      (model: Network, batch: Batch) in
      let slope = try gradient(at: batch.input) { model($0).sum() }
      return square(slope).mean()
    }
    for _ in 0..<200 { _ = try step(batches()) }
    let (found, wanted) = try (#require(step.model.n.mean.tensor).scalars(), x.mean(axes: [0]).scalars())
    for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-4, "\(a) is not \(b)") }
  }

  /// A loop by hand, with an optimizer of the library: the same parameters and statistics as a training step's.
  @Test func aLoopByHandGivesTheBitsOfAStep() throws {
    let start = try Network().initialized(for: x)
    let optimizer = Adam(learningRate: 0.05)
    let step = try TrainingStep(start, optimizer: optimizer) { model, batch in
      square(model(batch.input) - 1.0).mean()
    }
    var model = start
    var memory = try optimizer.initialState(of: model)
    for number in 1...5 {
      _ = try step(batches())
      let pass = try training(model, seed: UInt64(number)) { model in
        try gradient(at: model) { square($0(x) - 1.0).mean() }
      }
      model = pass.model
      try optimizer.move(
        &model, along: pass.result, state: &memory, at: StepContext(number: Tensor(Double(number), .float64)))
    }
    expectClose(try values(model), try values(step.model), within: 1e-6)
    #expect(try model.n.mean.tensor?.scalars() == step.model.n.mean.tensor?.scalars())
  }
}
