import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import DescentTraining
import TestSupport
import Testing

@Suite struct PlannedStepTests {
  private struct Network: Layer {
    var embedding: Embedding
    var first: LSTM
    var mixture: HierarchicalMixtureOfExperts
    var second: LSTM

    init(vocabulary: Int, width: Int, groups: Int, experts: Int, units: Int) {
      embedding = Embedding(count: vocabulary, size: width)
      (first, second) = (LSTM(units: width), LSTM(units: width))
      mixture = HierarchicalMixtureOfExperts(groups: groups, experts: experts, units: units, bias: false)
    }

    func callAsFunction(_ tokens: Tensor) -> Tensor {
      embedding.logits(second(sigmoid(mixture(first(embedding(tokens))))))
    }
  }

  @Sendable private static func loss(_ network: Network, _ tokens: Tensor) -> Tensor {
    softmaxCrossEntropy(network(tokens), tokens)
  }

  /// What is planned is what a step then occupies: the same tensors, the same plan.
  @Test func plannedIsWhatRuns() throws {
    let network = Network(vocabulary: 11, width: 8, groups: 4, experts: 4, units: 16)
    let tokens = Tensor(integers: (0..<24).map { $0 % 11 }, shape: [3, 8])
    for optimizer in [Adam(), Adam(amsgrad: true)] {
      let planned = try PlannedStep(network, optimizer: optimizer, batch: tokens, loss: Self.loss)
      let step = try TrainingStep(network, optimizer: optimizer, loss: Self.loss)
      try step(tokens)
      let values = try step.snapshot()
      func bytes(_ prefix: String) -> Int {
        values.filter { $0.key.hasPrefix(prefix) }.reduce(0) { $0 + $1.value.count * $1.value.elementType.byteCount }
      }
      #expect(planned.parameterBytes == bytes("model.") && planned.optimizerBytes == bytes("optimizer."))
      #expect(planned.parameterCount == planned.parameterBytes / 4 && planned.batchBytes == 24 * 4)
      let found = try step.statistics(for: tokens)
      #expect(planned.statistics.arenaBytes == found.arenaBytes && planned.statistics.outputBytes == found.outputBytes)
      #expect(planned.statistics.constantBytes == found.constantBytes && planned.statistics.kernels == found.kernels)
      #expect(
        Set(planned.parameters.map { "model.\($0.path)" } + planned.optimizerState.map { "optimizer.\($0.path)" })
          == Set(values.keys).subtracting(["step"]))
    }
  }

  /// A model that no machine holds is planned all the same: the largest of the paper's.
  @Test func largerThanMemory() throws {
    let network = Network(vocabulary: 100_000, width: 512, groups: 256, experts: 512, units: 1_024)
    let tokens = Tensor(zeros: [4, 20], .int32)
    let planned = try PlannedStep(network, optimizer: Adam(), batch: tokens, loss: Self.loss)
    let experts = planned.parameters.filter { $0.path.hasPrefix("mixture.experts") }.reduce(0) { $0 + $1.count }
    #expect(experts == 131_072 * 2 * 512 * 1_024)
    let whole = planned.parameterCount - 100_000 * 512
    // Two LSTMs, and two levels of gates with weights and noise.
    #expect(whole == experts + 2 * (8 * 512 * 512 + 4 * 512) + 2 * 512 * (256 + 131_072))
    #expect(planned.optimizerBytes == 2 * planned.parameterBytes)
    #expect(planned.peakBytes > 3 * planned.parameterBytes)
  }

  @Test func mistakesAreNamed() throws {
    let network = Network(vocabulary: 11, width: 8, groups: 4, experts: 4, units: 16)
    let words = fault {
      _ = try PlannedStep(network, optimizer: Adam(), batch: Tensor(zeros: [3, 8]), loss: Self.loss)
    }
    #expect(words.contains("takes integer indices"))
    let tight = fault {
      _ = try PlannedStep(
        network, optimizer: Adam(), batch: Tensor(zeros: [3, 8], .int32), memoryLimit: 100, loss: Self.loss)
    }
    #expect(tight.contains("100"))
    #expect(
      fault {
        _ = try PlannedStep(network, optimizer: Adam(beta1: 2), batch: Tensor(zeros: [3, 8], .int32), loss: Self.loss)
      }.contains("beta1"))
  }
}
