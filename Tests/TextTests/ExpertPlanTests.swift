import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import DescentText
import DescentTraining
import TestSupport
import Testing

/// What models with experts take on machines.
@Suite struct ExpertPlanTests {
  private let small = ExpertConfiguration(
    vocabularySize: 11, width: 8, experts: 8, groups: 4, choices: 4, units: 16, layers: 1, heads: 2, context: 6)

  /// The paper's counts without embedding and softmax: 272.9, 1,079.0, 4,303.4, 17,201.0, 68,791.0 and 137,577.6 million.
  @Test func parametersAreThePapers() throws {
    for (experts, groups, millions) in [
      (256, 1, 272.9), (1_024, 16, 1_079.0), (4_096, 16, 4_303.4), (131_072, 256, 137_577.6),
    ] {
      let settings = ExpertConfiguration(
        vocabularySize: 100_000, width: 512, experts: experts, groups: groups, choices: 4, units: 1_024)
      let plan = try ExpertPlan(ExpertRecurrentModel(settings), batch: [2, 4], optimizer: SGD(learningRate: 1))
      let count = plan.parameterCount - plan.vocabularyCount
      #expect((Double(count) / 1e5).rounded() / 10 == millions, "\(experts): \(count)")
      // Two LSTMs; two matrices for each expert; weights and noise of both levels of gates.
      let gates = groups == 1 ? experts : groups + experts
      #expect(count == 2 * (8 * 512 * 512 + 4 * 512) + experts * 2 * 512 * 1_024 + 2 * 512 * gates)
      #expect(plan.vocabularyCount == 2 * 512 * 100_000 && plan.expertCount == experts * 2 * 512 * 1_024)
      #expect(plan.exchangedBytes == 0 && plan.reducedBytes == 0)
    }
  }

  /// On one machine, what is planned is what training occupies.
  @Test func plannedIsMeasured() throws {
    func check<Model: LanguageModel>(_ model: Model, _ optimizer: some Optimizer) throws {
      let plan = try ExpertPlan(model, batch: [3, 6], optimizer: optimizer)
      let step = try TrainingStep(model, optimizer: optimizer) { (model: Model, batch: Batch) in
        softmaxCrossEntropy(try model(batch.input), batch.target)
      }
      let tokens = Tensor(integers: (0..<18).map { $0 % 11 }, shape: [3, 6])
      let batch = Batch(input: tokens, target: tokens)
      PlanMemory.release()
      try step(batch)
      let values = try step.snapshot()
      func bytes(_ prefix: String) -> Int {
        values.filter { $0.key.hasPrefix(prefix) }.reduce(0) { $0 + $1.value.count * $1.value.elementType.byteCount }
      }
      #expect(plan.parameterBytes == bytes("model.") && plan.optimizerBytes == bytes("optimizer."))
      #expect(plan.batchBytes == 2 * 18 * 4)
      let found = try step.statistics(for: batch)
      #expect(plan.workingBytes == found.peakBytes + found.constantBytes)
    }
    try check(ExpertRecurrentModel(small), Adam())
    try check(ExpertRecurrentModel(small), SGD(learningRate: 1, momentum: 0.9))
    try check(ExpertTransformerModel(small), Adam())
  }

  /// A machine has its part of groups and experts, sends its rows, and shares the gradients of the rest.
  @Test func machinesShareTheExperts() throws {
    let alone = try ExpertPlan(ExpertRecurrentModel(small), batch: [3, 6], optimizer: Adam())
    let shared = try ExpertPlan(ExpertRecurrentModel(small), on: 2, batch: [3, 6], optimizer: Adam())
    #expect(shared.parameterCount == alone.parameterCount)
    for (path, shape) in alone.parameters {
      let isSplit = path.contains("experts") || path.contains("groupGate")
      #expect(shared.parameters[path] == (isSplit ? [shape[0] / 2] + shape.dropFirst() : shape), "\(path)")
    }
    // 18 tokens go to two groups each; there and back, forward and backward; half of it stays here.
    #expect(shared.exchangedBytes == 18 * 2 * 8 * 4 * 2 * 2 / 2)
    let common = alone.parameters.filter { !$0.key.contains("experts") && !$0.key.contains("groupGate") }
    #expect(shared.reducedBytes == common.values.reduce(0) { $0 + $1.reduce(1, *) } * 4)
    var flat = small
    (flat.groups, flat.choices) = (1, 3)
    let rows = try ExpertPlan(ExpertRecurrentModel(flat), on: 4, batch: [3, 6], optimizer: Adam())
    #expect(rows.exchangedBytes == 18 * 3 * 8 * 4 * 2 * 2 * 3 / 4)
    let words = fault { _ = try ExpertPlan(ExpertRecurrentModel(flat), on: 3, batch: [3, 6], optimizer: Adam()) }
    #expect(words.contains("cannot share 8 experts out over 3 devices equally"))
    #expect(
      fault { _ = try ExpertPlan(ExpertRecurrentModel(flat), on: 0, batch: [3, 6], optimizer: Adam()) }.contains(
        "found 0"))
  }
}
