import DescentLayers
import DescentTensors

/// The settings of a language model with mixtures of experts: `ExpertRecurrentModel`, `ExpertTransformerModel`.
public struct ExpertConfiguration: Codable, Sendable, Hashable {
  /// The number of tokens.
  public var vocabularySize: Int
  /// The size of a token's vector, and of what goes through the model.
  public var width: Int
  /// The number of experts of a mixture, of all groups together.
  public var experts: Int
  /// How many groups experts are in, whose gates are asked first; 1 for none.
  public var groups: Int
  /// How many experts each token goes to; of each of two groups half as many.
  public var choices: Int
  /// The number of hidden units of an expert.
  public var units: Int
  /// Whether the experts' layers have biases.
  public var bias: Bool
  /// What keeps experts in equal use.
  public var balance: ExpertBalance
  /// The number of blocks of a transformer.
  public var layers: Int
  /// The number of heads of a transformer.
  public var heads: Int
  /// The number of positions that a transformer sees.
  public var context: Int
  /// The fraction of features that is dropped while training.
  public var dropout: Double

  /// The settings of a model.
  public init(
    vocabularySize: Int, width: Int = 128, experts: Int = 16, groups: Int = 1, choices: Int = 4, units: Int = 256,
    bias: Bool = false, balance: ExpertBalance = ExpertBalance(), layers: Int = 2, heads: Int = 4, context: Int = 128,
    dropout: Double = 0
  ) {
    (self.vocabularySize, self.width, self.experts, self.groups) = (vocabularySize, width, experts, groups)
    (self.choices, self.units, self.bias, self.balance) = (choices, units, bias, balance)
    (self.layers, self.heads, self.context, self.dropout) = (layers, heads, context, dropout)
  }

  /// Refuses settings that do not fit together.
  func check() throws {
    func refuse(_ message: String) -> TextError { TextError("ExpertConfiguration", message) }
    let limits = 1...(1 << 24)
    for (name, value) in [
      ("vocabularySize", vocabularySize), ("width", width), ("experts", experts), ("groups", groups),
      ("choices", choices),
      ("units", units), ("heads", heads), ("context", context),
    ] where !limits.contains(value) {
      throw refuse("its \(name) must be in \(limits), found \(value)")
    }
    guard (1...1 << 10).contains(layers) else { throw refuse("needs 1...1024 layers, found \(layers)") }
    guard dropout >= 0, dropout < 1 else {
      throw refuse("its dropout must be at least 0 and less than 1, found \(dropout)")
    }
    guard experts.isMultiple(of: groups) else {
      throw refuse("cannot put \(experts) experts into \(groups) groups of the same size")
    }
    let (available, asked) = groups == 1 ? (experts, choices) : (experts / groups, max(1, choices / 2))
    guard asked <= available, groups == 1 || choices == 1 || (choices.isMultiple(of: 2) && groups >= 2) else {
      let words = groups == 1 ? "of \(experts) experts" : "of two groups of \(experts / groups) experts, half of each"
      throw refuse("cannot choose \(choices) \(words)")
    }
  }

  /// A mixture of these settings, without values.
  var mixture: any Layer<Tensor, Tensor> {
    guard groups > 1 else {
      return MixtureOfExperts(experts: experts, choices: choices, units: units, bias: bias, balance: balance)
    }
    return HierarchicalMixtureOfExperts(
      groups: groups, experts: experts / groups, groupChoices: min(2, choices), choices: max(1, choices / 2),
      units: units,
      bias: bias, balance: balance)
  }
}
