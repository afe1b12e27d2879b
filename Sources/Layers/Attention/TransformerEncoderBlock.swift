import DescentGraph
import DescentTensors

/// A block of a transformer that looks at its own sequence: attention, then a feed-forward layer, each added to what goes in.
///
/// ```swift
/// TransformerEncoderBlock(heads: 8, units: 2_048)                                     // as PyTorch's, norms first
/// TransformerEncoderBlock(                                                            // GPT-2's
///   attention: MultiHeadAttention(heads: 12, isCausal: true), feedForward: FeedForward(units: 3_072, activation: .geluTanh))
/// TransformerEncoderBlock(                                                            // Llama's
///   attention: MultiHeadAttention(heads: 32, keyHeads: 8, isCausal: true, positions: .rotary(), bias: false),
///   feedForward: FeedForward(units: 11_008, activation: .silu, isGated: true, bias: false), norm: RMSNorm())
/// TransformerEncoderBlock(heads: 12, units: 3_072, activation: .gelu, order: .post)   // BERT's
/// ```
///
/// `[batch, length, features]` stays so. Causal attention makes it a block of a language model, which generates position by
/// position through a cache. In place of the feed-forward layer may stand any layer that keeps the shape, such as a mixture of experts.
/// Parameters stand at `attention`, `attentionNorm`, `feedForward` and `feedForwardNorm`. Source: Vaswani et al., 2017.
public struct TransformerEncoderBlock: Layer {
  /// The attention within the sequence.
  public var attention: MultiHeadAttention
  private var list: LayerList
  private let rule: BranchRule

  /// A block of given parts.
  ///
  /// - Parameters:
  ///   - attention: The attention within the sequence.
  ///   - feedForward: What each position goes through.
  ///   - norm: The normalization, without values; each branch has its own.
  ///   - order: Where normalizations stand.
  ///   - dropout: The fraction of what a branch gives that is dropped while training.
  ///   - pathDropout: The fraction of examples that a branch is left out for while training.
  public init(
    attention: MultiHeadAttention, feedForward: any Layer<Tensor, Tensor>,
    norm: any Layer<Tensor, Tensor> = LayerNorm(),
    order: NormOrder = .pre, dropout: Double = 0, pathDropout: Double = 0
  ) {
    self.attention = attention
    list = LayerList([
      (name: "attentionNorm", layer: norm), (name: "feedForward", layer: feedForward),
      (name: "feedForwardNorm", layer: norm),
    ])
    rule = BranchRule(order: order, dropout: dropout, pathDropout: pathDropout)
  }

  /// A block as the papers have it, with one rate of dropout throughout.
  ///
  /// - Parameters:
  ///   - heads: The number of heads.
  ///   - units: The number of hidden units of the feed-forward layer.
  ///   - activation: The feed-forward layer's activation.
  ///   - isCausal: Whether a position sees only itself and those before it.
  ///   - norm: The normalization, without values; each branch has its own.
  ///   - order: Where normalizations stand.
  ///   - dropout: The fraction of attention weights, hidden units and what branches give that is dropped while training.
  public init(
    heads: Int, units: Int, activation: Activation = .relu, isCausal: Bool = false,
    norm: any Layer<Tensor, Tensor> = LayerNorm(), order: NormOrder = .pre, dropout: Double = 0
  ) {
    self.init(
      attention: MultiHeadAttention(heads: heads, isCausal: isCausal, dropout: dropout),
      feedForward: FeedForward(units: units, activation: activation, dropout: dropout), norm: norm, order: order,
      dropout: dropout)
  }

  /// The normalization of the attention.
  public var attentionNorm: any Layer<Tensor, Tensor> {
    get { list.layers[0] }
    set { list.layers[0] = newValue }
  }

  /// What each position goes through.
  public var feedForward: any Layer<Tensor, Tensor> {
    get { list.layers[1] }
    set { list.layers[1] = newValue }
  }

  /// The normalization of the feed-forward layer.
  public var feedForwardNorm: any Layer<Tensor, Tensor> {
    get { list.layers[2] }
    set { list.layers[2] = newValue }
  }

  /// The block's output for a sequence, `[batch, length, features]`.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, mask: nil) }

  /// The block's output for a sequence with a mask; see `MultiHeadAttention`.
  ///
  /// - Parameters:
  ///   - input: `[batch, length, features]`.
  ///   - mask: Which positions may look at which, or what is added to the products.
  ///   - padding: `[batch, length]`, booleans that hold where there is something to look at.
  public func callAsFunction(_ input: Tensor, mask: Tensor?, padding: Tensor? = nil) -> Tensor {
    if input.error != nil { return input }
    return output(Run.current.input(input)) { attention($0, mask: mask, padding: padding) }
  }

  /// The block's output for further positions of sequences of which the cache knows the ones before; see
  /// `MultiHeadAttention`.
  ///
  /// - Returns: The output `[batch, length, features]`, and the cache with these positions.
  public func callAsFunction(
    _ input: Tensor, from cache: AttentionCache, padding: Tensor? = nil
  ) -> (output: Tensor, cache: AttentionCache) {
    if let error = input.error { return (input, AttentionCache(failing: error)) }
    var cache = cache
    let output = output(Run.current.input(input)) { x in
      let (output, next) = attention(x, from: cache, padding: padding)
      cache = next
      return output
    }
    return (output, cache)
  }

  private func output(_ input: Tensor, _ attention: (Tensor) -> Tensor) -> Tensor {
    let x = rule(input, norm: list.layers[0], branch: attention)
    return rule(x, norm: list.layers[2]) { LayerList.output(of: list.layers[1], $0) }
  }
}

extension TransformerEncoderBlock {
  private enum CodingKeys: String, CodingKey { case attention, rule }

  /// Reads a block in a walk through the model.
  ///
  /// - Throws: `DecodingError` of an ordinary decoder: a file has no types of Swift code.
  public init(from decoder: any Decoder) throws {
    list = try LayerList(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    attention = try container.decode(MultiHeadAttention.self, forKey: .attention)
    rule = try container.decode(BranchRule.self, forKey: .rule)
  }

  /// Writes each part under its name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(attention, forKey: .attention)
    try container.encode(rule, forKey: .rule)
    try list.encode(to: encoder, in: "TransformerEncoderBlock")
  }
}
