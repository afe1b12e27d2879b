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
}
