import DescentGraph
import DescentLayers
import DescentTensors

/// A language model with a mixture of experts between two layers of long short-term memory.
///
/// ```swift
/// let model = try ExpertRecurrentModel(ExpertConfiguration(vocabularySize: 256, width: 128, experts: 32))
/// ```
///
/// Each token goes through a few of the experts, so that the model may have many more parameters at nearly the same work. What each
/// layer makes is added to what goes into it; the experts' sum goes through a sigmoid. Parameters stand at `embedding`,
/// `first`, `mixture.0.experts.hidden` and so on, `second` and `output`. Source: Shazeer et al., "Outrageously large neural
/// networks: the sparsely-gated mixture-of-experts layer", 2017, appendix C.
public struct ExpertRecurrentModel: ConfiguredLanguageModel {
  public static var kind: String { "moe-lstm" }
  /// The settings.
  public let configuration: ExpertConfiguration
  /// The vectors of the tokens.
  public var embedding: Embedding
  /// The layer before the experts.
  public var first: LSTM
  /// The mixture of experts, the only layer in it.
  public var mixture: Sequential
  /// The layer after the experts.
  public var second: LSTM
  /// The weights of the logits.
  public var output: Dense

  /// A model without values.
  ///
  /// - Throws: `TextError` of settings that do not fit together.
  public init(_ configuration: ExpertConfiguration) throws {
    try configuration.check()
    self.configuration = configuration
    embedding = Embedding(count: configuration.vocabularySize, size: configuration.width)
    (first, second) = (LSTM(units: configuration.width), LSTM(units: configuration.width))
    mixture = Sequential([configuration.mixture])
    output = Dense(units: configuration.vocabularySize, bias: false)
  }

  public var vocabularySize: Int { configuration.vocabularySize }
  public var context: Int? { nil }

  /// What is carried from token to token.
  public struct State: Codable, Sendable {
    /// That of the layer before the experts.
    public var first: [LSTMCell.State]
    /// That of the layer after them.
    public var second: [LSTMCell.State]
  }

  /// The logits of what follows each token: `[batch, length]` becomes `[batch, length, vocabulary]`.
  public func callAsFunction(_ tokens: Tensor) -> Tensor {
    if let refusal = refusal(of: tokens) { return refusal }
    let vectors = dropped(embedding(tokens))
    let expert = mixed(vectors + dropped(first(vectors)))
    return output(expert + dropped(second(expert)))
  }

  public func initialState(batch: Int, _ elementType: ElementType) throws -> State {
    func state(_ layer: LSTM) -> [LSTMCell.State] { layer.cells.map { $0.initialState(batch: batch, elementType) } }
    return State(first: state(first), second: state(second))
  }

  public func logits(_ tokens: Tensor, from state: State) throws -> (logits: Tensor, state: State) {
    if let error = refusal(of: tokens)?.error { throw error }
    let vectors = embedding(tokens)
    let (before, firstState) = first(Sequences(vectors), from: state.first)
    let expert = mixed(vectors + before)
    let (after, secondState) = second(Sequences(expert), from: state.second)
    return (output(expert + after), State(first: firstState, second: secondState))
  }

  private func mixed(_ x: Tensor) -> Tensor { x + dropped(sigmoid(mixture(x))) }

  private func dropped(_ x: Tensor) -> Tensor {
    configuration.dropout == 0 ? x : Dropout(rate: configuration.dropout)(x)
  }

  private func refusal(of tokens: Tensor) -> Tensor? {
    if tokens.error != nil { return tokens }
    guard tokens.rank == 2 else {
      return Tensor(error: TensorError("ExpertRecurrentModel", "takes tokens [batch, length], found \(tokens.shape)"))
    }
    return nil
  }
}
