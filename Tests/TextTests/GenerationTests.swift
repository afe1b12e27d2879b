import DescentLayers
import DescentTensors
import Testing

@testable import DescentText

@Suite struct GenerationTests {
  /// The logits by which each token is chosen, once by the carried state and once by all that came before.
  private func checkState<Network: LanguageModel>(
    of model: Network, sequences: [[Int]], _ place: SourceLocation = #_sourceLocation
  ) throws {
    let tokens = Tensor(integers: sequences.flatMap(\.self), shape: [sequences.count, sequences[0].count])
    let whole = try model(tokens).scalars()
    let generator = try TokenGenerator(model)
    var state = try model.initialState(batch: sequences.count, generator.elementType)
    let (length, size) = (sequences[0].count, model.vocabularySize)
    for position in sequences[0].indices {
      let logits = try generator.logits(after: sequences.map { [$0[position]] }, &state)
      for row in sequences.indices {
        let start = (row * length + position) * size
        for (one, all) in zip(logits[row], whole[start..<start + size]) {
          #expect(abs(one - all) < 1e-10, sourceLocation: place)
        }
      }
    }
    #expect(generator.compilationCount == 1, sourceLocation: place)
  }

  private let sequences = [
    [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4],
    [2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9, 0, 4, 5, 2, 3, 5, 10],
  ]

  @Test func theCarriedStateGivesTheLogitsOfFullRecomputation() throws {
    try checkState(of: SmallModels.recurrent(LSTMCell.self), sequences: sequences)
    try checkState(of: SmallModels.recurrent(GRUCell.self), sequences: sequences)
    try checkState(of: SmallModels.sharpened(SmallModels.transformer()), sequences: sequences)
    let shapes: [TransformerConfiguration] = [
      .modern(vocabularySize: 11, context: 24, layers: 2, heads: 4, width: 16, keyHeads: 2),
      TransformerConfiguration(
        vocabularySize: 11, context: 24, layers: 1, heads: 2, width: 8, positions: .alibi, bias: true,
        tiesWeights: false),
    ]
    for shape in shapes {
      try checkState(of: SmallModels.sharpened(SmallModels.transformer(shape)), sequences: sequences)
    }
  }

  /// Greedy tokens by calling the model on everything again and again.
  private func recomputed<Network: LanguageModel>(_ model: Network, from prompt: [Int], count: Int) throws -> [Int] {
    var tokens = prompt
    for _ in 0..<count {
      let logits = try model(Tensor(integers: tokens, shape: [1, tokens.count]))[0, -1].scalars()
      tokens.append(try Sampling.greedy.token(logits, sequence: 0, number: 0))
    }
    return Array(tokens[prompt.count...])
  }

  @Test func generatingIsChoosingByTheModelAgainAndAgain() throws {
    let model = SmallModels.sharpened(try SmallModels.transformer())
    #expect(try model.generate(from: [1, 2, 3], count: 12) == recomputed(model, from: [1, 2, 3], count: 12))
    let recurrent = SmallModels.sharpened(try SmallModels.recurrent(LSTMCell.self), 3)
    // A prompt that is read in pieces, and some tokens one by one.
    let prompt = (0..<75).map { $0 * $0 % 11 }
    #expect(try recurrent.generate(from: prompt, count: 5) == recomputed(recurrent, from: prompt, count: 5))
  }

  @Test func sequencesDoNotDependOnEachOther() throws {
    let model = SmallModels.sharpened(try SmallModels.transformer())
    let prompts = [[1, 2, 3, 4, 5], [6], [7, 8, 9]]
    let generator = try TokenGenerator(model)
    let sampling = Sampling(temperature: 0.9, topK: 8, seed: 5)
    let together = try generator.generate(from: prompts, count: 10, sampling: sampling)
    #expect(together.allSatisfy { $0.count == 10 })
    #expect(try generator.generate(from: prompts, count: 10, sampling: sampling) == together)
    // The first of several gets what it gets alone; the others' draws are those of their rows.
    #expect(try generator.generate(from: prompts[0], count: 10, sampling: sampling) == together[0])
    let greedy = try generator.generate(from: prompts, count: 10)
    for (prompt, tokens) in zip(prompts, greedy) { #expect(try generator.generate(from: prompt, count: 10) == tokens) }
  }

  @Test func thePlansAreThoseOfAStepWhereverItIs() throws {
    let model = try SmallModels.recurrent(GRUCell.self, layers: 1)
    let generator = try TokenGenerator(model)
    _ = try generator.generate(from: [1], count: 3)
    #expect(generator.compilationCount == 1)
    _ = try generator.generate(from: [1, 2, 3, 4], count: 300)
    #expect(generator.compilationCount == 1)
    for length in [40, 70, 101] { _ = try generator.generate(from: Array(repeating: 3, count: length), count: 5) }
    #expect(generator.compilationCount == 2)
  }

  @Test func anEndEndsASequence() throws {
    let model = SmallModels.sharpened(try SmallModels.transformer())
    let generator = try TokenGenerator(model)
    let sampling = Sampling(temperature: 1.5, seed: 1)
    let all = try generator.generate(from: [[1], [2]], count: 15, sampling: sampling)
    let end = all[0][4]
    let ended = try generator.generate(from: [[1], [2]], count: 15, sampling: sampling, endingAt: [end])
    for (one, other) in zip(ended, all) {
      let place = other.firstIndex(of: end).map { $0 + 1 } ?? other.count
      #expect(one == Array(other[..<place]))
    }
  }

  @Test func streamsGiveWhatIsGenerated() async throws {
    let generator = try TokenGenerator(SmallModels.sharpened(SmallModels.transformer()))
    let sampling = Sampling(seed: 11)
    let stream = generator.stream(from: [1, 2], count: 9, sampling: sampling)
    var tokens: [Int] = []
    for try await token in stream { tokens.append(token) }
    #expect(tokens == (try generator.generate(from: [1, 2], count: 9, sampling: sampling)))
    var again: [Int] = []
    for try await token in stream { again.append(token) }
    #expect(again == tokens)
    let task = Task {
      try await Task.sleep(for: .seconds(60))
      for try await _ in stream {}
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func aContextThatIsTooSmallIsToldBeforehand() throws {
    let generator = try TokenGenerator(SmallModels.transformer())
    let error = #expect(throws: TextError.self) { try generator.generate(from: [1, 2, 3], count: 23) }
    #expect(
      error?.description
        == "generate: a prompt of 3 tokens and 23 more do not fit into the model's context of 24; ask for at most 22, or let"
        + " it forget what lies further back with context: .slide")
    #expect(try generator.generate(from: [1, 2, 3], count: 22).count == 22)
    #expect(throws: TextError.self) { try generator.generate(from: [1], count: .max) }
  }

  /// Learned positions: the model begins anew with the last half of its context.
  @Test func aModelOfLearnedPositionsBeginsAnew() throws {
    let model = SmallModels.sharpened(
      try SmallModels.transformer(
        TransformerConfiguration(vocabularySize: 11, context: 8, layers: 2, heads: 2, width: 8)))
    var tokens = [1, 2, 3]
    var start = 0
    for _ in 0..<30 {
      if tokens.count - start > 8 { start = tokens.count - 5 }
      let seen = Array(tokens[start...])
      tokens.append(try recomputed(model, from: seen, count: 1)[0])
    }
    let generator = try TokenGenerator(model)
    #expect(try generator.generate(from: [1, 2, 3], count: 30, context: .slide) == Array(tokens[3...]))
    #expect(generator.compilationCount == 1)
    // A prompt that is itself longer than the context.
    let prompt = Array(tokens[..<20])
    #expect(try generator.generate(from: prompt, count: 5, context: .slide).count == 5)
  }

  /// Relative positions: each block sees as many positions as the context has, by a cache that rolls.
  @Test func aModelOfRelativePositionsSlides() throws {
    for positions in [TransformerConfiguration.Positions.rotary(), .alibi] {
      let model = SmallModels.sharpened(
        try SmallModels.transformer(
          TransformerConfiguration(
            vocabularySize: 11, context: 8, layers: 2, heads: 2, width: 8, positions: positions)))
      let blocks = model.blocks.map { block in
        var (block, old) = (block, block.attention)
        var seeing = MultiHeadAttention(
          heads: 2, isCausal: true, window: 8, positions: old.positions, bias: false)
        (seeing.query, seeing.key, seeing.value, seeing.output) = (old.query, old.key, old.value, old.output)
        old = seeing
        block.attention = old
        return block
      }
      func whole(_ tokens: [Int]) throws -> [Double] {
        let vectors = model.embedding(Tensor(integers: tokens, shape: [1, tokens.count]))
        return try model.embedding.logits(model.norm(blocks.reduce(vectors) { $1($0) }))[0, -1].scalars()
      }
      let generator = try TokenGenerator(model)
      let tokens = (0..<50).map { $0 * $0 % 11 }
      var state = try #require(try model.slidingState(batch: 1, generator.elementType))
      for (place, token) in tokens.enumerated() {
        let logits = try generator.logits(after: [[token]], &state)[0]
        if place % 7 != 6 { continue }
        for (one, all) in zip(logits, try whole(Array(tokens[...place]))) { #expect(abs(one - all) < 1e-10) }
      }
      #expect(generator.compilationCount == 1)
      // Several positions at once, past the capacity.
      var pieces = try #require(try model.slidingState(batch: 1, generator.elementType))
      for start in stride(from: 0, to: 50, by: 5) {
        let logits = try generator.logits(after: [Array(tokens[start..<start + 5])], &pieces)[0]
        for (one, all) in zip(logits, try whole(Array(tokens[..<(start + 5)]))) { #expect(abs(one - all) < 1e-10) }
      }
      let long = try generator.generate(from: [1, 2, 3], count: 40, context: .slide)
      let first = try generator.generate(from: [1, 2, 3], count: 6)
      #expect(long.count == 40 && Array(long[..<6]) == first)
    }
  }

  @Test func whatCannotBeGeneratedIsRefused() throws {
    let model = try SmallModels.transformer()
    let generator = try TokenGenerator(model)
    #expect(throws: TextError.self) { try generator.generate(from: [Int](), count: 3) }
    #expect(throws: TextError.self) { try generator.generate(from: [[1], []], count: 3) }
    #expect(throws: TextError.self) { try generator.generate(from: [11], count: 3) }
    #expect(throws: TextError.self) { try generator.generate(from: [1], count: -1) }
    #expect(throws: TextError.self) { try generator.generate(from: [1], count: 3, sampling: Sampling(topK: 0)) }
    #expect(try generator.generate(from: [1], count: 0) == [])
    let unbound = try TransformerModel(TransformerConfiguration(vocabularySize: 4))
    #expect(throws: TensorError.self) { try unbound.generate(from: [1], count: 1) }
    for configuration in [
      TransformerConfiguration(vocabularySize: 0), TransformerConfiguration(vocabularySize: 5, heads: 3),
      TransformerConfiguration(vocabularySize: 5, heads: 4, keyHeads: 3),
      TransformerConfiguration(vocabularySize: 5, layers: 0),
      TransformerConfiguration(vocabularySize: 5, width: .max), TransformerConfiguration(vocabularySize: 5, dropout: 1),
    ] {
      #expect(throws: TextError.self) { try TransformerModel(configuration) }
    }
    #expect(throws: TextError.self) {
      try RecurrentModel<GRUCell>(RecurrentConfiguration(vocabularySize: 5, units: -3))
    }
  }
}
