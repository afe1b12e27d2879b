import Descent
import Testing

@Suite struct Models {
  struct Encoder: Layer {
    var hidden = Dense(units: 16)
    var normalization = BatchNorm()

    func callAsFunction(_ x: Tensor) -> Tensor { relu(normalization(hidden(x))) }
  }

  struct Network: Layer {
    var encoder = Encoder()
    var blocks = [Dense(units: 16), Dense(units: 16)]
    var head = Dense(units: 3)

    func callAsFunction(_ x: Tensor) -> Tensor {
      head(blocks.reduce(encoder(x)) { x, block in x + tanh(block(x)) })
    }
  }

  let points = RandomKey(seed: 1).normal([32, 4])

  @Test func sizes() throws {
    let model = try Network().initialized(for: Tensor(zeros: [1, 4]), seed: 1)
    print(model.summary)
    for parameter in model.parameters { print(parameter.path, parameter.shape) }

    #expect(
      model.parameters.map(\.path).prefix(3) == [
        "encoder.hidden.weight", "encoder.hidden.bias",
        "encoder.normalization.scale",
      ])
    #expect(model.parameters.contains { $0.path == "blocks.1.weight" && $0.shape == [16, 16] })
    #expect(model.encoder.hidden.weight.tensor?.shape == [4, 16])
  }

  @Test func files() throws {
    let folder = TemporaryFolder()
    defer { folder.remove() }
    let file = folder.path + "/network.safetensors"
    let model = try Network().initialized(for: points, seed: 1)

    try model.save(to: file)
    let same = try Network().loading(file)
    let tensors = try Safetensors.read(file).tensors  // by path, for other programs too

    #expect(try same.predict(points).floats() == model.predict(points).floats())
    #expect(tensors["head.weight"]?.shape == [16, 3])
  }

  @Test func parts() throws {
    let folder = TemporaryFolder()
    defer { folder.remove() }
    let file = folder.path + "/network.safetensors"
    try Network().initialized(for: points, seed: 1).save(to: file)

    var model = Network()
    model.head = Dense(units: 10)  // for other classes
    model = try model.loading(file, leaving: .paths("head"))
    model.freeze { $0.path.hasPrefix("encoder") }

    let step = try TrainingStep(model, optimizer: AdamW(learningRate: 1e-2)) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
    try step(Batch(input: points, target: Tensor(zeros: [32], .int32)))
    #expect(try step.model.encoder.hidden.weight.tensor?.floats() == model.encoder.hidden.weight.tensor?.floats())
    #expect(step.model.head.weight.tensor?.shape == [16, 10])
  }

  @Test func arithmetic() throws {
    let model = try Network().initialized(for: points, seed: 1)
    let other = try Network().initialized(for: points, seed: 2)

    let average = zip(model, other) { a, b in 0.5 * (a + b) }
    let halves = model.map { $0.converted(to: .bfloat16) }

    #expect(average.head.weight.tensor?.error == nil)
    #expect(halves.parameters.allSatisfy { $0.elementType == .bfloat16 })
  }

  struct Sentences: Codable, Sendable {
    var words: Tensor  // [batch, length], integers
    var isWord: Tensor  // [batch, length], booleans
  }

  struct Tagger: Layer {
    var embedding = Parameter(RandomKey(seed: 0).normal([1_000, 8], standardDeviation: 0.1))
    var output = Dense(units: 5)

    func callAsFunction(_ sentences: Sentences) -> Tensor {
      guard let table = embedding.tensor else { return Tensor(error: TensorError("Tagger", "has no embedding")) }
      let logits = output(table.taken(sentences.words, axis: 0))
      return `where`(sentences.isWord.expanded(axis: -1), logits, 0.0)
    }
  }

  @Test func otherInputs() throws {
    let sentences = Sentences(words: Tensor(zeros: [7, 12], .int32), isWord: Tensor(ones: [7, 12], .bool))
    let tagger = try Tagger().initialized(for: sentences)
    let logits = try tagger.predict(sentences, batchSize: 4)  // [7, 12, 5]
    #expect(logits.shape == [7, 12, 5])
  }
}
