import DescentLayers
import DescentTensors

/// The settings of a `TransformerModel`.
public struct TransformerConfiguration: Codable, Sendable, Hashable {
  /// How a model knows where a token stands.
  public enum Positions: Codable, Sendable, Hashable {
    /// By a learned vector for each position.
    case learned
    /// By turning queries and keys.
    case rotary(RotaryPositions = RotaryPositions())
    /// By a penalty on distance.
    case alibi
  }

  /// Which normalization stands before each branch, and at the end.
  public enum Norm: String, Codable, Sendable, Hashable {
    /// To mean 0 and variance 1; see `LayerNorm`.
    case layer
    /// To a mean square of 1; see `RMSNorm`.
    case rms
  }

  /// The number of tokens.
  public var vocabularySize: Int
  /// How many positions the model sees.
  public var context: Int
  /// The number of blocks.
  public var layers: Int
  /// The number of heads of each attention.
  public var heads: Int
  /// The number of heads of keys and values; that of heads where it is `nil`.
  public var keyHeads: Int?
  /// The number of features of a head; the width divided by the number of heads where it is `nil`.
  public var headWidth: Int?
  /// The number of features of a position.
  public var width: Int
  /// The number of hidden units of the feed-forward layers; four times the width where it is `nil`.
  public var hiddenUnits: Int?
  /// The activation of the feed-forward layers.
  public var activation: Activation
  /// Whether the hidden units are multiplied by gates.
  public var isGated: Bool
  /// How a model knows where a token stands.
  public var positions: Positions
  /// Which normalization there is.
  public var norm: Norm
  /// What is added to the variance, or to the mean square, for numerical stability.
  public var epsilon: Double
  /// Whether products and normalizations have biases.
  public var bias: Bool
  /// Whether queries, keys and values have biases; as the others where it is `nil`.
  public var queryBias: Bool?
  /// Whether the output of attention has a bias; as the others where it is `nil`.
  public var attentionOutputBias: Bool?
  /// Whether the feed-forward layers have biases; as the others where it is `nil`.
  public var feedForwardBias: Bool?
  /// How far the positions of each layer see, `nil` for one without limit; empty where no layer has a limit.
  public var windows: [Int?] = []
  /// Whether logits are products with the vectors of the tokens, rather than with weights of their own.
  public var tiesWeights: Bool
  /// The fraction of vectors, attention weights, hidden units and what branches give that is dropped while training.
  public var dropout: Double

  /// The settings of a model; those left out are GPT-2's, at the size of nanoGPT's small model of characters.
  public init(
    vocabularySize: Int, context: Int = 64, layers: Int = 4, heads: Int = 4, width: Int = 128, keyHeads: Int? = nil,
    headWidth: Int? = nil, hiddenUnits: Int? = nil, activation: Activation = .geluTanh, isGated: Bool = false,
    positions: Positions = .learned, norm: Norm = .layer, epsilon: Double = 1e-5, bias: Bool = false,
    queryBias: Bool? = nil, tiesWeights: Bool = true, dropout: Double = 0
  ) {
    (self.vocabularySize, self.context, self.layers) = (vocabularySize, context, layers)
    (self.heads, self.keyHeads, self.headWidth, self.width) = (heads, keyHeads, headWidth, width)
    (self.hiddenUnits, self.activation, self.isGated) = (hiddenUnits, activation, isGated)
    (self.positions, self.norm, self.epsilon) = (positions, norm, epsilon)
    (self.bias, self.queryBias, self.tiesWeights, self.dropout) = (bias, queryBias, tiesWeights, dropout)
  }

  /// A model with what has proven itself since GPT-2: rotary positions, RMS normalization, gated hidden units, no biases.
  ///
  /// The hidden units are so many that the three products of the gated layer have about as many weights as the two of one
  /// without gates.
  public static func modern(
    vocabularySize: Int, context: Int = 64, layers: Int = 4, heads: Int = 4, width: Int = 128, keyHeads: Int? = nil,
    dropout: Double = 0
  ) -> TransformerConfiguration {
    TransformerConfiguration(
      vocabularySize: vocabularySize, context: context, layers: layers, heads: heads, width: width, keyHeads: keyHeads,
      hiddenUnits: max(1, width.dividedReportingOverflow(by: 3).partialValue) &* 8, activation: .silu, isGated: true,
      positions: .rotary(), norm: .rms, dropout: dropout)
  }

  /// Refuses settings that do not fit together.
  func check() throws {
    func refuse(_ message: String) -> TextError { TextError("TransformerConfiguration", message) }
    let limits = 1...(1 << 24)
    for (name, value) in [
      ("vocabularySize", vocabularySize), ("context", context), ("heads", heads), ("width", width),
      ("keyHeads", keyHeads ?? 1), ("headWidth", headWidth ?? 1), ("hiddenUnits", hiddenUnits ?? 1),
    ] where !limits.contains(value) {
      throw refuse("its \(name) must be in \(limits), found \(value)")
    }
    guard (1...1 << 16).contains(layers) else { throw refuse("needs 1...65536 layers, found \(layers)") }
    guard headWidth != nil || width % heads == 0 else {
      throw refuse("divides its width \(width) among \(heads) heads, which does not come out even")
    }
    guard heads % (keyHeads ?? heads) == 0 else {
      throw refuse("its \(heads) heads cannot share \(keyHeads ?? heads) of keys and values evenly")
    }
    guard windows.isEmpty || windows.count == layers, windows.allSatisfy({ $0 ?? 1 >= 1 }) else {
      throw refuse("needs a window of at least 1, or none, for each of its \(layers) layers, found \(windows.count)")
    }
    guard dropout >= 0, dropout < 1 else {
      throw refuse("its dropout must be at least 0 and less than 1, found \(dropout)")
    }
  }
}
