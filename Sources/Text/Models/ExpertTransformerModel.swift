import DescentGraph
import DescentLayers
import DescentTensors

/// A transformer that has a mixture of experts in the place of each block's feed-forward layer.
///
/// ```swift
/// let model = try ExpertTransformerModel(ExpertConfiguration(vocabularySize: 256, width: 128, experts: 16, choices: 2))
/// ```
///
/// All else is as in `TransformerModel`, whose parameters stand at `transformer`. Source: Lepikhin et al., "GShard: scaling giant
/// models with conditional computation and automatic sharding", 2020, with the gates of Shazeer et al., 2017.
public struct ExpertTransformerModel: ConfiguredLanguageModel {
  public static var kind: String { "moe-transformer" }
  /// The settings.
  public let configuration: ExpertConfiguration
  /// The transformer, with mixtures of experts in its blocks.
  public var transformer: TransformerModel

  /// A model without values.
  ///
  /// - Throws: `TextError` of settings that do not fit together.
  public init(_ configuration: ExpertConfiguration) throws {
    try configuration.check()
    self.configuration = configuration
    transformer = try TransformerModel(
      TransformerConfiguration(
        vocabularySize: configuration.vocabularySize, context: configuration.context, layers: configuration.layers,
        heads: configuration.heads, width: configuration.width, dropout: configuration.dropout))
    transformer.blocks = transformer.blocks.map { block in
      TransformerEncoderBlock(
        attention: block.attention, feedForward: configuration.mixture, dropout: configuration.dropout)
    }
  }

  public var vocabularySize: Int { configuration.vocabularySize }
  public var context: Int? { configuration.context }

  /// The logits of what follows each token: `[batch, length]` becomes `[batch, length, vocabulary]`.
  public func callAsFunction(_ tokens: Tensor) -> Tensor { transformer(tokens) }

  public func initialState(batch: Int, _ elementType: ElementType) throws -> [AttentionCache] {
    try transformer.initialState(batch: batch, elementType)
  }

  public func logits(_ tokens: Tensor, from state: [AttentionCache]) throws -> (logits: Tensor, state: [AttentionCache])
  {
    try transformer.logits(tokens, from: state)
  }
}
