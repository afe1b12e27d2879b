import DescentGraph
import DescentLayers
import DescentTensors

/// The encoder BERT, and others of its form such as MiniLM: vectors of tokens, positions and kinds of text, and blocks whose
/// positions see all of their sequence, with normalizations after each branch.
///
/// ```swift
/// let encoder = try BERT(pretrained: "all-MiniLM-L6-v2")
/// let hidden = encoder(tokens, padding: isToken)       // [batch, length] to [batch, length, features]
/// let first = encoder.pooled(hidden)                   // [batch, features]
/// ```
///
/// `SentenceEmbedder` makes vectors of sentences with it. Source: Devlin et al., "BERT: pre-training of deep bidirectional
/// transformers for language understanding", 2018.
public struct BERT: Layer {
  /// The sizes and settings of a model.
  public struct Configuration: Sendable, Hashable, Codable {
    /// The number of tokens that there are.
    public var vocabulary: Int
    /// The largest number of positions of a sequence.
    public var context: Int
    /// The number of kinds of text, such as question and answer.
    public var kinds: Int
    /// The number of features of a position.
    public var features: Int
    /// The number of blocks.
    public var layers: Int
    /// The number of heads of each attention.
    public var heads: Int
    /// The number of hidden units of each feed-forward layer.
    public var hiddenUnits: Int
    /// The activation of the hidden units.
    public var activation: Activation = .gelu
    /// What is added to variances for numerical stability.
    public var epsilon = 1e-12
    /// The fraction of embeddings and of what each branch gives that is dropped while training.
    public var dropout = 0.0
    /// The fraction of the weights of attention that is dropped while training.
    public var attentionDropout = 0.0
    /// Whether there is a layer that makes one vector of a sequence's first position.
    public var hasPooler = true

    /// Sizes, by default those of the smaller model that was published, with 110 million parameters.
    public init(
      vocabulary: Int = 30_522, context: Int = 512, kinds: Int = 2, features: Int = 768, layers: Int = 12,
      heads: Int = 12, hiddenUnits: Int = 3_072
    ) {
      (self.vocabulary, self.context, self.kinds) = (vocabulary, context, kinds)
      (self.features, self.layers, self.heads, self.hiddenUnits) = (features, layers, heads, hiddenUnits)
    }
  }

  /// The sizes and settings.
  public let configuration: Configuration
  /// A vector for each token, `[vocabulary, features]`.
  public var tokens: Embedding
  /// A vector for each position, `[context, features]`.
  public var positions: LearnedPositions
  /// A vector for each kind of text, `[kinds, features]`.
  public var kinds: Embedding
  /// The normalization of the vectors' sum.
  public var norm: LayerNorm
  /// The blocks.
  public var blocks: [TransformerEncoderBlock]
  /// What makes one vector of a sequence's first position, before a hyperbolic tangent; `nil` where there is no such layer.
  public var pooler: Dense?

  /// A model without values.
  public init(_ configuration: Configuration) {
    self.configuration = configuration
    let normal = Initializer.normal(standardDeviation: 0.02)
    tokens = Embedding(count: configuration.vocabulary, size: configuration.features, initializer: normal)
    positions = LearnedPositions(context: configuration.context)
    kinds = Embedding(count: configuration.kinds, size: configuration.features, initializer: normal)
    norm = LayerNorm(epsilon: configuration.epsilon)
    let block = TransformerEncoderBlock(
      attention: MultiHeadAttention(
        heads: configuration.heads, dropout: configuration.attentionDropout, initializer: normal),
      feedForward: FeedForward(
        units: configuration.hiddenUnits, activation: configuration.activation, initializer: normal),
      norm: norm, order: .post, dropout: configuration.dropout)
    blocks = Array(repeating: block, count: max(0, configuration.layers))
    pooler = configuration.hasPooler ? Dense(units: configuration.features, initializer: normal) : nil
  }

  /// What the last block gives for sequences without padding, all of the first kind.
  ///
  /// - Parameter input: Tokens, integers `[batch, length]`.
  /// - Returns: `[batch, length, features]`.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, kinds: nil) }

  /// What the last block gives.
  ///
  /// - Parameters:
  ///   - input: Tokens, integers `[batch, length]`.
  ///   - kinds: The kind of text at each position, integers `[batch, length]`; 0 where none are given.
  ///   - padding: `[batch, length]`, booleans that hold where there is a token.
  /// - Returns: `[batch, length, features]`.
  public func callAsFunction(_ input: Tensor, kinds: Tensor?, padding: Tensor? = nil) -> Tensor {
    blocks.reduce(embedded(input, kinds)) { $1($0, mask: nil, padding: padding) }
  }

  /// What goes into the first block, and what each block gives.
  ///
  /// - Parameters:
  ///   - input: Tokens, integers `[batch, length]`.
  ///   - kinds: The kind of text at each position, integers `[batch, length]`; 0 where none are given.
  ///   - padding: `[batch, length]`, booleans that hold where there is a token.
  /// - Returns: A tensor `[batch, length, features]` more than there are blocks.
  public func hiddenStates(_ input: Tensor, kinds: Tensor? = nil, padding: Tensor? = nil) -> [Tensor] {
    var states = [embedded(input, kinds)]
    for block in blocks { states.append(block(states[states.count - 1], mask: nil, padding: padding)) }
    return states
  }

  /// One vector for each sequence: a layer of its own and the hyperbolic tangent, of the first position.
  ///
  /// - Parameter hidden: What the last block gives, `[batch, length, features]`.
  /// - Returns: `[batch, features]`; a tensor that carries an error where the model has no such layer.
  public func pooled(_ hidden: Tensor) -> Tensor {
    if hidden.error != nil { return hidden }
    guard let pooler else {
      return Tensor(error: TensorError("BERT", "has no pooler; take the mean over the positions, or the first one"))
    }
    guard hidden.rank == 3, hidden.shape[1] > 0 else {
      return Tensor(error: TensorError("BERT", "pools [batch, length, features], found \(hidden.shape)"))
    }
    return tanh(pooler(hidden[.all, 0]))
  }

  /// The normalized sum of the vectors of tokens, positions and kinds.
  private func embedded(_ input: Tensor, _ kinds: Tensor?) -> Tensor {
    if input.error != nil { return input }
    let kinds = kinds ?? Tensor(zeros: input.shape, .int32)
    if kinds.error == nil, kinds.shape != input.shape {
      return Tensor(
        error: TensorError("BERT", "takes a kind for each token, found kinds \(kinds.shape) for \(input.shape)"))
    }
    let x = norm(positions(Run.current.input(tokens(input) + self.kinds(kinds))))
    return configuration.dropout == 0 ? x : Dropout(rate: configuration.dropout)(x)
  }
}
