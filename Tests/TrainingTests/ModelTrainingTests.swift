import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentData
@testable import DescentTraining

/// Models of several inputs, and parts that stay as they are, in training steps.
@Suite struct ModelTrainingTests {
  private struct Matcher: Model {
    var left = Dense(units: 4)
    var right = Dense(units: 4)
    func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { (left(a) * right(b)).sum(axes: -1) }
  }

  private struct Pair: Codable, Sendable {
    var a: Tensor
    var b: Tensor
    var score: Tensor
  }

  @Test func aModelOfTwoInputsTrains() throws {
    let pair = Pair(a: sample([6, 3]), b: sample([6, 2], seed: 2), score: sample([6], seed: 3))
    let step = try TrainingStep(Matcher(), optimizer: Adam(learningRate: 0.05)) { (model: Matcher, pair: Pair) in
      meanSquaredError(model(pair.a, pair.b), pair.score)
    }
    let first = try step(pair).item()
    for _ in 0..<60 { try step(pair) }
    #expect(try step(pair).item() < 0.1 * first)
    #expect(step.model.right.weight.tensor?.shape == [2, 4])
  }

  /// Neither gradient, decay nor statistics reach what is frozen, and the optimizer remembers nothing of it.
  @Test func frozenPartsStayAsTheyAre() throws {
    let batch = Batch(input: sample([8, 4], .float32), target: Tensor(integers: (0..<8).map { $0 % 3 }))
    func trained(_ model: SmallNetwork) throws -> (before: [String: [Double]], snapshot: [String: Tensor], SmallNetwork)
    {
      let bound = try model.initialized(for: batch.input, seed: 2)
      let optimizer = AdamW(learningRate: 0.1, weightDecay: 0.5, decaying: .all)
      let step = try TrainingStep(bound, optimizer: optimizer) { model, batch in
        softmaxCrossEntropy(model(batch.input), batch.target)
      }
      for _ in 0..<3 { try step(batch) }
      return try (values(bound), step.snapshot(), step.model)
    }
    let frozen: @Sendable (ParameterInfo) -> Bool = { ["hidden", "normalization"].contains($0.layer) }
    let (before, snapshot, after) = try trained(SmallNetwork().freezing(where: frozen))
    for (path, numbers) in try values(after) {
      let isFrozen = path.hasPrefix("hidden") || path.hasPrefix("normalization")
      #expect((numbers == before[path]) == isFrozen, "\(path)")
    }
    #expect(after.parameters.filter(frozen).allSatisfy { $0.role == .frozen })
    let remembered = snapshot.keys.filter { $0.hasPrefix("optimizer.") }.sorted()
    #expect(
      remembered == ["bias.first", "bias.second", "weight.first", "weight.second"].map { "optimizer.output.\($0)" })
    // Without freezing, all of them move.
    let (begin, _, moved) = try trained(SmallNetwork())
    for (path, numbers) in try values(moved) { #expect(numbers != begin[path], "\(path)") }
    // And after it again.
    let (still, _, again) = try trained(after.unfreezing())
    for (path, numbers) in try values(again) { #expect(numbers != still[path], "\(path)") }
    #expect(again.normalization.mean.role == .statistic)
  }

  /// Batch normalization whose statistics are frozen normalizes by them while the rest trains.
  @Test func frozenBatchNormalizationIsThatOfInference() throws {
    struct Normalized: Layer {
      var normalization = BatchNorm()
      var scale = Tensor([1])
      func callAsFunction(_ x: Tensor) -> Tensor { normalization(x) * scale }
    }
    let x = sample([5, 2], .float32)
    let model = try Normalized().initialized(for: x)
    let frozen = model.freezing { $0.layer == "normalization" }
    let (inference, training) = try (model(x).scalars(), training(model, seed: 1) { try $0(x).scalars() }.result)
    #expect(inference != training)
    let pass = try DescentTensors.training(frozen, seed: 1) { try $0(x).scalars() }
    #expect(pass.result == inference)
    #expect(try values(pass.model) == values(frozen))
    // One of the statistics suffices; the other one is not moved either.
    for name in ["mean", "variance"] {
      let part = model.freezing { $0.path == "normalization.\(name)" }
      let pass = try DescentTensors.training(part, seed: 1) { try $0(x).scalars() }
      #expect(try pass.result == inference && values(pass.model) == values(part), "\(name)")
    }
    // With scale and shift alone, it is the batch that counts.
    let half = model.freezing { $0.layer == "normalization" && !$0.isStatistic }
    let other = try DescentTensors.training(half, seed: 1) { try $0(x).scalars() }
    #expect(other.result == training && other.model.normalization.scale.isFrozen)
    #expect(try values(other.model) != values(half))
  }

  /// Batch normalization inside a loop over time, in a model that the step binds itself.
  @Test func statisticsInsideLoopsAreTrained() throws {
    struct Recurrent: Layer {
      var norm = BatchNorm()
      var dense = Dense(units: 2)
      func callAsFunction(_ x: Tensor) throws -> Tensor {
        try scan(over: x, from: Tensor(zeros: [x.shape[1], 2], x.elementType)) { h, slice in
          let next = tanh(dense(norm(slice)) + h)
          return (next, next)
        }.state
      }
    }
    let batch = Batch(input: sample([3, 5, 2]), target: sample([5, 2], seed: 2))
    let step = try TrainingStep(Recurrent(), optimizer: Adam(learningRate: 0.05)) { model, batch in
      meanSquaredError(try model(batch.input), batch.target)
    }
    let first = try step(batch).item()
    let (mean, variance) = (step.model.norm.mean.tensor, step.model.norm.variance.tensor)
    var (wantedMean, wantedVariance) = (Tensor(zeros: [2], .float64), Tensor(ones: [2], .float64))
    for time in 0..<3 {
      let slice = batch.input[time]
      wantedMean = 0.9 * wantedMean + 0.1 * slice.mean(axes: 0)
      wantedVariance = 0.9 * wantedVariance + 0.1 * slice.variance(axes: 0) * (5 / 4.0)
    }
    try expectClose(["": #require(mean).scalars()], ["": wantedMean.scalars()])
    try expectClose(["": #require(variance).scalars()], ["": wantedVariance.scalars()])
    for _ in 0..<30 { try step(batch) }
    #expect(try step(batch).item() < first)
    #expect(step.model.predict(batch.input).shape == [5, 2])
  }

  /// What layers add to the loss is trained on, and is part of the loss that a step gives.
  @Test func reportedLossesAreTrainedOn() throws {
    struct Quiet: Layer {
      var dense = Dense(units: 1)
      func callAsFunction(_ x: Tensor) -> Tensor {
        let y = dense(x)
        Run.current.report(loss: 0.5 * square(y).mean(), named: "size")
        return y
      }
    }
    let batch = Batch(input: sample([6, 3]), target: sample([6, 1], seed: 2))
    let model = try Quiet().initialized(for: batch.input)
    let reporting = try TrainingStep(model, optimizer: SGD(learningRate: 0.1)) { model, batch in
      meanSquaredError(model(batch.input), batch.target)
    }
    let written = try TrainingStep(model, optimizer: SGD(learningRate: 0.1)) { model, batch in
      let y = model.dense(batch.input)
      return meanSquaredError(y, batch.target) + 0.5 * square(y).mean()
    }
    for _ in 0..<3 { #expect(try abs(reporting(batch).item() - written(batch).item()) < 1e-12) }
    try expectClose(values(reporting.model), values(written.model))
  }
}
