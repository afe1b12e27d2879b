import DescentGraph
import DescentLayers
import DescentTensors

/// What happens where a text becomes longer than the model's context.
public enum ContextRule: String, Codable, Sendable, Hashable {
  /// It is refused before anything is computed.
  case refuse
  /// The model sees the last positions, as many as the context has: at the same cost for each token where positions are
  /// relative, as with rotary ones and ALiBi. A model with learned positions begins anew with the last half of what it saw,
  /// each time that its context is full.
  case slide
}

/// A language model that is ready to generate: walked once, and compiled once for each number of sequences.
///
/// ```swift
/// let generator = try TokenGenerator(model)
/// let tokens = try generator.generate(from: prompt, count: 200, sampling: Sampling(temperature: 0.8, seed: 7))
/// for try await token in generator.stream(from: prompt, count: 200) { … }
/// let best = try generator.beamSearch(from: prompt, beams: 4, count: 20)
/// ```
///
/// A token costs the same wherever it stands, since the model carries its state. It holds the model as it was when it was made.
///
/// May be used from several threads at once.
public final class TokenGenerator<Network: LanguageModel>: Sendable {
  /// The model.
  public let model: Network
  /// The type that the model's parameters have.
  let elementType: ElementType
  /// Further tokens `[batch, length]`: gives the logits after the last one `[batch, vocabulary]`.
  private let step: CompiledUpdate<Network.State, Tensor, Tensor>
  /// The same for sequences that are first chosen among those of the state.
  private let choosingStep: CompiledUpdate<Network.State, Tensor, Tensor, Tensor>
  /// How many tokens of a prompt are read at once: few enough to be worth a plan, many enough to be read fast.
  static var pieceSize: Int { 32 }

  /// Prepares a model; its parameters have values.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - precision: The element types that it computes in, those of its parameters where none are given.
  /// - Throws: what walking the model throws; `TensorError` where it has no values yet.
  public init(_ model: Network, precision: Precision? = nil) throws {
    self.model = model
    let tree = try ModelTree(model)
    for leaf in tree.leaves where leaf.tensor == nil {
      throw TensorError(leaf.path, "has no values yet; give the model an example, train it, or load a file")
    }
    let own = tree.leaves.lazy.compactMap { $0.tensor?.elementType }.first(where: \.isFloatingPoint) ?? .float32
    elementType = precision?.computation ?? own
    // Rebuilt, so that parameters know their paths and errors can name them.
    let named = try tree.rebuilt(Network.self, with: tree.leaves.map(\.tensor))
    @Sendable func last(_ state: inout Network.State, _ tokens: Tensor) throws -> Tensor {
      let run = Run.current.inference()
      return try run.with(precision ?? run.precision).perform {
        let (logits, next) = try named.logits(tokens, from: state)
        if let error = logits.error { throw error }
        guard logits.rank == 3, logits.shape[0] == tokens.shape[0], logits.shape[2] == named.vocabularySize else {
          throw TensorError(
            "\(Network.self)",
            "gave logits \(logits.shape) for tokens \(tokens.shape) and a vocabulary of \(named.vocabularySize)")
        }
        state = next
        return Run.current.result(logits[.all, -1])
      }
    }
    step = compiledUpdate { (state: inout Network.State, tokens: Tensor) in try last(&state, tokens) }
    choosingStep = compiledUpdate { (state: inout Network.State, tokens: Tensor, chosen: Tensor) in
      state = try Self.choosing(chosen, of: state)
      return try last(&state, tokens)
    }
  }

  /// How often the model was compiled: once for each number of sequences, and once more where prompts are read in pieces.
  public var compilationCount: Int { step.compilationCount + choosingStep.compilationCount }

  /// The logits after further tokens of each sequence.
  func logits(after tokens: [[Int]], _ state: inout Network.State) throws -> [[Double]] {
    let logits = try step(&state, Tensor(integers: tokens.flatMap(\.self), shape: [tokens.count, tokens[0].count]))
    return try rows(logits)
  }

  /// The same for sequences that go on from others.
  ///
  /// - Parameter origins: The number of the sequence that each goes on from.
  func logits(after tokens: [Int], from origins: [Int], _ state: inout Network.State) throws -> [[Double]] {
    try rows(try choosingStep(&state, Tensor(integers: tokens, shape: [tokens.count, 1]), Tensor(integers: origins)))
  }

  private func rows(_ logits: Tensor) throws -> [[Double]] {
    let (values, size) = (try logits.scalars(), model.vocabularySize)
    return (0..<logits.shape[0]).map { Array(values[$0 * size..<($0 + 1) * size]) }
  }

  /// The state of some sequences, in another order.
  static func choosing(_ sequences: Tensor, of state: Network.State) throws -> Network.State {
    let tree = try ModelTree(state)
    let tensors = tree.leaves.map { leaf in
      leaf.tensor.map { $0.rank == 0 || $0.error != nil ? $0 : $0.taken(sequences) }
    }
    return try tree.rebuilt(Network.State.self, with: tensors)
  }

  /// Refuses tokens that the model does not have.
  func check(_ tokens: [Int]) throws {
    let range = 0..<model.vocabularySize
    guard let wrong = tokens.first(where: { !range.contains($0) }) else { return }
    throw TextError("generate", "the prompt has the token \(wrong), the model the tokens \(range)")
  }
}

extension TokenGenerator {
  /// Begins sequences, which grow by a token each with each `next()`.
  ///
  /// - Parameters:
  ///   - prompts: The tokens of each sequence to begin with, at least one; they may differ in number.
  ///   - count: How many tokens are added to each at most.
  ///   - sampling: How tokens are chosen.
  ///   - ends: The tokens that end a sequence.
  ///   - rule: What happens where a sequence becomes longer than the model's context.
  ///   - state: The state to begin from, such as that of a picture; the model's own where none is given.
  /// - Throws: `TextError` of prompts and settings that make no sense; `TensorError` of the model.
  public func begin(
    _ prompts: [[Int]], count: Int, sampling: Sampling = .greedy, endingAt ends: Set<Int> = [],
    context rule: ContextRule = .refuse, from state: Network.State? = nil
  ) throws -> TokenGeneration<Network> {
    try TokenGeneration(
      self, prompts, count: count, sampling: sampling, ends: ends, rule: rule, state: state)
  }

  /// The tokens that follow a prompt; see `begin(_:count:sampling:endingAt:context:from:)`.
  ///
  /// - Returns: The tokens after the prompt, with the one that ends the sequence where there is such.
  public func generate(
    from prompt: [Int], count: Int, sampling: Sampling = .greedy, endingAt ends: Set<Int> = [],
    context rule: ContextRule = .refuse, from state: Network.State? = nil
  ) throws -> [Int] {
    try generate(
      from: [prompt], count: count, sampling: sampling, endingAt: ends, context: rule, from: state)[0]
  }

  /// The tokens that follow each of several prompts; see `begin(_:count:sampling:endingAt:context:from:)`.
  public func generate(
    from prompts: [[Int]], count: Int, sampling: Sampling = .greedy, endingAt ends: Set<Int> = [],
    context rule: ContextRule = .refuse, from state: Network.State? = nil
  ) throws -> [[Int]] {
    var generation = try begin(
      prompts, count: count, sampling: sampling, endingAt: ends, context: rule, from: state)
    while try generation.next() != nil {}
    return generation.generated
  }

  /// The tokens that follow a prompt, each as soon as it is chosen.
  ///
  /// A mistake in prompt or settings is thrown when the first token is asked for.
  public func stream(
    from prompt: [Int], count: Int, sampling: Sampling = .greedy, endingAt ends: Set<Int> = [],
    context rule: ContextRule = .refuse, from state: Network.State? = nil
  ) -> TokenStream<Int> {
    TokenStream {
      var generation = try self.begin(
        [prompt], count: count, sampling: sampling, endingAt: ends, context: rule, from: state)
      return { try generation.next()?[0] }
    }
  }
}

extension LanguageModel {
  /// The tokens that follow a prompt.
  ///
  /// It compiles a step of the model each time; `TokenGenerator` keeps it.
  ///
  /// - Parameters:
  ///   - prompt: The tokens to begin with, at least one.
  ///   - count: How many tokens are added at most.
  ///   - sampling: How tokens are chosen.
  ///   - ends: The tokens that end the sequence.
  ///   - rule: What happens where the sequence becomes longer than the model's context.
  /// - Returns: The tokens after the prompt, with the one that ends the sequence where there is such.
  /// - Throws: `TextError` of a prompt and settings that make no sense; `TensorError` of the model.
  public func generate(
    from prompt: [Int], count: Int, sampling: Sampling = .greedy, endingAt ends: Set<Int> = [],
    context rule: ContextRule = .refuse
  ) throws -> [Int] {
    try TokenGenerator(self).generate(from: prompt, count: count, sampling: sampling, endingAt: ends, context: rule)
  }
}
