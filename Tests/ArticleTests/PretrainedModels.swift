import Descent
import Foundation
import Testing

/// The article about pretrained models, with folders that hold a GPT-2 and a BERT of one block.
@Suite struct PretrainedModels {
  @Test func loadingALanguageModel() throws {
    let temporary = TemporaryFolder()
    defer { temporary.remove() }
    let folder = temporary.path + "/gpt2"
    try Self.writeModel(to: folder)

    let model = try TransformerModel(pretrained: folder)
    let generator = try TokenGenerator(model)
    let tokens = try generator.generate(
      from: [5, 3, 8], count: 10, sampling: Sampling(temperature: 0.8, topK: 5, seed: 1))

    #expect(tokens.count == 10)

    let half = try TransformerModel(pretrained: folder, elementType: .bfloat16)

    #expect(half.embedding.weight.tensor?.elementType == .bfloat16)

    do {
      _ = try BERT(pretrained: folder)
    } catch {
      print(error)
      // gpt2/config.json: has the model_type gpt2, BERT reads bert; TransformerModel(pretrained:) reads it
    }

    let fault = #expect(throws: FileError.self) { try BERT(pretrained: folder) }
    #expect(fault?.fault == "has the model_type gpt2, BERT reads bert; TransformerModel(pretrained:) reads it")

    let step = try TrainingStep(model, optimizer: AdamW(learningRate: 1e-4), seed: 1) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
    let text = Tensor(integers: [5, 3, 8, 1, 2, 2, 7, 1, 8, 2], shape: [2, 5])
    _ = try step(Batch(input: text[.all, 0..<4], target: text[.all, 1..<5]))
  }

  @Test func vectorsOfSentences() throws {
    let temporary = TemporaryFolder()
    defer { temporary.remove() }
    let folder = temporary.path + "/encoder"
    try Self.writeEncoder(to: folder)

    let embedder = try SentenceEmbedder(pretrained: folder)
    let vectors = try embedder.embeddings(of: ["A man eats.", "Somebody has a lunch."])
    let similarity = cosineSimilarity(vectors[0], vectors[1])

    #expect(vectors.shape == [2, 8])
    #expect(try similarity.item() < 1)
  }

  /// A GPT-2 as Hugging Face's library writes it, with random weights.
  private static func writeModel(to folder: String) throws {
    let configuration = """
      {"model_type": "gpt2", "vocab_size": 10, "n_positions": 32, "n_embd": 8, "n_layer": 1, "n_head": 2}
      """
    let shapes: [String: Shape] = [
      "wte.weight": [10, 8], "wpe.weight": [32, 8], "h.0.ln_1.weight": [8], "h.0.ln_1.bias": [8],
      "h.0.attn.c_attn.weight": [8, 24], "h.0.attn.c_attn.bias": [24], "h.0.attn.c_proj.weight": [8, 8],
      "h.0.attn.c_proj.bias": [8], "h.0.ln_2.weight": [8], "h.0.ln_2.bias": [8], "h.0.mlp.c_fc.weight": [8, 32],
      "h.0.mlp.c_fc.bias": [32], "h.0.mlp.c_proj.weight": [32, 8], "h.0.mlp.c_proj.bias": [8], "ln_f.weight": [8],
      "ln_f.bias": [8],
    ]
    try write(configuration, shapes, to: folder)
  }

  /// A BERT with a tokenizer of a few words.
  private static func writeEncoder(to folder: String) throws {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "man", "eat", "##s", "some", "##body", "has", "lunch", "."]
    let configuration = """
      {"model_type": "bert", "vocab_size": \(words.count), "max_position_embeddings": 32, "hidden_size": 8,
       "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 12}
      """
    var shapes: [String: Shape] = [
      "embeddings.word_embeddings.weight": [words.count, 8], "embeddings.position_embeddings.weight": [32, 8],
      "embeddings.token_type_embeddings.weight": [2, 8],
    ]
    func add(_ name: String, _ shape: Shape) {
      shapes[name + ".weight"] = shape
      shapes[name + ".bias"] = [shape.sizes[0]]
    }
    let layer = "encoder.layer.0."
    add("embeddings.LayerNorm", [8])
    for name in ["query", "key", "value"] { add(layer + "attention.self." + name, [8, 8]) }
    add(layer + "attention.output.dense", [8, 8])
    add(layer + "attention.output.LayerNorm", [8])
    add(layer + "intermediate.dense", [12, 8])
    add(layer + "output.dense", [8, 12])
    add(layer + "output.LayerNorm", [8])
    try write(configuration, shapes, to: folder)
    let vocabulary = words.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let tokenizer = """
      {"normalizer": {"type": "BertNormalizer", "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": {\(vocabulary)}}}
      """
    try tokenizer.write(toFile: folder + "/tokenizer.json", atomically: true, encoding: .utf8)
  }

  private static func write(_ configuration: String, _ shapes: [String: Shape], to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try configuration.write(toFile: folder + "/config.json", atomically: true, encoding: .utf8)
    var tensors: [String: Tensor] = [:]
    for (name, shape) in shapes { tensors[name] = RandomKey(seed: 1).split(name).normal(shape) }
    try Safetensors.write(tensors, to: folder + "/model.safetensors")
  }
}
