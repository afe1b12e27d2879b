import Descent
import Testing

@Suite struct LanguageModels {
  let text = "the cat sat on the mat; the dog sat on the log; the cat saw the dog."

  @Test func trainingAndGenerating() async throws {
    let tokenizer = CharacterTokenizer(alphabetOf: text)
    let tokens = try tokenizer.encode(text)
    let model = try RecurrentModel<GRUCell>(
      RecurrentConfiguration(vocabularySize: tokenizer.vocabularySize, units: 32))
    let input = Tensor(integers: Array(tokens.dropLast()), shape: [1, tokens.count - 1])
    let target = Tensor(integers: Array(tokens.dropFirst()), shape: [1, tokens.count - 1])
    let step = try TrainingStep(model, optimizer: Adam(learningRate: 0.02), seed: 1) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
    for _ in 0..<60 { _ = try step(Batch(input: input, target: target)) }

    let generator = try TokenGenerator(step.model)
    let prompt = try tokenizer.encode("the cat")
    let greedy = try generator.generate(from: prompt, count: 20)
    let drawn = try generator.generate(
      from: prompt, count: 20, sampling: Sampling(temperature: 0.8, topK: 5, seed: 7))
    let best = try generator.beamSearch(from: prompt, beams: 4, count: 10)

    var decoder = TokenDecoder(tokenizer)
    for try await token in generator.stream(from: prompt, count: 20) {
      print(try decoder.add(token), terminator: "")
    }
    print(decoder.finish())

    #expect(try tokenizer.decode(greedy).hasPrefix(" sat on the "))
    #expect(drawn.count == 20)
    #expect(best.count == 4 && best[0].logProbability >= best[1].logProbability)
  }

  @Test func tokensAndModelsInFiles() async throws {
    let temporary = TemporaryFolder()
    defer { temporary.remove() }
    let folder = temporary.path
    let story = String(repeating: text, count: 20)

    let pairs = try SubwordTokenizer(learnedFrom: text, vocabularySize: 280, specialTokens: ["<|endoftext|>"])
    try pairs.save(to: "\(folder)/tokenizer.json")
    let read = try SubwordTokenizer(readingFrom: "\(folder)/tokenizer.json")
    let words = read.encode("the cat saw the log<|endoftext|>")

    #expect(try read.decode(words) == "the cat saw the log" && words.last == 0 && words.count < 14)

    let network = try TransformerModel(
      .modern(vocabularySize: pairs.vocabularySize, context: 16, layers: 2, heads: 2, width: 32))
    var training = TextTraining()
    (training.steps, training.batchSize, training.length) = (20, 4, 16)
    let (learned, heldOut) = try training.batches(of: pairs.encode(story))
    let trainer = try training.trainer(for: network)
    try trainer.fit(learned, validation: heldOut, epochs: training.epochs)

    let writer = try TextModel(trainer.model, pairs)
    try writer.save(to: "\(folder)/writer")
    let model = try TextModel(readingFrom: "\(folder)/writer")
    let score = try model.score(story)
    print(score.perplexity, score.bitsPerCharacter)
    for try await piece in model.stream(from: "the ", count: 40, sampling: Sampling(seed: 1)) {
      print(piece, terminator: "")
    }

    #expect(score.perplexity < 281 && score.bitsPerCharacter > 0)
  }
}
