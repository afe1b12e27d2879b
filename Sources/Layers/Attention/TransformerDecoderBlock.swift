import DescentGraph
import DescentTensors

/// A block of a transformer that looks at its own sequence and at another one: causal attention, attention to a memory such as an
/// encoder's output, then a feed-forward layer, each added to what goes in.
///
/// ```swift
/// let block = TransformerDecoderBlock(heads: 8, units: 2_048)
/// let output = block(words, attendingTo: encoded, memoryPadding: isWord)
/// ```
///
/// `[batch, length, features]` stays so. Parameters stand at `attention`, `crossAttention`, `feedForward` and the norms of each,
/// such as `crossAttentionNorm`. Source: Vaswani et al., 2017.
public struct TransformerDecoderBlock: Model {
  /// The attention within the sequence.
  public var attention: MultiHeadAttention
  /// The attention to the memory.
  public var crossAttention: MultiHeadAttention
  private var list: LayerList
  private let rule: BranchRule

  /// A block of given parts.
  ///
  /// - Parameters:
  ///   - attention: The attention within the sequence.
  ///   - crossAttention: The attention to the memory.
  ///   - feedForward: What each position goes through.
  ///   - norm: The normalization, without values; each branch has its own.
  ///   - order: Where normalizations stand.
  ///   - dropout: The fraction of what a branch gives that is dropped while training.
  ///   - pathDropout: The fraction of examples that a branch is left out for while training.
  public init(
    attention: MultiHeadAttention, crossAttention: MultiHeadAttention, feedForward: any Layer<Tensor, Tensor>,
    norm: any Layer<Tensor, Tensor> = LayerNorm(), order: NormOrder = .pre, dropout: Double = 0, pathDropout: Double = 0
  ) {
    (self.attention, self.crossAttention) = (attention, crossAttention)
    list = LayerList([
      (name: "attentionNorm", layer: norm), (name: "crossAttentionNorm", layer: norm),
      (name: "feedForward", layer: feedForward), (name: "feedForwardNorm", layer: norm),
    ])
    rule = BranchRule(order: order, dropout: dropout, pathDropout: pathDropout)
  }

  /// A block as the papers have it, with one rate of dropout throughout.
  ///
  /// - Parameters:
  ///   - heads: The number of heads of both attentions.
  ///   - units: The number of hidden units of the feed-forward layer.
  ///   - activation: The feed-forward layer's activation.
  ///   - isCausal: Whether a position sees only itself and those before it.
  ///   - norm: The normalization, without values; each branch has its own.
  ///   - order: Where normalizations stand.
  ///   - dropout: The fraction of attention weights, hidden units and what branches give that is dropped while training.
  public init(
    heads: Int, units: Int, activation: Activation = .relu, isCausal: Bool = true,
    norm: any Layer<Tensor, Tensor> = LayerNorm(), order: NormOrder = .pre, dropout: Double = 0
  ) {
    self.init(
      attention: MultiHeadAttention(heads: heads, isCausal: isCausal, dropout: dropout),
      crossAttention: MultiHeadAttention(heads: heads, dropout: dropout),
      feedForward: FeedForward(units: units, activation: activation, dropout: dropout), norm: norm, order: order,
      dropout: dropout)
  }

  /// The normalization of the attention within the sequence.
  public var attentionNorm: any Layer<Tensor, Tensor> {
    get { list.layers[0] }
    set { list.layers[0] = newValue }
  }

  /// The normalization of the attention to the memory.
  public var crossAttentionNorm: any Layer<Tensor, Tensor> {
    get { list.layers[1] }
    set { list.layers[1] = newValue }
  }

  /// What each position goes through.
  public var feedForward: any Layer<Tensor, Tensor> {
    get { list.layers[2] }
    set { list.layers[2] = newValue }
  }

  /// The normalization of the feed-forward layer.
  public var feedForwardNorm: any Layer<Tensor, Tensor> {
    get { list.layers[3] }
    set { list.layers[3] = newValue }
  }

  /// The block's output for a sequence that looks at a memory; masks are those of `MultiHeadAttention`.
  ///
  /// - Parameters:
  ///   - input: `[batch, length, features]`.
  ///   - memory: `[batch, memory length, any features]`.
  ///   - mask: Which positions may look at which within the sequence.
  ///   - padding: `[batch, length]`, booleans that hold where there is something in the sequence.
  ///   - memoryMask: Which positions may look at which of the memory.
  ///   - memoryPadding: `[batch, memory length]`, booleans that hold where there is something in the memory.
  public func callAsFunction(
    _ input: Tensor, attendingTo memory: Tensor, mask: Tensor? = nil, padding: Tensor? = nil, memoryMask: Tensor? = nil,
    memoryPadding: Tensor? = nil
  ) -> Tensor {
    if input.error != nil { return input }
    return output(Run.current.input(input)) {
      attention($0, mask: mask, padding: padding)
    } cross: {
      crossAttention($0, attendingTo: memory, mask: memoryMask, padding: memoryPadding)
    }
  }

  /// The keys and values of a memory, for generating position by position.
  public func memory(of memory: Tensor) -> AttentionMemory { crossAttention.memory(of: memory) }

  /// The block's output for further positions of sequences of which the cache knows the ones before.
  ///
  /// - Parameters:
  ///   - input: Further positions, `[batch, length, features]`.
  ///   - memory: The keys and values of what is looked at; see `memory(of:)`.
  ///   - cache: What was seen of the sequence before.
  ///   - memoryPadding: `[batch, memory length]`, booleans that hold where there is something in the memory.
  /// - Returns: The output `[batch, length, features]`, and the cache with these positions.
  public func callAsFunction(
    _ input: Tensor, attendingTo memory: AttentionMemory, from cache: AttentionCache, memoryPadding: Tensor? = nil
  ) -> (output: Tensor, cache: AttentionCache) {
    if let error = input.error { return (input, AttentionCache(failing: error)) }
    var cache = cache
    let output = output(Run.current.input(input)) { x in
      let (output, next) = attention(x, from: cache)
      cache = next
      return output
    } cross: {
      crossAttention($0, attendingTo: memory, padding: memoryPadding)
    }
    return (output, cache)
  }

  private func output(
    _ input: Tensor, _ attention: (Tensor) -> Tensor, cross: (Tensor) -> Tensor
  ) -> Tensor {
    let own = rule(input, norm: list.layers[0], branch: attention)
    let read = rule(own, norm: list.layers[1], branch: cross)
    return rule(read, norm: list.layers[3]) { LayerList.output(of: list.layers[2], $0) }
  }
}

extension TransformerDecoderBlock {
  private enum CodingKeys: String, CodingKey { case attention, crossAttention, rule }

  /// Reads a block in a walk through the model.
  ///
  /// - Throws: `DecodingError` of an ordinary decoder: a file has no types of Swift code.
  public init(from decoder: any Decoder) throws {
    list = try LayerList(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    attention = try container.decode(MultiHeadAttention.self, forKey: .attention)
    crossAttention = try container.decode(MultiHeadAttention.self, forKey: .crossAttention)
    rule = try container.decode(BranchRule.self, forKey: .rule)
  }

  /// Writes each part under its name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(attention, forKey: .attention)
    try container.encode(crossAttention, forKey: .crossAttention)
    try container.encode(rule, forKey: .rule)
    try list.encode(to: encoder, in: "TransformerDecoderBlock")
  }
}
