import DescentFiles
import DescentGraph
import DescentLayers
import DescentTensors

extension TransformerModel {
  /// The language model of a folder in Hugging Face's form: `config.json`, and `model.safetensors` or several files with an
  /// index. It may be one of GPT-2's kind, or of Llama's: Llama 2 and 3, Mistral, Qwen2.
  ///
  /// ```swift
  /// let model = try TransformerModel(pretrained: "Llama-3.2-1B", elementType: .bfloat16)
  /// let logits = model(tokens)                           // [batch, length] to [batch, length, vocabulary]
  /// ```
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - elementType: The type that the weights get, whatever they have in the file; normalizations compute in Float32 where
  ///     it is one of 16 bits.
  /// - Throws: `FileError` where a file is missing or damaged, the folder holds a model of another kind, or tensors are
  ///   missing, left over or of another shape than the configuration asks for; it names them.
  /// - Complexity: O(bytes).
  public init(pretrained folder: String, elementType: ElementType = .float32) throws {
    self = try Self.reading(PretrainedFolder(folder), as: elementType)
  }
}

extension TransformerModel: PretrainedNetwork {
  static var modelTypes: [String] { ["gpt2", "llama", "mistral", "qwen2"] }

  static func weights(of modelType: String) -> WeightTable { modelType == "gpt2" ? gpt2Weights : llamaWeights }

  /// GPT-2's names. Queries, keys and values lie side by side.
  private static var gpt2Weights: WeightTable {
    WeightTable(
      prefix: "transformer.",
      rules: [
        .table("transformer.wte", "embedding"),
        .table("transformer.wpe", "positions"),
        .norm("transformer.h.#.ln_1", "blocks.#.attentionNorm"),
        .columns(
          "transformer.h.#.attn.c_attn", "blocks.#.attention.query", "blocks.#.attention.key",
          "blocks.#.attention.value"),
        .columns("transformer.h.#.attn.c_proj", "blocks.#.attention.output"),
        .norm("transformer.h.#.ln_2", "blocks.#.feedForwardNorm"),
        .columns("transformer.h.#.mlp.c_fc", "blocks.#.feedForward.hidden"),
        .columns("transformer.h.#.mlp.c_proj", "blocks.#.feedForward.output"),
        .norm("transformer.ln_f", "norm.0"),
        .linear("lm_head", "output"),
      ],
      // Masks, which follow from the sizes, and the output where it is tied.
      ignored: ["transformer.h.#.attn.bias", "transformer.h.#.attn.masked_bias", "lm_head.weight"])
  }

  /// The names of Llama and what is built like it.
  private static var llamaWeights: WeightTable {
    WeightTable(
      prefix: "model.",
      rules: [
        .table("model.embed_tokens", "embedding"),
        .norm("model.layers.#.input_layernorm", "blocks.#.attentionNorm"),
        .linear("model.layers.#.self_attn.q_proj", "blocks.#.attention.query"),
        .linear("model.layers.#.self_attn.k_proj", "blocks.#.attention.key"),
        .linear("model.layers.#.self_attn.v_proj", "blocks.#.attention.value"),
        .linear("model.layers.#.self_attn.o_proj", "blocks.#.attention.output"),
        .norm("model.layers.#.post_attention_layernorm", "blocks.#.feedForwardNorm"),
        .linear("model.layers.#.mlp.gate_proj", "blocks.#.feedForward.gate"),
        .linear("model.layers.#.mlp.up_proj", "blocks.#.feedForward.hidden"),
        .linear("model.layers.#.mlp.down_proj", "blocks.#.feedForward.output"),
        .norm("model.norm", "norm.0"),
        .linear("lm_head", "output"),
      ],
      // Angles, which follow from the configuration, and the output where it is tied.
      ignored: ["model.layers.#.self_attn.rotary_emb.inv_freq", "lm_head.weight"])
  }

  init(_ settings: SettingsFile, holding names: Set<String>) throws {
    let type = try settings.text("model_type")
    let configuration =
      try type == "gpt2" ? TransformerConfiguration(gpt2: settings) : TransformerConfiguration(llama: settings, type)
    do { try self.init(configuration) } catch let error as TextError {
      throw FileError(settings.path, "asks for a model that cannot be: \(error.message)")
    }
  }

  func example() -> [Tensor] { [self(Tensor(integers: [0], shape: [1, 1]))] }
}

extension TransformerConfiguration {
  /// What GPT-2's configuration says.
  fileprivate init(gpt2 settings: SettingsFile) throws {
    self.init(
      vocabularySize: try settings.count("vocab_size"), context: try settings.count("n_positions", or: 1_024),
      layers: try settings.count("n_layer", limit: layerLimit), heads: try settings.count("n_head"),
      width: try settings.count("n_embd"),
      hiddenUnits: settings.has("n_inner") ? try settings.count("n_inner") : nil,
      activation: try settings.activation("activation_function", or: "gelu_new"),
      epsilon: try settings.number("layer_norm_epsilon", or: 1e-5), bias: true,
      tiesWeights: try settings.flag("tie_word_embeddings", or: true),
      dropout: try settings.number("resid_pdrop", or: 0.1))
    try settings.refuse(
      "scale_attn_weights", unless: settings.flag("scale_attn_weights", or: true), "products that are not scaled")
    try settings.refuse(
      "scale_attn_by_inverse_layer_idx", unless: !settings.flag("scale_attn_by_inverse_layer_idx", or: false),
      "products that are scaled by the number of the layer")
    try settings.refuse(
      "add_cross_attention", unless: !settings.flag("add_cross_attention", or: false), "attention to an encoder")
  }

  /// What the configuration of Llama, or of a model that is built like it, says.
  fileprivate init(llama settings: SettingsFile, _ type: String) throws {
    let heads = try settings.count("num_attention_heads")
    let context = try settings.count("max_position_embeddings", or: 2_048)
    // Qwen2's biases are part of the model; the others' configurations say whether there are any.
    let attentionBias = try settings.flag("attention_bias", or: false)
    self.init(
      vocabularySize: try settings.count("vocab_size"),
      context: context,
      layers: try settings.count("num_hidden_layers", limit: layerLimit), heads: heads,
      width: try settings.count("hidden_size"), keyHeads: try settings.count("num_key_value_heads", or: heads),
      headWidth: settings.has("head_dim") ? try settings.count("head_dim") : nil,
      hiddenUnits: try settings.count("intermediate_size"),
      activation: try settings.activation("hidden_act", or: "silu"), isGated: true,
      positions: .rotary(try RotaryPositions(settings, context: context)), norm: .rms,
      epsilon: try settings.number("rms_norm_eps", or: 1e-6), bias: false, queryBias: type == "qwen2" || attentionBias,
      tiesWeights: try settings.flag("tie_word_embeddings", or: false),
      dropout: try settings.number("attention_dropout", or: 0))
    attentionOutputBias = type != "qwen2" && attentionBias
    feedForwardBias = try settings.flag("mlp_bias", or: false)
    windows = try Self.windows(settings, type, layers: layers)
  }

  /// How far each layer sees.
  private static func windows(_ settings: SettingsFile, _ type: String, layers: Int) throws -> [Int?] {
    // Qwen2 has a window in its configuration that counts where another key says so.
    let isUsed = try settings.flag("use_sliding_window", or: type == "mistral")
    guard isUsed, settings.has("sliding_window") else { return [] }
    let window = try settings.count("sliding_window")
    if let kinds = try settings.texts("layer_types") {
      guard kinds.count == layers else {
        throw FileError(settings.path, "its layer_types has \(kinds.count) elements for \(layers) layers")
      }
      return kinds.map { $0 == "sliding_attention" ? window : nil }
    }
    let first = type == "qwen2" ? try settings.count("max_window_layers", or: 28) : 0
    return (0..<layers).map { $0 >= first ? window : nil }
  }
}

extension RotaryPositions {
  /// The turns that a configuration asks for: by `rope_parameters`, or by the older `rope_theta` and `rope_scaling`.
  ///
  /// - Parameter context: The number of positions that the model was made for.
  fileprivate init(_ settings: SettingsFile, context: Int) throws {
    let section = try settings.section("rope_parameters") ?? settings.section("rope_scaling")
    let base = try settings.number("rope_theta", or: section?.number("rope_theta", or: 10_000) ?? 10_000)
    self.init(base: base)
    guard let section else { return }
    let type = try section.text("rope_type", or: section.text("type", or: "default"))
    switch type {
    case "default": break
    case "linear": stretch = try section.number("factor")
    case "llama3":
      scaling = .llama3(
        factor: try section.number("factor"), low: try section.number("low_freq_factor"),
        high: try section.number("high_freq_factor"),
        context: try section.count("original_max_position_embeddings", or: context))
    case "yarn":
      try section.refuse("mscale", unless: !section.has("mscale"), "a scale of its own")
      scaling = .yarn(
        factor: try section.number("factor"), slow: try section.number("beta_slow", or: 1),
        fast: try section.number("beta_fast", or: 32),
        context: try section.count("original_max_position_embeddings", or: context),
        attention: section.has("attention_factor") ? try section.number("attention_factor") : nil,
        truncating: try section.flag("truncate", or: true))
    default:
      throw FileError(
        settings.path,
        "asks for rotary positions of the type \(type); those that are known are default, linear, llama3, yarn")
    }
  }
}
