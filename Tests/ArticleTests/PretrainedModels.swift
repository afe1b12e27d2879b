import Descent
import Foundation
import Testing

/// The article about pretrained models, with a folder that holds a GPT-2 of one block.
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

  /// A model as Hugging Face's library writes it, with random weights.
  private static func writeModel(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let configuration = """
      {"model_type": "gpt2", "vocab_size": 10, "n_positions": 32, "n_embd": 8, "n_layer": 1, "n_head": 2}
      """
    try configuration.write(toFile: folder + "/config.json", atomically: true, encoding: .utf8)
    let shapes: [String: Shape] = [
      "wte.weight": [10, 8], "wpe.weight": [32, 8], "h.0.ln_1.weight": [8], "h.0.ln_1.bias": [8],
      "h.0.attn.c_attn.weight": [8, 24], "h.0.attn.c_attn.bias": [24], "h.0.attn.c_proj.weight": [8, 8],
      "h.0.attn.c_proj.bias": [8], "h.0.ln_2.weight": [8], "h.0.ln_2.bias": [8], "h.0.mlp.c_fc.weight": [8, 32],
      "h.0.mlp.c_fc.bias": [32], "h.0.mlp.c_proj.weight": [32, 8], "h.0.mlp.c_proj.bias": [8], "ln_f.weight": [8],
      "ln_f.bias": [8],
    ]
    var tensors: [String: Tensor] = [:]
    for (name, shape) in shapes {
      tensors[name] = RandomKey(seed: 1).split(name).normal(shape)
    }
    try Safetensors.write(tensors, to: folder + "/model.safetensors")
  }
}
