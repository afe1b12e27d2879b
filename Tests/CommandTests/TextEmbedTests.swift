import Descent
import Foundation
import TestSupport
import Testing

/// Vectors of sentences on the command line.
@Suite(.timeLimit(.minutes(5))) struct TextEmbedTests {
  private func embed(_ arguments: String...) throws -> Ending {
    try Run(program("descent"), ["text", "embed"] + arguments).ending()
  }

  @Test func printsVectorsAndHowAlikeSentencesAre() throws {
    try withTemporaryFolder { folder in
      try Self.writeEncoder(to: folder)
      let table = try embed(folder, "A man eats.", "somebody eats")
      #expect(table.status == 0, "\(table.errors)")
      let lines = table.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(lines[0].hasPrefix("1\t") && lines[0].hasSuffix("…  (8 numbers)  A man eats."))
      #expect(lines[3] == "cosine of the angle between vectors")
      #expect(lines[5].hasPrefix("1\t  1.00"))

      try Data("A man eats.\n\n somebody \"eats\"\n".utf8).write(to: URL(fileURLWithPath: folder + "/lines.txt"))
      let json = try embed(folder, "--file", folder + "/lines.txt", "--json")
      #expect(json.status == 0, "\(json.errors)")
      struct Line: Decodable { var sentence: String; var embedding: [Double] }
      let found = try json.output.split(separator: "\n").map {
        try JSONDecoder().decode(Line.self, from: Data($0.utf8))
      }
      #expect(found.map(\.sentence) == ["A man eats.", " somebody \"eats\""])
      #expect(found.allSatisfy { $0.embedding.count == 8 })
      let library = try SentenceEmbedder(pretrained: folder).embeddings(of: ["A man eats."]).scalars()
      #expect(zip(found[0].embedding, library).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test func whatCannotBeIsSaidInALine() throws {
    try withTemporaryFolder { folder in
      let missing = try embed(folder + "/none", "A man eats.")
      #expect(missing.status == 1 && missing.errors.contains("Error: \(folder)/none: "), "\(missing.errors)")
      #expect(try embed(folder).status == 64)
      try Self.writeEncoder(to: folder)
      try Data("\n \n".utf8).write(to: URL(fileURLWithPath: folder + "/empty.txt"))
      let empty = try embed(folder, "--file", folder + "/empty.txt")
      #expect(empty.status == 1 && empty.errors.contains("empty.txt: has no sentences"), "\(empty.errors)")
      try FileManager.default.removeItem(atPath: folder + "/tokenizer.json")
      #expect(try embed(folder, "A man eats.").errors.contains("has no tokenizer.json"))
    }
  }

  /// An encoder of one block with random weights, in Hugging Face's form.
  private static func writeEncoder(to folder: String) throws {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "man", "eat", "##s", "some", "##body", "."]
    let configuration = """
      {"model_type": "bert", "vocab_size": \(words.count), "max_position_embeddings": 32, "hidden_size": 8,
       "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 12}
      """
    let layer = "encoder.layer.0."
    let matrices: [String: Shape] = [
      layer + "attention.self.query": [8, 8], layer + "attention.self.key": [8, 8],
      layer + "attention.self.value": [8, 8], layer + "attention.output.dense": [8, 8],
      layer + "intermediate.dense": [12, 8], layer + "output.dense": [8, 12],
    ]
    let norms = ["embeddings.LayerNorm", layer + "attention.output.LayerNorm", layer + "output.LayerNorm"]
    var shapes: [String: Shape] = [
      "embeddings.word_embeddings.weight": [words.count, 8], "embeddings.position_embeddings.weight": [32, 8],
      "embeddings.token_type_embeddings.weight": [2, 8],
    ]
    for (name, shape) in matrices { (shapes[name + ".weight"], shapes[name + ".bias"]) = (shape, [shape.sizes[0]]) }
    for name in norms { (shapes[name + ".weight"], shapes[name + ".bias"]) = ([8], [8]) }
    var tensors: [String: Tensor] = [:]
    for (name, shape) in shapes { tensors[name] = RandomKey(seed: 1).split(name).normal(shape) }
    try Safetensors.write(tensors, to: folder + "/model.safetensors")
    let vocabulary = words.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let tokenizer = """
      {"normalizer": {"type": "BertNormalizer", "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": {\(vocabulary)}}}
      """
    for (text, name) in [(configuration, "config.json"), (tokenizer, "tokenizer.json")] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
  }
}
