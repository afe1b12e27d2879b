import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import TestSupport
import Testing

@Suite struct TransformerBlockTests {
  private let x = sample([2, 4, 8])

  /// Norms of every order, gates, shared keys, rotations.
  private var blocks: [TransformerEncoderBlock] {
    [
      TransformerEncoderBlock(heads: 2, units: 12, activation: .gelu, isCausal: true),
      TransformerEncoderBlock(heads: 2, units: 12, isCausal: true, order: .post),
      TransformerEncoderBlock(
        attention: MultiHeadAttention(heads: 4, keyHeads: 2, isCausal: true, positions: .rotary(), bias: false),
        feedForward: FeedForward(units: 10, activation: .silu, isGated: true, bias: false),
        norm: LayerNorm(shift: false)),
    ]
  }

  @Test func parametersStandAtTheirParts() throws {
    let block = try blocks[0].initialized(for: x)
    let paths = Set(block.parameters.map(\.path))
    #expect(paths.count == 16)
    #expect(
      paths.isSuperset(of: [
        "attention.query.weight", "attention.output.bias", "attentionNorm.scale", "feedForward.hidden.weight",
        "feedForward.output.bias", "feedForwardNorm.shift",
      ]))
    #expect(block.summary.contains("MultiHeadAttention") || block.summary.contains("attention.query.weight"))
    let gated = try blocks[2].initialized(for: x)
    #expect(Set(gated.parameters.map(\.path)).contains("feedForward.gate.weight"))
    #expect(gated.feedForward is FeedForward && gated.attentionNorm is LayerNorm && gated.feedForwardNorm is LayerNorm)
  }

  @Test func derivativesAreRight() throws {
    for block in blocks {
      let made = try block.initialized(for: x)
      try expectGradient(of: made) { square($0(x)).sum() }
      try expectGradient(of: [x]) { square(made($0[0])).sum() }
    }
    let decoder = try TransformerDecoderBlock(heads: 2, units: 6).initialized { $0(x, attendingTo: sample([2, 3, 5])) }
    try expectGradient(of: decoder) { square($0(x, attendingTo: sample([2, 3, 5]))).sum() }
    let dropping = try TransformerEncoderBlock(heads: 2, units: 6, dropout: 0.2).initialized(for: x)
    try expectGradient(of: dropping) { model in training(seed: 2) { square(model(x)).sum() } }
  }

  /// A gated layer multiplies by the activation of its gates.
  @Test func gatesMultiply() throws {
    let layer = try FeedForward(units: 6, activation: .gelu, isGated: true).initialized(for: x)
    let gate = try #require(layer.gate)
    try expectClose(layer(x).scalars(), layer.output(gelu(gate(x)) * layer.hidden(x)).scalars())
    let plain = try FeedForward(units: 6, activation: .silu).initialized(for: x)
    try expectClose(plain(x).scalars(), plain.output(silu(plain.hidden(x))).scalars())
    #expect(plain.gate == nil)
    #expect(fault(of: plain(Tensor(1.0))).hasPrefix("FeedForward: takes an input"))
    #expect(fault { _ = try FeedForward(units: 0).initialized(for: x) }.contains("at least 1"))
  }

  /// A stack of blocks with caches, as one compiled step whose state they are.
  @Test func stacksGeneratePositionByPosition() throws {
    struct Stack: Model {
      var blocks: [TransformerEncoderBlock]
      func callAsFunction(_ x: Tensor) -> Tensor { blocks.reduce(x) { $1($0) } }
      func next(_ x: Tensor, _ caches: [AttentionCache]) -> (Tensor, [AttentionCache]) {
        var (x, next) = (x, caches)
        for (place, block) in blocks.enumerated() { (x, next[place]) = block(x, from: caches[place]) }
        return (x, next)
      }
    }
    let stack = try Stack(blocks: blocks).initialized { $0(x) }
    let whole = try stack(x).scalars()
    let step = compiled { (x: Tensor, caches: [AttentionCache]) in stack.next(x, caches) }
    var caches = stack.blocks.map { $0.attention.cache(batch: 2, capacity: 6, .float64) }
    var outputs: [Tensor] = []
    for place in 0..<4 {
      let (output, next) = try step(x[.all, place..<place + 1], caches)
      caches = next
      outputs.append(output)
    }
    try expectClose(concatenated(outputs, axis: 1).scalars(), whole)
    #expect(step.compilationCount == 1)
  }

  @Test func decodersGeneratePositionByPosition() throws {
    let memory = sample([2, 3, 8], seed: 4)
    let isPresent = (Tensor([[1, 1, 1], [1, 0, 0]]) .> 0)
    for order in [NormOrder.pre, .post] {
      let block = try TransformerDecoderBlock(heads: 2, units: 6, order: order)
        .initialized { $0(x, attendingTo: memory) }
      let whole = try block(x, attendingTo: memory, memoryPadding: isPresent).scalars()
      let known = block.memory(of: memory)
      var cache = block.attention.cache(batch: 2, capacity: 4, .float64)
      var outputs: [Tensor] = []
      for place in 0..<4 {
        let (output, next) = block(
          x[.all, place..<place + 1], attendingTo: known, from: cache, memoryPadding: isPresent)
        cache = next
        outputs.append(output)
      }
      try expectClose(concatenated(outputs, axis: 1).scalars(), whole)
    }
  }

  /// Any layer of one shape stands in for the feed-forward layer, and any norm for the norms.
  @Test func partsAreChosen() throws {
    let block = TransformerEncoderBlock(
      attention: MultiHeadAttention(heads: 2), feedForward: MixtureOfExperts(experts: 3, units: 4, isNoisy: false),
      norm: RMSNorm())
    let made = try block.initialized(for: x)
    #expect(Set(made.parameters.map(\.path)).contains("feedForward.experts.hidden"))
    try expectGradient(of: made) { square($0(x)).sum() }
    // Blocks of one form are the steps of a loop.
    let stack = try RepeatedBlocks(3) { TransformerEncoderBlock(heads: 2, units: 6) }.initialized(for: x)
    #expect(stack.parameters.first { $0.path == "block.attention.query.weight" }?.shape == [3, 8, 8])
    try expectGradient(of: stack) { square($0(x)).sum() }
  }

  @Test func pathsAreLeftOutWhileTraining() throws {
    let block = try TransformerEncoderBlock(
      attention: MultiHeadAttention(heads: 2), feedForward: FeedForward(units: 6), pathDropout: 0.5
    ).initialized(for: x)
    let wide = sample([64, 3, 8])
    #expect(try training(seed: 1) { try block(wide).scalars() } != block(wide).scalars())
    // Some examples go through neither branch.
    let same = (training(seed: 1) { block(wide) } .== wide).all(axes: [1, 2])
    let count = try same.converted(to: .float32).sum().item()
    #expect(count > 5 && count < 30)
    let wrong = TransformerEncoderBlock(
      attention: MultiHeadAttention(heads: 2), feedForward: FeedForward(units: 6), pathDropout: 1
    )
    #expect(fault { _ = try wrong.initialized(for: x) }.contains("StochasticDepth: "))
  }

  /// Repeated blocks give position by position what they give at once, however they are held.
  @Test(arguments: RepeatedBlocks.Form.allCases) func repeatedBlocksKeepCaches(form: RepeatedBlocks.Form) throws {
    let stack = try RepeatedBlocks(3, form) { blocks[2] }.initialized(for: x)
    let wanted = stack(x)
    var caches = try stack.caches(batch: 2, capacity: 6, .float64)
    #expect(caches.count == (form == .loop ? 1 : 3))
    let step = compiled { (x: Tensor, caches: [AttentionCache]) -> (Tensor, [AttentionCache]) in
      let (output, next) = try stack(x, from: caches)
      return (output, next)
    }
    var parts: [Tensor] = []
    for range in [0..<2, 2..<3, 3..<4] {
      let (output, next) = try step(x[0..<2, range], caches)
      parts.append(output)
      caches = next
    }
    try expectClose(concatenated(parts, axis: 1).scalars(), wanted.scalars(), within: 1e-10)
    #expect(step.compilationCount == 2)
    #expect(try caches.flatMap { try $0.position.integers() } == [4, 4, 4])
    #expect(fault { _ = try stack(x, from: caches + caches) }.contains("RepeatedBlocks: takes"))
    #expect(
      fault { _ = try RepeatedBlocks(3, form) { Dense(units: 8) }.caches(batch: 1, capacity: 1) }.contains(
        "keep no cache"))
    #expect(
      fault { _ = try RepeatedBlocks(3, form) { blocks[2] }.caches(batch: 1, capacity: 1) }.contains(
        "no parameters yet"))
  }

  @Test func mistakesAreNamed() throws {
    let block = try blocks[0].initialized(for: x)
    #expect(fault(of: block(sample([2, 4, 6]))).contains("attentionNorm (LayerNorm): was made for 8 features"))
    #expect(fault(of: block(x, mask: Tensor(zeros: [3, 3], .bool))).hasPrefix("attention (MultiHeadAttention): "))
    let cache = block.attention.cache(batch: 2, capacity: 2, .float64)
    #expect(fault(of: block(x, from: cache).output).contains("a cache of 2 positions"))
    let odd = TransformerEncoderBlock(attention: MultiHeadAttention(heads: 2), feedForward: Dense(units: 5))
    #expect(fault { _ = try odd.initialized(for: x) }.contains("[2, 4, 5]"))
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("block-\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try block.save(to: path)
    try expectClose(blocks[0].loading(path)(x).scalars(), block(x).scalars(), within: 0)
    #expect(fault { _ = try blocks[2].loading(path) }.contains("feedForward.gate.weight"))
  }
}
