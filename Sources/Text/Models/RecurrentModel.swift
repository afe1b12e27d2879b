import DescentGraph
import DescentLayers
import DescentTensors

/// The settings of a `RecurrentModel`.
public struct RecurrentConfiguration: Codable, Sendable, Hashable {
  /// The number of tokens.
  public var vocabularySize: Int
  /// The size of a token's vector; the number of units where it is `nil`.
  public var embeddingSize: Int?
  /// The number of units of each layer.
  public var units: Int
  /// The number of layers.
  public var layers: Int
  /// The fraction of vectors and of each layer's outputs that is dropped while training.
  public var dropout: Double

  /// The settings of a model.
  public init(vocabularySize: Int, embeddingSize: Int? = nil, units: Int = 256, layers: Int = 1, dropout: Double = 0) {
    (self.vocabularySize, self.embeddingSize) = (vocabularySize, embeddingSize)
    (self.units, self.layers, self.dropout) = (units, layers, dropout)
  }

  /// Refuses settings that do not fit together.
  func check() throws {
    func refuse(_ message: String) -> TextError { TextError("RecurrentConfiguration", message) }
    let limits = 1...(1 << 24)
    for (name, value) in [
      ("vocabularySize", vocabularySize), ("embeddingSize", embeddingSize ?? 1), ("units", units),
    ] where !limits.contains(value) {
      throw refuse("its \(name) must be in \(limits), found \(value)")
    }
    guard (1...1 << 10).contains(layers) else { throw refuse("needs 1...1024 layers, found \(layers)") }
    guard dropout >= 0, dropout < 1 else {
      throw refuse("its dropout must be at least 0 and less than 1, found \(dropout)")
    }
  }
}

/// A cell that a recurrent language model is made of by its name.
public protocol NamedCell: RecurrentCell {
  /// What files call a model of such cells, such as `lstm`.
  static var modelKind: String { get }
  /// A cell of so many units, its other settings as they are by default.
  static func ofUnits(_ units: Int) -> Self
}

extension LSTMCell: NamedCell {
  public static var modelKind: String { "lstm" }
  public static func ofUnits(_ units: Int) -> LSTMCell { LSTMCell(units: units) }
}

extension GRUCell: NamedCell {
  public static var modelKind: String { "gru" }
  public static func ofUnits(_ units: Int) -> GRUCell { GRUCell(units: units) }
}

/// A language model that carries a state from token to token.
///
/// ```swift
/// let model = try RecurrentModel<LSTMCell>(RecurrentConfiguration(vocabularySize: 65, units: 256, layers: 2))
/// ```
///
/// What it remembers has a fixed size, so that a text may be of any length. Parameters stand at `embedding`,
/// `recurrent.cells.0` and so on, and `output`.
public struct RecurrentModel<Cell: NamedCell>: ConfiguredLanguageModel {
  public static var kind: String { Cell.modelKind }
  /// The settings.
  public let configuration: RecurrentConfiguration
  /// The vectors of the tokens.
  public var embedding: Embedding
  /// The recurrent layers.
  public var recurrent: Recurrent<Cell>
  /// The weights of the logits.
  public var output: Dense

  /// A model without values.
  ///
  /// - Throws: `TextError` of settings that do not fit together.
  public init(_ configuration: RecurrentConfiguration) throws {
    try configuration.check()
    self.configuration = configuration
    embedding = Embedding(
      count: configuration.vocabularySize, size: configuration.embeddingSize ?? configuration.units)
    recurrent = Recurrent(
      cell: Cell.ofUnits(configuration.units), layers: configuration.layers, dropout: configuration.dropout)
    output = Dense(units: configuration.vocabularySize)
  }

  public var vocabularySize: Int { configuration.vocabularySize }
  public var context: Int? { nil }

  /// The logits of what follows each token: `[batch, length]` becomes `[batch, length, vocabulary]`.
  public func callAsFunction(_ tokens: Tensor) -> Tensor {
    if let refusal = refusal(of: tokens) { return refusal }
    return output(dropped(recurrent(dropped(embedding(tokens)))))
  }

  public func initialState(batch: Int, _ elementType: ElementType) throws -> [Cell.State] {
    recurrent.cells.map { $0.initialState(batch: batch, elementType) }
  }

  public func logits(_ tokens: Tensor, from state: [Cell.State]) throws -> (logits: Tensor, state: [Cell.State]) {
    if let error = refusal(of: tokens)?.error { throw error }
    let (outputs, last) = recurrent(Sequences(embedding(tokens)), from: state)
    return (output(outputs), last)
  }

  private func dropped(_ x: Tensor) -> Tensor {
    configuration.dropout == 0 ? x : Dropout(rate: configuration.dropout)(x)
  }

  private func refusal(of tokens: Tensor) -> Tensor? {
    if tokens.error != nil { return tokens }
    guard tokens.rank == 2 else {
      return Tensor(error: TensorError("RecurrentModel", "takes tokens [batch, length], found \(tokens.shape)"))
    }
    return nil
  }
}
