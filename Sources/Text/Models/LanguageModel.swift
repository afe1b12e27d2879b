import DescentGraph
import DescentLayers
import DescentTensors

/// A model of sequences of tokens: from tokens `[batch, length]` to the logits of the token that follows each,
/// `[batch, length, vocabulary]`.
///
/// It is a layer, which trains like others. What makes it write is a second way to call it, with what it carries from token to token:
/// the state of a recurrent net, or the keys and values of a transformer. Both ways give the same logits.
///
/// ```swift
/// let tokens = try model.generate(from: prompt, count: 200, sampling: Sampling(temperature: 0.8, seed: 7))
/// ```
///
/// One of your own says the size of its vocabulary, what its state is at first, and what it makes of further tokens. Whatever a
/// decoder looks at besides, such as a picture, goes into the state.
public protocol LanguageModel: Layer where Input == Tensor, Output == Tensor {
  /// What is carried from token to token: tensors `[batch, …]`, and scalars for what all sequences have in common. Shapes and
  /// element types stay the same, so that one plan serves all positions.
  associatedtype State: Codable & Sendable

  /// The number of tokens.
  var vocabularySize: Int { get }

  /// How many positions there can be from the first one on, `nil` for any number.
  var context: Int? { get }

  /// The state before the first token.
  ///
  /// - Parameters:
  ///   - batch: The number of sequences.
  ///   - elementType: The type that the model computes in.
  /// - Throws: `TensorError` where the model has no parameters yet.
  func initialState(batch: Int, _ elementType: ElementType) throws -> State

  /// The state before the first token of sequences that do not become longer than so many positions: a model whose state grows with
  /// what it can hold needs less memory and time then.
  ///
  /// - Parameters:
  ///   - batch: The number of sequences.
  ///   - length: How many positions there will be at most, no more than the context.
  ///   - elementType: The type that the model computes in.
  /// - Throws: `TensorError` where the model has no parameters yet.
  func initialState(batch: Int, length: Int, _ elementType: ElementType) throws -> State

  /// The state before the first token of sequences that may become longer than the context, of which the model sees the last
  /// positions then.
  ///
  /// - Returns: `nil` for a model that cannot go on so, as one with learned positions; it begins anew instead with what it saw last.
  func slidingState(batch: Int, _ elementType: ElementType) throws -> State?

  /// The logits of what follows each of further tokens, and the state after them.
  ///
  /// - Parameters:
  ///   - tokens: Further tokens, integers `[batch, length]`: one of each sequence, or more to begin with.
  ///   - state: The state before them.
  /// - Returns: The logits `[batch, length, vocabulary]`, and the state after the last token.
  func logits(_ tokens: Tensor, from state: State) throws -> (logits: Tensor, state: State)
}

extension LanguageModel {
  /// A model whose state has one size needs nothing else.
  public func initialState(batch: Int, length: Int, _ elementType: ElementType) throws -> State {
    try initialState(batch: batch, elementType)
  }

  /// A model without a limit needs nothing else; one with a limit cannot go past it.
  public func slidingState(batch: Int, _ elementType: ElementType) throws -> State? {
    context == nil ? try initialState(batch: batch, elementType) : nil
  }
}

/// A language model that is made from a configuration, by which a file names it.
public protocol ConfiguredLanguageModel: LanguageModel {
  /// The settings that a model is made from.
  associatedtype Configuration: Codable & Sendable & Hashable

  /// What files call this kind of model, such as `transformer`.
  static var kind: String { get }

  /// The settings that this one was made from.
  var configuration: Configuration { get }

  /// A model without values.
  ///
  /// - Throws: `TextError` of settings that do not fit together.
  init(_ configuration: Configuration) throws
}
