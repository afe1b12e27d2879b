import Descent
import Testing

@Suite struct LayersOfLayers {
  @Test func containers() throws {
    let model = Sequential {
      Conv2D(filters: 8, size: 3, padding: .same)
      relu
      Residual {
        Conv2D(filters: 8, size: 3, padding: .same)
        BatchNorm()
      }
      Parallel {
        Conv2D(filters: 4, size: 1)
        Conv2D(filters: 4, size: 3, padding: .same)
      }
      Lambda("flattened") { $0.flattened() }
      Dense(units: 10)
    }
    let bound = try model.initialized(for: Tensor(zeros: [1, 8, 8, 1]))

    #expect(bound.parameters.map(\.path).contains("2.body.0.weight"))
    #expect(bound(Tensor(zeros: [2, 8, 8, 1])).shape == [2, 10])
  }

  struct Language: Layer {
    var words = Embedding(count: 65, size: 32)
    var positions = LearnedPositions(context: 64)
    var blocks = (0..<2).map { _ in
      TransformerEncoderBlock(
        attention: MultiHeadAttention(heads: 4, isCausal: true),
        feedForward: FeedForward(units: 128, activation: .gelu), dropout: 0.1)
    }
    var norm = LayerNorm()

    func callAsFunction(_ text: Tensor) -> Tensor {
      words.logits(norm(blocks.reduce(positions(words(text))) { x, block in block(x) }))
    }

    /// The scores of the word that comes next, from the last one and what was seen before.
    func next(_ word: Tensor, _ caches: [AttentionCache]) -> (Tensor, [AttentionCache]) {
      var x = positions(words(word), from: caches[0].position)
      var later = caches
      for (number, block) in blocks.enumerated() { (x, later[number]) = block(x, from: caches[number]) }
      return (words.logits(norm(x)), later)
    }
  }

  @Test func generates() throws {
    let text = Tensor(integers: [1, 5, 9, 2], shape: [1, 4])
    let model = try Language().initialized(for: text, seed: 1)

    let step = compiled { (word: Tensor, caches: [AttentionCache]) in model.next(word, caches) }
    var caches = model.blocks.map { $0.attention.cache(batch: 1, capacity: 64) }
    var word = Tensor(integers: [1], shape: [1, 1])
    for _ in 0..<8 {
      let (logits, later) = try step(word, caches)
      caches = later
      word = logits.argMax(axis: -1)
    }

    #expect(step.compilationCount == 1)
    #expect(try caches[0].position.item(as: Int.self) == 8)
  }

  @Test func experts() throws {
    let x = RandomKey(seed: 1).normal([2, 4, 32])

    let block = TransformerEncoderBlock(
      attention: MultiHeadAttention(heads: 4, keyHeads: 2, isCausal: true, positions: .rotary()),
      feedForward: MixtureOfExperts(experts: 16, choices: 2, units: 64), norm: LayerNorm(shift: false))

    #expect(try block.initialized(for: x)(x).shape == [2, 4, 32])
  }

  @Test func adapters() throws {
    let text = Tensor(integers: [1, 5, 9, 2], shape: [1, 4])
    let trained = try Language().initialized(for: text, seed: 1)

    let adapted = try trained.freezing().adapting(with: LoRA(rank: 4, alpha: 8)) { $0.path.contains("attention") }
    // … train it: the adapters alone move …
    let model = try adapted.initialized(for: text).merged()

    #expect(model.parameters.map(\.path) == trained.parameters.map(\.path))
    #expect(try allClose(model(text), trained(text)).booleans() == [true])
  }
}
