import DescentGraph
import DescentLayers
import DescentTensors
import Foundation

/// A language model of transformer blocks that look back: GPT-2, nanoGPT, Llama, by its settings.
///
/// ```swift
/// let model = try TransformerModel(TransformerConfiguration(vocabularySize: 65))              // nanoGPT's small model
/// let modern = try TransformerModel(.modern(vocabularySize: 65, context: 256, layers: 6, heads: 6, width: 384))
/// ```
///
/// Parameters stand at `embedding`, `positions`, `blocks.0.attention.query` and so on, `norm` and, where weights are not shared,
/// `output`. Weights begin normally distributed with a standard deviation of 0.02; those of what is added to a position's
/// features at 0.02 / √(2 · layers). Source: Radford et al., 2019.
public struct TransformerModel: ConfiguredLanguageModel {
  public static var kind: String { "transformer" }
  /// The settings.
  public let configuration: TransformerConfiguration
  /// The vectors of the tokens.
  public var embedding: Embedding
  /// The vectors of the positions, where they are learned.
  public var positions: LearnedPositions?
  /// The blocks.
  public var blocks: [TransformerEncoderBlock]
  /// The normalization after the last block.
  public var norm: Sequential
  /// The weights of the logits, where they are not those of the embedding.
  public var output: Dense?

  /// A model without values.
  ///
  /// - Throws: `TextError` of settings that do not fit together.
  public init(_ configuration: TransformerConfiguration) throws {
    try configuration.check()
    self.configuration = configuration
    let normal = Initializer.normal(standardDeviation: 0.02)
    let residual = Initializer.normal(standardDeviation: 0.02 / (2 * Double(configuration.layers)).squareRoot())
    embedding = Embedding(count: configuration.vocabularySize, size: configuration.width, initializer: normal)
    positions =
      configuration.positions == .learned ? LearnedPositions(context: configuration.context, initializer: normal) : nil
    let (bias, dropout) = (configuration.bias, configuration.dropout)
    func attention(_ window: Int?) -> MultiHeadAttention {
      var attention = MultiHeadAttention(
        heads: configuration.heads, keyHeads: configuration.keyHeads, headWidth: configuration.headWidth,
        isCausal: true, window: window, positions: configuration.attentionPositions, dropout: dropout,
        bias: configuration.queryBias ?? bias, initializer: normal)
      attention.output = Dense(
        units: 0, bias: configuration.attentionOutputBias ?? bias, initializer: residual)
      return attention
    }
    let hiddenBias = configuration.feedForwardBias ?? bias
    var feedForward = FeedForward(
      units: configuration.hiddenUnits ?? 4 * configuration.width, activation: configuration.activation,
      isGated: configuration.isGated, bias: hiddenBias, initializer: normal)
    feedForward.output = Dense(units: 0, bias: hiddenBias, initializer: residual)
    let norm: any Layer<Tensor, Tensor> =
      switch configuration.norm {
      case .layer: LayerNorm(shift: bias, epsilon: configuration.epsilon)
      case .rms: RMSNorm(epsilon: configuration.epsilon)
      }
    let windows = configuration.windows
    blocks = (0..<configuration.layers).map { layer in
      TransformerEncoderBlock(
        attention: attention(windows.isEmpty ? nil : windows[layer]), feedForward: feedForward, norm: norm,
        dropout: dropout)
    }
    self.norm = Sequential([norm])
    output =
      configuration.tiesWeights
      ? nil : Dense(units: configuration.vocabularySize, bias: false, initializer: normal)
  }

  public var vocabularySize: Int { configuration.vocabularySize }
  public var context: Int? { configuration.context }

  /// The logits of what follows each token: `[batch, length]` becomes `[batch, length, vocabulary]`.
  public func callAsFunction(_ tokens: Tensor) -> Tensor {
    if let refusal = refusal(of: tokens) { return refusal }
    let vectors = embedding(tokens)
    let placed = dropped(positions.map { $0(vectors) } ?? vectors)
    return head(blocks.reduce(placed) { $1($0) })
  }

  /// Caches that have seen nothing, one for each block.
  public func initialState(batch: Int, _ elementType: ElementType) throws -> [AttentionCache] {
    try initialState(batch: batch, length: configuration.context, elementType)
  }

  /// Caches for so many positions, or a few more: there are few sizes, each of which has a plan, and none below 256.
  public func initialState(batch: Int, length: Int, _ elementType: ElementType) throws -> [AttentionCache] {
    let context = configuration.context
    var capacity = 256
    while capacity < length, capacity < context { capacity *= 2 }
    return try caches(batch: batch, capacity: min(capacity, context), isRolling: false, elementType)
  }

  /// Caches that hold the last positions, where positions are relative; each block sees as many as the context has.
  public func slidingState(batch: Int, _ elementType: ElementType) throws -> [AttentionCache]? {
    if configuration.positions == .learned { return nil }
    return try caches(batch: batch, capacity: configuration.context, isRolling: true, elementType)
  }

  private func caches(
    batch: Int, capacity: Int, isRolling: Bool, _ elementType: ElementType
  ) throws -> [AttentionCache] {
    let caches = blocks.map(\.attention).map {
      isRolling
        ? $0.rollingCache(batch: batch, capacity: capacity, elementType)
        : $0.cache(batch: batch, capacity: capacity, elementType)
    }
    for cache in caches { if let error = cache.keys.error { throw error } }
    return caches
  }

  public func logits(_ tokens: Tensor, from state: [AttentionCache]) throws -> (logits: Tensor, state: [AttentionCache])
  {
    guard state.count == blocks.count else {
      throw TensorError("TransformerModel", "has \(blocks.count) blocks, which take a cache each, found \(state.count)")
    }
    if let error = refusal(of: tokens)?.error { throw error }
    let vectors = embedding(tokens)
    var x = positions.map { $0(vectors, from: state[0].position) } ?? vectors
    var next = state
    for (place, block) in blocks.enumerated() { (x, next[place]) = block(x, from: state[place]) }
    return (head(x), next)
  }

  private func dropped(_ x: Tensor) -> Tensor {
    configuration.dropout == 0 ? x : Dropout(rate: configuration.dropout)(x)
  }

  private func head(_ x: Tensor) -> Tensor {
    let last = norm(x)
    return output.map { $0(last) } ?? embedding.logits(last)
  }

  private func refusal(of tokens: Tensor) -> Tensor? {
    if tokens.error != nil { return tokens }
    guard tokens.rank == 2 else {
      return Tensor(error: TensorError("TransformerModel", "takes tokens [batch, length], found \(tokens.shape)"))
    }
    guard tokens.shape[1] <= configuration.context else {
      return Tensor(
        error: TensorError(
          "TransformerModel",
          "sees \(configuration.context) positions, found tokens \(tokens.shape) of \(tokens.shape[1])"))
    }
    return nil
  }
}

extension TransformerConfiguration {
  fileprivate var attentionPositions: AttentionPositions {
    switch positions {
    case .learned: .none
    case .rotary(let rotary): .rotary(rotary)
    case .alibi: .alibi
    }
  }
}
