import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentTraining

/// A step's kernels say which layer they compute, and what for.
@Suite("a step by layers")
struct StepProvenanceTests {
  private func step(_ optimizer: some Optimizer) throws -> TrainingStep<SmallNetwork, Batch> {
    try TrainingStep(SmallNetwork(), optimizer: optimizer) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
  }
  private let batch = Batch(input: sample([6, 4], .float32), target: Tensor(integers: [0, 1, 2, 0, 1, 2]))

  private func groups(_ graph: Graph) -> Set<String> {
    var groups: Set<String> = []
    for node in graph.nodes where ![.input, .constant, .broadcast, .iota].contains(node.kind) {
      groups.insert("\(node.provenance.scope.path) \(node.provenance.phase)")
    }
    return groups
  }

  @Test func layersAndPhases() throws {
    let found = groups(try step(Adam(learningRate: 1e-2)).compiled(for: batch).graph)
    for layer in ["hidden", "normalization", "output"] {
      for phase in PlanPhase.allCases { #expect(found.contains("\(layer) \(phase)"), "\(layer) \(phase): \(found)") }
    }
    #expect(!found.contains(" backward"), "\(found)")
  }

  /// The norm of all gradients is no layer's, what it scales is.
  @Test func clipping() throws {
    let graph = try step(SGD(learningRate: 0.1).clipping(globalNorm: 1)).compiled(for: batch).graph
    let sums = graph.nodes.filter { $0.kind == .sqrt && $0.provenance.phase == .update }
    #expect(sums.contains { $0.provenance.scope == .unknown }, "the norm of all")
    #expect(sums.contains { $0.provenance.scope.path == "output" }, "the norm of one")
    let scaled = Set(
      graph.nodes.filter { $0.kind == .multiply && $0.provenance.phase == .update }.map(\.provenance.scope.path))
    #expect(scaled.isSuperset(of: ["hidden", "normalization", "output"]))
  }

  @Test func profiles() throws {
    let step = try step(Adam(learningRate: 1e-2))
    let kernels = try step.profile(batch, runs: 2)
    let layers = LayerProfile.grouping(kernels)
    #expect(layers.reduce(0) { $0 + $1.kernels } == kernels.count)
    #expect(layers.contains { $0.name == "hidden forward" } && layers.contains { $0.name == "output backward" })
    #expect(layers.contains { $0.phase == .update })
    #expect(layers.count < kernels.count, "\(layers)")
    #expect(layers.allSatisfy { $0.description.hasPrefix($0.name + ": ") })
  }

  /// A plan that is refused for its memory says which layers' values are the largest.
  @Test(.leftOutOnReference(.plannedMemory)) func memoryLimits() throws {
    let step = try TrainingStep(SmallNetwork(), optimizer: SGD(learningRate: 0.1), memoryLimit: 100) {
      model, batch in softmaxCrossEntropy(model(batch.input), batch.target)
    }
    let error = #expect(throws: TensorError.self) { try step(batch) }
    let layers = ["hidden", "normalization", "output"]
    #expect(layers.contains { error?.message.contains(" of \($0) ") == true }, "\(error?.message ?? "")")
  }
}
