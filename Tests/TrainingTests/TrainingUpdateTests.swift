import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation
import TestSupport
import Testing

@testable import DescentTraining

/// Training states are values.
@Suite struct TrainingUpdateTests {
  private struct Network: Layer {
    var normalization = BatchNorm()
    var dropout = Dropout(rate: 0.25)
    var output = Dense(units: 1)
    func callAsFunction(_ x: Tensor) -> Tensor { output(dropout(normalization(x))) }
  }

  private func batch(_ seed: Int) -> Batch {
    Batch(input: sample([8, 3], seed: seed, .float32), target: sample([8, 1], seed: seed + 50, .float32))
  }
  private let update = TrainingUpdate { (model: Network, batch: Batch) in
    meanSquaredError(model(batch.input), batch.target)
  }
  private let optimizer = AdamW(learningRate: 0.05).clipping(globalNorm: 1).averaging(decay: 0.5)

  private func numbers(_ snapshot: [String: Tensor]) throws -> [String: [Double]] {
    try snapshot.mapValues { try $0.scalars() }
  }

  @Test func aStateIsSteppedAsAStepsOwn() throws {
    var state = try TrainingState(Network(), optimizer: optimizer, seed: 3)
    let step = try TrainingStep(Network(), optimizer: optimizer, seed: 3) { (model: Network, batch: Batch) in
      meanSquaredError(model(batch.input), batch.target)
    }
    for number in 1...3 {
      let (a, b) = try (update(&state, batch(number)).loss.item(), step(batch(number)).item())
      #expect(a == b)
    }
    #expect(try numbers(state.snapshot()) == numbers(step.snapshot()))
    #expect(state.step == 3)
  }

  @Test func copiesStayAsTheyAre() throws {
    var state = try TrainingState(Network(), optimizer: optimizer)
    try update(&state, batch(1))
    let (copy, model) = (state, state.model)
    let before = try numbers(copy.snapshot())
    let weight = try #require(model.output.weight.tensor)
    for number in 2...4 { try update(&state, batch(number)) }
    #expect(try numbers(copy.snapshot()) == before)
    #expect(try weight.scalars() == before["model.output.weight"])
    #expect(try numbers(state.snapshot()) != before)
    // The copy goes its own way, to the same place.
    var again = copy
    for number in 2...4 { try update(&again, batch(number)) }
    #expect(try numbers(again.snapshot()) == numbers(state.snapshot()))
    #expect(update.compilationCount == 1)
  }

  @Test func aStateThatIsReadGoesOnWithTheSameBits() throws {
    var state = try TrainingState(Network(), optimizer: optimizer, seed: 7)
    for number in 1...2 { try update(&state, batch(number)) }
    let coded = try JSONEncoder().encode(state)
    var read = try JSONDecoder().decode(TrainingState<Network, Averaging<Clipped<AdamW>>>.self, from: coded)
    #expect(read.step == 2 && read.optimizer == state.optimizer && read.seed == 7)
    var fresh = try TrainingState(Network(), optimizer: optimizer, seed: 7)
    try fresh.restore(state.snapshot())
    for number in 3...4 {
      try update(&state, batch(number))
      try update(&read, batch(number))
      try update(&fresh, batch(number))
    }
    let wanted = try numbers(state.snapshot())
    #expect(try numbers(read.snapshot()) == wanted)
    #expect(try numbers(fresh.snapshot()) == wanted)
    // Before the first step there is a model only.
    let unbound = try TrainingState(Network(), optimizer: optimizer, seed: 7)
    let again = try JSONDecoder().decode(
      TrainingState<Network, Averaging<Clipped<AdamW>>>.self, from: try JSONEncoder().encode(unbound))
    #expect(again.step == 0 && again.model.output.weight.tensor == nil)
  }

  @Test func statesAreSavedInDirectories() throws {
    try withTemporaryFolder { folder in
      let runs = folder + "/runs"
      var state = try TrainingState(Network(), optimizer: optimizer, seed: 7)
      #expect(fault { try state.save(in: runs) }.contains("has seen no batch yet"))
      #expect(try !state.resume(in: runs))
      for number in 1...4 {
        try update(&state, batch(number))
        try state.save(in: runs)
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: runs).sorted()
          == ["checkpoint-000000003.safetensors", "checkpoint-000000004.safetensors"])
      var again = try TrainingState(Network(), optimizer: optimizer, seed: 7)
      #expect(try again.resume(in: runs))
      try update(&state, batch(5))
      try update(&again, batch(5))
      #expect(again.step == 5)
      #expect(try numbers(again.snapshot()) == numbers(state.snapshot()))
      // Of another run, another optimizer.
      var other = try TrainingState(Network(), optimizer: optimizer, seed: 8)
      #expect(fault { try other.resume(in: runs) }.contains("is of a run with seed 7; this one has seed 8"))
      var plain = try TrainingState(Network(), optimizer: SGD(learningRate: 1), seed: 7)
      #expect(fault { try plain.resume(in: runs) }.contains("is a checkpoint of another model or optimizer"))
      #expect(plain.step == 0 && plain.model.output.weight.tensor == nil)
      // Gone back, it saves what is the latest then.
      var back = state
      try back.restore(try Safetensors.read(runs + "/checkpoint-000000003.safetensors").tensors)
      try back.save(in: runs)
      var latest = try TrainingState(Network(), optimizer: optimizer, seed: 7)
      try latest.resume(in: runs)
      #expect(latest.step == 3)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: runs + "/earlier-1")
          == ["checkpoint-000000004.safetensors"])
      // What is not a number displaces nothing.
      again.optimizer.base.base.learningRate = LearningRate { _ in Tensor(.nan, .float64) }
      try update(&again, batch(6))
      #expect(fault { try again.save(in: runs) }.contains("is NaN after step 6: take a smaller learning rate"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: runs).count == 2)
    }
  }

  @Test func modelsArePutIn() throws {
    var state = try TrainingState(Network(), optimizer: optimizer)
    try update(&state, batch(1))
    let best = state.model
    let wanted = try values(best)
    for number in 2...3 { try update(&state, batch(number)) }
    try state.replaceModel(best)
    #expect(try values(state.model) == wanted)
    try update(&state, batch(4))
    #expect(try values(best) == wanted)
    struct Other: Layer {
      var output = Dense(units: 2)
      func callAsFunction(_ x: Tensor) -> Tensor { output(x) }
    }
    let other = try Network().initialized(for: Tensor(zeros: [2, 5]))
    let before = try values(state.model)
    #expect(fault { try state.replaceModel(other) }.contains("where float32[3] is needed"))
    #expect(try values(state.model) == before)
    #expect(state.step == 4)
  }

  /// Parts that are frozen between two steps stay as they are, and what is remembered of the others is kept.
  @Test func partsAreFrozenOnTheWay() throws {
    let rule = SGD(learningRate: 0.1, momentum: 0.9)
    var state = try TrainingState(Network(), optimizer: rule)
    for number in 1...2 { try update(&state, batch(number)) }
    let momentum = try #require(state.snapshot()["optimizer.output.bias"]).scalars()
    state.model.freeze { $0.path == "output.weight" || $0.path.hasPrefix("normalization") }
    #expect(state.step == 2)
    let before = try numbers(state.snapshot())
    #expect(before["optimizer.output.bias"] == momentum)
    #expect(before["optimizer.output.weight"] == nil)
    try update(&state, batch(3))
    let after = try numbers(state.snapshot())
    for (name, numbers) in before where name.hasPrefix("model.") {
      #expect((after[name] == numbers) == (name != "model.output.bias"), "\(name)")
    }
    state.model.unfreeze { _ in true }
    try update(&state, batch(4))
    #expect(try numbers(state.snapshot())["model.output.weight"] != after["model.output.weight"])
    #expect(state.step == 4)
  }

  private struct Pair: Model {
    var early = Parameter(Tensor([1, 2], .float64))
    var late = Parameter(Tensor([-1, 3], .float64))
  }

  /// Parameters that begin to move later take the steps of parameters that begin, whatever is remembered of the others.
  @Test func unfrozenParametersBegin() throws {
    let step = TrainingUpdate { (model: Pair, x: Tensor) in
      let (early, late) = try (#require(model.early.tensor), #require(model.late.tensor))
      return square(early - x).sum() + square(late + x).sum()
    }
    let x = Tensor([0.3, -0.7], .float64)
    func check<Rule: Optimizer>(_ rule: Rule, every count: Int = 1) throws {
      var model = Pair()
      model.freeze { $0.path == "late" }
      var state = try TrainingState(model, optimizer: rule)
      for _ in 0..<4 * count { try step(&state, x) }
      #expect(try state.snapshot()["start.late"] == nil)
      state.model.unfreeze()
      #expect(try state.snapshot()["start.late"]?.integers() == [4 * count])
      // Both parameters begin in a state of its own.
      var alone = try TrainingState(state.model, optimizer: rule)
      for _ in 0..<2 * count { try step(&state, x) }
      var read = try JSONDecoder().decode(TrainingState<Pair, Rule>.self, from: JSONEncoder().encode(state))
      var restored = try TrainingState(Pair(), optimizer: rule)
      try restored.restore(state.snapshot())
      for _ in 0..<2 * count { try step(&state, x) }
      for _ in 0..<2 * count {
        try step(&read, x)
        try step(&restored, x)
      }
      for _ in 0..<4 * count { try step(&alone, x) }
      let found = try values(state.model)
      #expect(try found["late"] == values(alone.model)["late"], "\(rule)")
      #expect(try found["early"] != values(alone.model)["early"])
      #expect(try values(read.model) == found && values(restored.model) == found)
    }
    try check(Adam(learningRate: 0.1))
    try check(NAdam(learningRate: 0.1).addingNoise(variance: 0))
    try check(AdamW(learningRate: 0.1).accumulating(2), every: 2)
    // Those that stood still, began to move, and stood still in between begin again.
    var state = try TrainingState(Pair(), optimizer: Adam(learningRate: 0.1))
    for count in 1...3 {
      try step(&state, x)
      state.model.freeze { $0.path == "early" }
      try step(&state, x)
      state.model.unfreeze()
      #expect(try state.snapshot()["start.early"]?.integers() == [2 * count])
    }
    var wrong = try state.snapshot()
    wrong["start.early"] = Tensor(integers: [7], shape: [], .int64)
    #expect(fault { try state.restore(wrong) }.contains("start.early is no number of steps up to 6"))
    wrong["start.early"] = nil
    wrong["start.other"] = Tensor(integers: [1], shape: [], .int64)
    #expect(fault { try state.restore(wrong) }.contains("start.other belongs to nothing"))
  }

  /// Another optimizer that remembers in another form: what it remembers is made anew, and counts.
  @Test func memoryFollowsTheOptimizer() throws {
    let step = TrainingUpdate { (w: Tensor, x: Tensor) in w * x }
    var state = try TrainingState(Tensor(0, .float64), optimizer: SGD(learningRate: 1))
    let x = Tensor(1, .float64)
    try step(&state, x)
    state.optimizer.momentum = 0.5
    for _ in 0..<2 { try step(&state, x) }
    // −1, then −1 and −1.5.
    #expect(try state.model.item() == -3.5)
    let coded = try JSONEncoder().encode(state)
    let read = try JSONDecoder().decode(TrainingState<Tensor, SGD>.self, from: coded)
    #expect(try numbers(read.snapshot()) == numbers(state.snapshot()))
    try state.setHyperparameter("momentum", to: 0)
    try step(&state, x)
    #expect(try state.model.item() == -4.5)
    #expect(try state.snapshot().count == 2)
  }

  /// Settings of a model that is put in count; a wrong one is told, and a right one mends it.
  @Test func assignedModelsCountAsAWhole() throws {
    var state = try TrainingState(Network(), optimizer: SGD(learningRate: 0.1))
    try update(&state, batch(1))
    let compiled = update.compilationCount
    state.model.dropout = Dropout(rate: 0)
    try update(&state, batch(2))
    #expect(update.compilationCount == compiled + 1 && state.model.dropout.rate == 0)
    let good = state.model
    state.model = try Network().initialized(for: Tensor(zeros: [2, 5]))
    #expect(fault { try update(&state, batch(3)) }.contains("where float32[3] is needed"))
    #expect(fault { _ = try state.snapshot() }.contains("where float32[3] is needed"))
    state.model = good
    try update(&state, batch(3))
    #expect(state.step == 3)
    struct Wide: Codable, Sendable {
      var a = Tensor([1, 2])
      var b: Tensor?
    }
    let step = TrainingUpdate { (model: Wide, x: Tensor) in (model.a * x).sum() }
    var wide = try TrainingState(Wide(), optimizer: SGD(learningRate: 1))
    try step(&wide, Tensor([1, 1]))
    #expect(fault { try wide.replaceModel(Wide(b: Tensor([1]))) }.contains("model.b belongs to nothing"))
  }

  /// A batch whose gradient is not finite is refused when it comes, and the others are taken as ever.
  @Test func accumulationGoesOnAfterARefusedStep() throws {
    let step = TrainingUpdate { (w: Tensor, x: Tensor) in w * x }
    let rule = SGD(learningRate: 1).clipping(globalNorm: 100, nonFinite: .refused).accumulating(2)
    var state = try TrainingState(Tensor(0, .float64), optimizer: rule)
    try step(&state, Tensor(2, .float64))
    #expect(fault { try step(&state, Tensor(.nan, .float64)) }.hasPrefix("step 2: the gradient of the loss"))
    #expect(state.step == 1)
    try step(&state, Tensor(4, .float64))
    #expect(try state.model.item() == -3)
  }

  @Test func stepsWithoutALossAreTold() throws {
    let step = TrainingUpdate(results: { (w: Tensor, x: Tensor) in
      Run.current.report(loss: w * x, named: "all")
      return []
    })
    var state = try TrainingState(Tensor(0, .float64), optimizer: SGD(learningRate: 1))
    #expect(fault { try step(&state, Tensor(2, .float64)) }.contains("gives no loss"))
  }

  @Test func averagesAreAModel() throws {
    var state = try TrainingState(Network(), optimizer: SGD(learningRate: 0.5).averaging(decay: 0.75))
    let none = try state.averagedModel()
    #expect(none.map { _ in true } == nil)
    try update(&state, batch(1))
    let first = try #require(state.model.output.weight.tensor).scalars()
    let average = try #require(state.averagedModel()?.output.weight.tensor).scalars()
    try update(&state, batch(2))
    let second = try #require(state.model.output.weight.tensor).scalars()
    let next = try #require(state.averagedModel()?.output.weight.tensor).scalars()
    for index in first.indices {
      #expect(abs(next[index] - (0.75 * average[index] + 0.25 * second[index])) < 1e-6)
    }
    // Statistics are those of the model.
    #expect(
      try state.averagedModel()?.normalization.mean.tensor?.scalars()
        == state.model.normalization.mean.tensor?.scalars())
  }

  /// Batches of equal size that are accumulated give the step of one batch with all their examples.
  @Test func accumulatedBatchesAreOneLargeBatch() throws {
    let step = TrainingUpdate { (model: Line, batch: Batch) in meanSquaredError(model(batch.input), batch.target) }
    let rule = AdamW(learningRate: 0.1, weightDecay: 0.1).clipping(globalNorm: 0.5)
    var (small, large) = try (
      TrainingState(Line(), optimizer: rule.accumulating(4)), TrainingState(Line(), optimizer: rule)
    )
    for round in 0..<3 {
      let parts = (0..<4).map {
        Batch(input: sample([2, 3], seed: 10 * round + $0), target: sample([2, 1], seed: 90 + $0))
      }
      for part in parts { try step(&small, part) }
      try step(
        &large,
        Batch(input: concatenated(parts.map(\.input), axis: 0), target: concatenated(parts.map(\.target), axis: 0)))
    }
    try expectClose(values(small.model), values(large.model))
    #expect(small.step == 12 && large.step == 3)
  }
}
