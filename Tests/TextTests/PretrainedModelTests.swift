import DescentFiles
import DescentGraph
import DescentLayers
import DescentTensors
import DescentText
import Foundation
import TestSupport
import Testing

/// Checkpoints in Hugging Face's form against what its library gives; see pretrained-values.txt.
@Suite struct PretrainedModelTests {
  static let languageModels = [
    "gpt2", "llama", "llama-biases", "llama-linear", "llama3", "llama-yarn", "qwen2", "qwen2-window", "mistral",
  ]

  private func model(_ title: String, _ elementType: ElementType = .float32) throws -> TransformerModel {
    var model: TransformerModel?
    try withTemporaryFolder { folder in
      try PretrainedCase.named(title).write(to: folder)
      model = try TransformerModel(pretrained: folder, elementType: elementType)
    }
    return try #require(model)
  }

  @Test(arguments: languageModels)
  func logitsAreThoseOfTheLibrary(_ title: String) throws {
    let stored = try PretrainedCase.named(title).output("logits")
    let tokens = PretrainedCase.tokens(23, stored.shape.sizes[0], stored.shape.sizes[1])
    let model = try model(title)
    #expect(try distance(model.predict(tokens), stored) < 1e-5)
    #expect(model.vocabularySize == 23)
  }

  /// What is generated through the cache is what the library generates, and what the whole sequence gives at once.
  @Test(arguments: languageModels)
  func generationThroughTheCacheIsThatOfTheLibrary(_ title: String) throws {
    let stored = try PretrainedCase.named(title)
    let model = try model(title)
    let prompt = try PretrainedCase.tokens(23, 1, 4).scalars().map { Int($0) }
    let generated = try model.generate(from: prompt, count: 8)
    #expect(generated == (try stored.output("greedy").values.map { Int($0) }))
    let whole = model.predict(Tensor(integers: prompt + generated, shape: [1, 12]))
    let step = compiled { (token: Tensor, state: [AttentionCache]) in
      let (logits, next) = try model.logits(token, from: state)
      return (logits, next)
    }
    var state = try model.initialState(batch: 1, .float32)
    for place in 0..<12 {
      let (logits, next) = try step(Tensor(integers: [(prompt + generated)[place]], shape: [1, 1]), state)
      state = next
      #expect(try distance(logits[0, 0], (whole[0, place].shape, whole[0, place].scalars())) < 1e-5)
    }
  }

  @Test func hiddenStatesAreThoseOfTheLibrary() throws {
    let stored = try PretrainedCase.named("bert")
    try withTemporaryFolder { folder in
      try stored.write(to: folder)
      let model = try BERT(pretrained: folder)
      let (tokens, present, kinds) = Self.pair
      let states = model.hiddenStates(tokens, kinds: kinds, padding: present)
      #expect(states.count == 3)
      // What stands at padding is nobody's.
      let mask = present.converted(to: .float32).expanded(axis: -1)
      for (place, state) in states.enumerated() {
        #expect(try distance(state * mask, stored.output("hidden\(place)")) < 1e-5)
      }
      let last = model(tokens, kinds: kinds, padding: present)
      #expect(try last.scalars() == states[2].scalars())
      #expect(try distance(model.pooled(last), stored.output("pooled")) < 1e-5)
      #expect(try model(tokens).scalars() == model(tokens, kinds: Tensor(zeros: [2, 7], .int32)).scalars())
    }
  }

  /// Two sequences of 7 and 5 tokens, of two kinds.
  private static var pair: (tokens: Tensor, present: Tensor, kinds: Tensor) {
    let present = [Bool](repeating: true, count: 12) + [false, false]
    let kinds = [0, 0, 0, 0, 1, 1, 1]
    return (
      PretrainedCase.tokens(23, 2, 7), Tensor(present).reshaped([2, 7]), Tensor(integers: kinds + kinds, shape: [2, 7])
    )
  }

  /// A checkpoint with the head of a task, whose names begin with the model's, and without a pooler.
  @Test func headsOfTasksAreLeft() throws {
    let stored = try PretrainedCase.named("bert-masked")
    #expect(stored.shapes.contains { $0.name.hasPrefix("cls.") })
    try withTemporaryFolder { folder in
      try stored.write(to: folder)
      let model = try BERT(pretrained: folder)
      #expect(model.pooler == nil)
      let (tokens, present, kinds) = Self.pair
      let mask = present.converted(to: .float32).expanded(axis: -1)
      let last = model(tokens, kinds: kinds, padding: present)
      #expect(try distance(last * mask, stored.output("hidden2")) < 1e-5)
      #expect(fault { _ = try model.pooled(last).scalars() }.contains("has no pooler"))
    }
  }

  /// Several files with an index; names without the prefix, as in a model without a head; the buffers of older versions; an
  /// output that repeats the input's weights.
  @Test func otherFormsAreTheSame() throws {
    let stored = try PretrainedCase.named("gpt2")
    let logits = try stored.output("logits")
    let tokens = PretrainedCase.tokens(23, 2, 9)
    try withTemporaryFolder { folder in
      try stored.write(to: folder, limit: 2_000)
      #expect(try names(in: folder).filter { $0.hasSuffix(".safetensors") }.count > 2)
      #expect(try distance(TransformerModel(pretrained: folder).predict(tokens), logits) < 1e-5)
    }
    try withTemporaryFolder { folder in
      try stored.write(to: folder) { tensors in
        var bare: [String: Tensor] = [:]
        for (name, tensor) in tensors { bare[String(name.dropFirst("transformer.".count))] = tensor }
        bare["h.0.attn.bias"] = Tensor(ones: [1, 1, 16, 16])
        bare["h.1.attn.masked_bias"] = Tensor(-10_000.0)
        bare["lm_head.weight"] = bare["wte.weight"]
        tensors = bare
      }
      #expect(try distance(TransformerModel(pretrained: folder).predict(tokens), logits) < 1e-5)
    }
  }

  @Test func rotaryPositionsOfTheOlderFormAreRead() throws {
    let stored = try PretrainedCase.named("llama-linear")
    let newer = #""rope_parameters": {"factor": 2.0, "rope_theta": 10000.0, "rope_type": "linear"}"#
    #expect(stored.configuration.contains(newer))
    let older = #""rope_theta": 10000.0, "rope_scaling": {"type": "linear", "factor": 2.0}"#
    try withTemporaryFolder { folder in
      try stored.write(
        to: folder, configuration: stored.configuration.replacingOccurrences(of: newer, with: older))
      let model = try TransformerModel(pretrained: folder)
      #expect(try distance(model.predict(PretrainedCase.tokens(23, 2, 9)), stored.output("logits")) < 1e-5)
    }
  }

  /// The weights get the type that is asked for, from whichever they have; normalizations keep to one for sums.
  @Test func weightsGetTheTypeThatIsAskedFor() throws {
    let stored = try PretrainedCase.named("llama")
    let logits = try stored.output("logits")
    let tokens = PretrainedCase.tokens(23, 2, 9)
    for type in [ElementType.bfloat16, .float16, .float64] {
      try withTemporaryFolder { folder in
        try stored.write(to: folder) { tensors in tensors = tensors.mapValues { $0.converted(to: type) } }
        // What is stored in fewer bits and computed in more differs by the rounding of the weights alone.
        let wide = try TransformerModel(pretrained: folder)
        #expect(wide.embedding.weight.tensor?.elementType == .float32)
        #expect(try distance(wide.predict(tokens), logits) < (type == .bfloat16 ? 0.1 : 0.01))
        let own = try TransformerModel(pretrained: folder, elementType: type)
        #expect(own.embedding.weight.tensor?.elementType == type)
        #expect(own.blocks[0].attention.query.weight.tensor?.elementType == type)
        let norm = try #require(own.blocks[0].attentionNorm as? RMSNorm)
        #expect(norm.scale.tensor?.elementType == (type == .float64 ? .float64 : .float32))
        let output = own.predict(tokens)
        #expect(output.elementType == type)
        #expect(try distance(output, logits) < (type == .bfloat16 ? 0.2 : 0.02))
      }
    }
  }

  /// A folder with a tokenizer is text in and text out; what the tokenizer puts in front of a text comes first.
  @Test func aFolderWithATokenizerWritesText() throws {
    try withTemporaryFolder { folder in
      try PretrainedCase.named("gpt2").write(to: folder)
      #expect(
        fault { _ = try TextModel(pretrained: folder) }
          == "\(folder): has no tokenizer.json, which divides texts into tokens")
      let tokenizer = try #require(PretrainedCase.named("sentences").files["tokenizer.json"])
      try Data(tokenizer.utf8).write(to: URL(fileURLWithPath: folder + "/tokenizer.json"))
      let model = try TextModel(pretrained: folder)
      let tokens = try TransformerModel(pretrained: folder).generate(from: [2, 5, 6], count: 6)
      let text = try model.generate(from: "a man", count: 6, sampling: .greedy)
      #expect(try text == model.tokenizer.decode([5, 6] + tokens).dropFirst("a man".count))
      let read = try TextModel(readingFrom: folder)
      #expect(try read.generate(from: "a man", count: 6, sampling: .greedy) == text)
    }
  }

  /// What is carried is as large as a generation asks for, in few sizes, and not as the context.
  @Test(.leftOutOnReference(.longHistories)) func cachesAreAsLargeAsNeeded() throws {
    var model = try model("llama")
    #expect(try model.initialState(batch: 1, length: 10, .float32)[0].capacity == 64)
    var configuration = model.configuration
    configuration.context = 100_000
    model = try TransformerModel(configuration).initialized(for: Tensor(integers: [0], shape: [1, 1]))
    let capacities = try [1, 256, 257, 5_000, 99_000].map {
      try model.initialState(batch: 1, length: $0, .float32)[0].capacity
    }
    #expect(capacities == [256, 256, 512, 8_192, 100_000])
    let generator = try TokenGenerator(model)
    let short = try generator.generate(from: [1, 2, 3], count: 4)
    let long = try generator.generate(from: [1, 2, 3], count: 300)
    #expect(short == Array(long.prefix(4)))
    #expect(generator.compilationCount == 2)
  }

  /// A pretrained model trains as any other: its loss falls along its gradient.
  @Test func pretrainedModelsHaveGradients() throws {
    let model = try model("qwen2")
    let tokens = PretrainedCase.tokens(23, 2, 9)
    func loss(_ model: TransformerModel) -> Tensor {
      softmaxCrossEntropy(model(tokens[.all, 0..<8]), tokens[.all, 1..<9])
    }
    let (before, slope) = try valueAndGradient(at: model) { loss($0) }
    let after = loss(zip(model, slope) { $0 - 0.01 * $1 })
    #expect(try after.item() < before.item())
  }
}
