import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation
import TestSupport
import Testing

@testable import DescentTraining

/// Models of containers, attention and experts, trained by compiled steps.
@Suite struct SequenceModelTests {
  /// A language model of eight words.
  struct Language: Layer {
    var words = Embedding(count: 8, size: 16)
    var positions = LearnedPositions(context: 12)
    var blocks = [
      TransformerEncoderBlock(
        attention: MultiHeadAttention(heads: 2, isCausal: true, dropout: 0.1),
        feedForward: MixtureOfExperts(experts: 4, units: 16), dropout: 0.1),
      TransformerEncoderBlock(
        attention: MultiHeadAttention(heads: 4, keyHeads: 2, isCausal: true, positions: .rotary(), bias: false),
        feedForward: FeedForward(units: 24, activation: .silu, isGated: true, bias: false)),
    ]
    var last = Sequential {
      LayerNorm();
      Residual {
        Dense(units: 16); tanh
      }
    }

    func callAsFunction(_ text: Tensor) -> Tensor {
      words.logits(last(blocks.reduce(positions(words(text))) { $1($0) }))
    }

    func next(_ word: Tensor, _ caches: [AttentionCache]) -> (Tensor, [AttentionCache]) {
      var (x, next) = (positions(words(word), from: caches[0].position), caches)
      for (place, block) in blocks.enumerated() { (x, next[place]) = block(x, from: caches[place]) }
      return (words.logits(last(x)), next)
    }
  }

  /// Words that follow from the two before: each is their sum, modulo 8.
  private func text(_ count: Int, seed: Int) -> Tensor {
    let lines = (0..<count).flatMap { line -> [Int] in
      var words = [(line * 3 + seed) % 8, (line * 5 + seed * 7 + 1) % 8]
      while words.count < 10 { words.append((words[words.count - 1] + words[words.count - 2]) % 8) }
      return words
    }
    return Tensor(integers: lines, shape: [count, 10])
  }

  @Test func aLanguageModelLearnsAndGenerates() throws {
    let step = try TrainingStep(Language(), optimizer: Adam(learningRate: 0.01), seed: 2) {
      (model: Language, text: Tensor) in
      softmaxCrossEntropy(model(text[.all, 0..<9])[.all, 1...], text[.all, 2...])
    }
    var first = 0.0
    for number in 1...60 {
      let loss = try step(text(16, seed: number)).item()
      if number == 1 { first = loss }
    }
    let result = try step.run(text(16, seed: 99))
    #expect(try result.loss.item() < 0.5 * first)
    #expect(try #require(result["expert importance"]).item() >= 0 && result["expert load"] != nil)
    // What it says word by word is what it says of the whole.
    let (model, line) = (step.model, text(2, seed: 5))
    let whole = try model(line[.all, 0..<9]).scalars()
    let next = compiled { (word: Tensor, caches: [AttentionCache]) in model.next(word, caches) }
    var caches = model.blocks.map { $0.attention.cache(batch: 2, capacity: 9) }
    var logits: [Tensor] = []
    for place in 0..<9 {
      let (output, later) = try next(line[.all, place..<place + 1], caches)
      caches = later
      logits.append(output)
    }
    for (a, b) in zip(try concatenated(logits, axis: 1).scalars(), whole) { #expect(abs(a - b) < 1e-4) }
    #expect(next.compilationCount == 1)
  }

  /// A run that goes on from a checkpoint gives the bits of one that was never interrupted, dropout and noise included.
  @Test func resumesWithTheSameBits() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sequence-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let update = TrainingUpdate { (model: Language, text: Tensor) in
      softmaxCrossEntropy(model(text[.all, 0..<9]), text[.all, 1...])
    }
    var state = try TrainingState(Language(), optimizer: Adam(learningRate: 0.01), seed: 3)
    for number in 1...2 { _ = try update(&state, text(4, seed: number)) }
    try state.save(in: folder)
    _ = try update(&state, text(4, seed: 3))
    var other = try TrainingState(Language(), optimizer: Adam(learningRate: 0.01), seed: 3)
    #expect(try other.resume(in: folder))
    _ = try update(&other, text(4, seed: 3))
    let (a, b) = try (namedTensors(of: state.model), namedTensors(of: other.model))
    for (path, tensor) in a { #expect(try tensor.scalars() == b[path]?.scalars(), "\(path)") }
  }
}
