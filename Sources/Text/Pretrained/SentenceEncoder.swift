import DescentGraph
import DescentLayers
import DescentTensors

/// Sentences as vectors: an encoder, whose vectors of a sentence's tokens become one, of length 1 where it is normalized.
///
/// ```swift
/// let encoder = SentenceEncoder(try BERT(pretrained: folder))
/// let vectors = encoder(SentenceEncoder.Tokens(tokens, padding: isToken))      // [batch, features]
/// ```
///
/// It is a layer, and trains as one: `infoNCELoss` brings sentences of one meaning together. `SentenceEmbedder` takes texts. Source:
/// Reimers and Gurevych, "Sentence-BERT", 2019.
public struct SentenceEncoder: Layer {
  /// The tokens of sentences.
  public struct Tokens: Codable, Sendable {
    /// The tokens, integers `[batch, length]`.
    public var tokens: Tensor
    /// Where there is a token, booleans `[batch, length]`: what fills up shorter sentences is none.
    public var padding: Tensor

    /// The tokens of sentences.
    public init(_ tokens: Tensor, padding: Tensor) { (self.tokens, self.padding) = (tokens, padding) }
  }

  /// What makes vectors of tokens.
  public var encoder: BERT
  /// How a sentence's vectors become one; several ways stand side by side.
  public let pooling: [SentencePooling]
  /// Whether the vector is divided by its length.
  public let isNormalized: Bool

  /// An encoder of sentences.
  public init(_ encoder: BERT, pooling: SentencePooling..., isNormalized: Bool = true) {
    self.init(encoder, pooling: pooling.isEmpty ? [.mean] : pooling, isNormalized: isNormalized)
  }

  init(_ encoder: BERT, pooling: [SentencePooling], isNormalized: Bool) {
    (self.encoder, self.pooling, self.isNormalized) = (encoder, pooling, isNormalized)
  }

  /// The vector of each sentence, `[batch, features]`, times the number of ways of pooling.
  public func callAsFunction(_ input: Tokens) -> Tensor {
    let hidden = encoder(input.tokens, kinds: nil, padding: input.padding)
    let vector = concatenated(pooling.map { $0(hidden, padding: input.padding) }, axis: -1)
    return isNormalized ? vector.normalized(axes: -1) : vector
  }
}
