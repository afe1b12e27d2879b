import DescentGraph
import DescentLayers
import DescentTensors

extension BERT {
  /// The model of a folder in Hugging Face's form: `config.json`, and `model.safetensors` or several files with an index.
  ///
  /// The heads of tasks, such as the one that guesses masked words, are left in the file.
  ///
  /// - Parameters:
  ///   - folder: The folder, of a model of the type bert.
  ///   - elementType: The type that the weights get, whatever they have in the file; normalizations compute in Float32 where
  ///     it is one of 16 bits.
  /// - Throws: `FileError` where a file is missing or damaged, the folder holds a model of another kind, or tensors are
  ///   missing, left over or of another shape than the configuration asks for; it names them.
  /// - Complexity: O(bytes).
  public init(pretrained folder: String, elementType: ElementType = .float32) throws {
    self = try Self.reading(PretrainedFolder(folder), as: elementType)
  }
}

extension BERT: PretrainedNetwork {
  static var modelTypes: [String] { ["bert"] }

  static func weights(of modelType: String) -> WeightTable {
    WeightTable(
      prefix: "bert.",
      rules: [
        .table("bert.embeddings.word_embeddings", "tokens"),
        .table("bert.embeddings.position_embeddings", "positions"),
        .table("bert.embeddings.token_type_embeddings", "kinds"),
        .norm("bert.embeddings.LayerNorm", "norm"),
        .linear("bert.encoder.layer.#.attention.self.query", "blocks.#.attention.query"),
        .linear("bert.encoder.layer.#.attention.self.key", "blocks.#.attention.key"),
        .linear("bert.encoder.layer.#.attention.self.value", "blocks.#.attention.value"),
        .linear("bert.encoder.layer.#.attention.output.dense", "blocks.#.attention.output"),
        .norm("bert.encoder.layer.#.attention.output.LayerNorm", "blocks.#.attentionNorm"),
        .linear("bert.encoder.layer.#.intermediate.dense", "blocks.#.feedForward.hidden"),
        .linear("bert.encoder.layer.#.output.dense", "blocks.#.feedForward.output"),
        .norm("bert.encoder.layer.#.output.LayerNorm", "blocks.#.feedForwardNorm"),
        .linear("bert.pooler.dense", "pooler"),
      ],
      // The positions counted up, and the heads of tasks.
      ignored: ["bert.embeddings.position_ids", "cls.", "classifier.", "qa_outputs."])
  }

  init(_ settings: SettingsFile, holding names: Set<String>) throws {
    var configuration = Configuration(
      vocabulary: try settings.count("vocab_size"), context: try settings.count("max_position_embeddings", or: 512),
      kinds: try settings.count("type_vocab_size", or: 2), features: try settings.count("hidden_size"),
      layers: try settings.count("num_hidden_layers", limit: layerLimit),
      heads: try settings.count("num_attention_heads"), hiddenUnits: try settings.count("intermediate_size"))
    configuration.activation = try settings.activation("hidden_act", or: "gelu")
    configuration.epsilon = try settings.number("layer_norm_eps", or: 1e-12)
    configuration.dropout = try settings.number("hidden_dropout_prob", or: 0.1)
    configuration.attentionDropout = try settings.number("attention_probs_dropout_prob", or: 0.1)
    configuration.hasPooler = names.contains { $0.hasSuffix("pooler.dense.weight") }
    let positions = try settings.text("position_embedding_type", or: "absolute")
    try settings.refuse("position_embedding_type", unless: positions == "absolute", "\(positions) positions")
    try settings.refuse("is_decoder", unless: !settings.flag("is_decoder", or: false), "a decoder")
    self.init(configuration)
  }

  func example() -> [Tensor] {
    let hidden = self(Tensor(integers: [0], shape: [1, 1]))
    return pooler == nil ? [hidden] : [hidden, pooled(hidden)]
  }
}
