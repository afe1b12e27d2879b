import DescentLayers
import DescentTensors

@testable import DescentText

/// Small models with values in Float64, whose differences are those of rounding.
enum SmallModels {
  static func transformer(
    _ configuration: TransformerConfiguration = TransformerConfiguration(
      vocabularySize: 11, context: 24, layers: 2, heads: 2, width: 8), seed: UInt64 = 1
  ) throws -> TransformerModel {
    try withPrecision(Precision(parameters: .float64, computation: .float64, results: .float64)) {
      var configuration = configuration
      configuration.dropout = 0
      return try TransformerModel(configuration).initialized(for: Tensor(integers: [0, 1], shape: [1, 2]), seed: seed)
    }
  }

  static func recurrent<Cell: NamedCell>(_ cell: Cell.Type, layers: Int = 2) throws -> RecurrentModel<Cell> {
    try withPrecision(Precision(parameters: .float64, computation: .float64, results: .float64)) {
      try RecurrentModel<Cell>(RecurrentConfiguration(vocabularySize: 11, embeddingSize: 5, units: 7, layers: layers))
        .initialized(for: Tensor(integers: [0, 1], shape: [1, 2]), seed: 3)
    }
  }

  /// Weights at which tokens differ in their probabilities: initial ones are nearly the same for all.
  static func sharpened<Network: LanguageModel>(_ model: Network, _ factor: Double = 12) -> Network {
    zip(model, model) { a, _ in a.rank >= 2 ? factor * a : a }
  }
}
