import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import DescentText
import DescentTraining
import TestSupport
import Testing

/// Language models with mixtures of experts.
@Suite struct ExpertModelTests {
  private let tokens = Tensor(integers: (0..<24).map { ($0 * 7 + 3) % 11 }, shape: [2, 12])

  private func settings(groups: Int = 1, balance: ExpertBalance = ExpertBalance()) -> ExpertConfiguration {
    ExpertConfiguration(
      vocabularySize: 11, width: 8, experts: 6, groups: groups, choices: 2, units: 10, balance: balance, layers: 2,
      heads: 2,
      context: 16)
  }

  /// Token by token, with what is carried, the logits are those of the whole at once.
  private func expectSteps<Model: LanguageModel>(_ model: Model) throws {
    let whole = try model(tokens).scalars()
    var state = try model.initialState(batch: 2, .float32)
    var parts: [Tensor] = []
    for place in [0..<5, 5..<6, 6..<12] {
      let (logits, next) = try model.logits(tokens[.all, place], from: state)
      parts.append(logits)
      state = next
    }
    let found = try concatenated(parts, axis: 1).scalars()
    for (place, (a, b)) in zip(whole, found).enumerated() {
      #expect(abs(a - b) < 1e-4, "\(Model.self), token \(place / 11): \(a), \(b)")
    }
  }

  /// Gates that begin at 0 send all to the same experts; these do not.
  private func varied<Model: LanguageModel>(_ model: Model) throws -> Model {
    try model.initialized(for: tokens, seed: 3).map { parameter, tensor in
      let isGate = parameter.path.hasSuffix("gate.weight") || parameter.path.hasSuffix("groupGate.weight")
      return isGate ? RandomKey(seed: 5).split(parameter.path).normal(tensor.shape) : tensor
    }
  }

  @Test func carriedStateGivesTheSameLogits() throws {
    try expectSteps(try varied(ExpertRecurrentModel(settings())))
    try expectSteps(try varied(ExpertRecurrentModel(settings(groups: 3))))
    try expectSteps(try varied(ExpertTransformerModel(settings())))
  }

  /// Both learn, and say how their experts are used.
  @Test func learnsAndTellsItsUse() throws {
    func check<Model: LanguageModel>(_ model: Model, mixtures: Int) throws {
      let step = try TrainingStep(model, optimizer: Adam(learningRate: 1e-2), seed: 1) { (model: Model, batch: Batch) in
        softmaxCrossEntropy(try model(batch.input), batch.target)
      }
      let batch = Batch(input: tokens, target: tokens)
      let first = try step.run(batch)
      #expect(first.reports["expert importance"] != nil && first.reports["expert load"] != nil)
      for _ in 0..<60 { try step(batch) }
      let (last, begun) = (try step(batch).item(), try first.loss.item())
      #expect(last < 0.6 * begun, "\(last) after \(begun)")
      let trained = step.model
      let use = try expertUse { try trained(tokens) }
      #expect(use.count == mixtures)
      for mixture in use {
        #expect(mixture.load.count == 6 && mixture.load.reduce(0, +) == 48)
        #expect(abs(mixture.importance.reduce(0, +) - 24) < 1e-3)
        #expect(mixture.largestLoad >= 1 && mixture.largestLoad <= 3 && mixture.loadVariation >= 0)
      }
    }
    try check(ExpertRecurrentModel(settings()), mixtures: 1)
    try check(ExpertTransformerModel(settings()), mixtures: 2)
  }

  @Test func useIsCounted() throws {
    let use = ExpertUse(importance: [1, 3], load: [2, 6])
    #expect(use.largestLoad == 1.5 && use.loadVariation == 0.5 && use.importanceVariation == 0.5)
    let sum = use + use
    #expect(sum.load == [4, 12] && sum.importance == [2, 6])
    #expect(
      ExpertUse(importance: [], load: []).largestLoad == 0 && ExpertUse(importance: [0], load: [0]).loadVariation == 0)
    let nothing = try expertUse { tokens }
    #expect(nothing.isEmpty)
  }

  @Test func settingsThatDoNotFit() {
    func say(_ change: (inout ExpertConfiguration) -> Void) -> String {
      var settings = settings()
      change(&settings)
      return fault { _ = try ExpertRecurrentModel(settings) }
    }
    #expect(say { $0.groups = 4 }.contains("cannot put 6 experts into 4 groups"))
    #expect(say { $0.choices = 7 }.contains("cannot choose 7 of 6 experts"))
    #expect(say { ($0.groups, $0.choices) = (3, 3) }.contains("cannot choose 3"))
    #expect(say { $0.experts = 0 }.contains("experts must be in"))
    #expect(say { $0.dropout = 1 }.contains("dropout"))
    #expect(
      fault { _ = try ExpertTransformerModel(ExpertConfiguration(vocabularySize: 5, width: 6, heads: 4)) }.contains(
        "heads"))
  }
}
