import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

@Suite struct LoRATests {
  struct Network: Layer {
    var attention = MultiHeadAttention(heads: 2)
    var head = Sequential {
      Dense(units: 6); relu; Dense(units: 2)
    }
    func callAsFunction(_ x: Tensor) -> Tensor { head(attention(x)) }
  }

  private let x = sample([2, 3, 4])

  /// An adapted model of which the adapters have moved.
  private func moved(_ model: Network) throws -> Network {
    let made = try model.initialized(for: x, seed: 3)
    return made.map { parameter, tensor in
      parameter.path.contains("adapter") ? sample(tensor.shape, seed: parameter.path.count) : tensor
    }
  }

  @Test func adaptersBeginAtNothingAndAloneAreTrained() throws {
    let base = try Network().initialized(for: x)
    let adapted = try base.freezing().adapting(with: LoRA(rank: 2, alpha: 8)).initialized(for: x)
    try expectClose(adapted(x).scalars(), base(x).scalars(), within: 0)
    let trained = adapted.parameters.filter { $0.role == .trained }
    #expect(trained.count == 12 && trained.allSatisfy { $0.path.contains(".adapter.") })
    #expect(trained.first { $0.path == "attention.query.adapter.down" }?.shape == [4, 2])
    #expect(trained.first { $0.path == "head.2.adapter.up" }?.shape == [2, 2])
    try expectGradient(of: moved(adapted).unfreezing()) { square($0(x)).sum() }
  }

  @Test func mergedComputesTheSame() throws {
    let base = try Network().initialized(for: x)
    let adapted = try moved(base.adapting(with: LoRA(rank: 2, alpha: 8)))
    let merged = try adapted.merged()
    #expect(merged.parameters.map(\.path) == base.parameters.map(\.path))
    try expectClose(merged(x).scalars(), adapted(x).scalars())
    #expect(try merged(x).scalars() != base(x).scalars())
    // alpha / rank · down · up is what the weights have more.
    let tensors = try namedTensors(of: adapted)
    let product = matmul(
      try #require(tensors["attention.key.adapter.down"]), try #require(tensors["attention.key.adapter.up"]))
    let weight = try #require(namedTensors(of: merged)["attention.key.weight"])
    try expectClose(
      (weight - #require(tensors["attention.key.weight"])).scalars(), (product * 4).scalars())
    #expect(merged.parameters.allSatisfy { $0.role == .frozen })
  }

  @Test func someLayersAreChosen() throws {
    let base = try Network().initialized(for: x)
    let some = try base.adapting(with: LoRA(rank: 1)) { $0.path.contains("query") || $0.path.contains("value") }
    let paths = some.parameters.map(\.path)
    #expect(paths.filter { $0.contains("adapter") }.count == 4)
    #expect(some.parameters.first { $0.path == "attention.query.weight" }?.role == .frozen)
    #expect(some.parameters.first { $0.path == "attention.key.weight" }?.role == .trained)
    // What a base model's file has is loaded, the adapters being left.
    let dense = try Dense(units: 3).initialized(for: x)
    let adapted = try dense.adapted(by: LoRA(rank: 2, dropout: 0.5)).initialized(for: x)
    #expect(adapted.weight.role == .frozen && adapted.bias?.role == .frozen && adapted.adapter?.down.role == .trained)
    let shifted = adapted.map { $1 + 0.1 }
    #expect(try training(seed: 1) { try shifted(x).scalars() } != shifted(x).scalars())
    try expectClose(shifted.merged()(x).scalars(), shifted(x).scalars())
    // A second adapter comes after the first is taken in.
    try expectClose(shifted.adapted(by: LoRA(rank: 1)).initialized(for: x)(x).scalars(), shifted(x).scalars())
  }

  @Test func blocksInALoopAreAdapted() throws {
    let base = try RepeatedBlocks(3) { Dense(units: 4) }.initialized(for: x)
    let adapted = try base.adapting(with: LoRA(rank: 2)).initialized(for: x)
    #expect(adapted.parameters.first { $0.path == "block.adapter.down" }?.shape == [3, 4, 2])
    let shifted = adapted.map { $1 + 0.1 }
    try expectClose(shifted.merged()(x).scalars(), shifted(x).scalars())
  }

  @Test func mistakesAreNamed() throws {
    let dense = try Dense(units: 3).initialized(for: x)
    #expect(fault { _ = try dense.adapted(by: LoRA(rank: 0)).initialized(for: x) }.contains("rank of at least 1"))
    #expect(
      fault { _ = try dense.adapted(by: LoRA(rank: 1, alpha: .nan)).initialized(for: x) }.contains("finite alpha"))
    #expect(fault(of: dense.adapted(by: LoRA(rank: 1))(x)).contains("no parameters yet"))
  }
}
