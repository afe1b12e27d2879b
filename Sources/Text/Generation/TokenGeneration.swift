import DescentGraph
import DescentLayers
import DescentTensors

/// Sequences that grow, a token each at a time; see `TokenGenerator`.
public struct TokenGeneration<Network: LanguageModel>: Sendable {
  private let generator: TokenGenerator<Network>
  private let prompts: [[Int]]
  private let count: Int
  private let sampling: Sampling
  private let ends: Set<Int>
  /// Whether the state is the model's own, so that it can be made anew.
  private let ownsState: Bool
  /// Whether the state itself forgets what is too far back.
  private let isSliding: Bool
  private var state: Network.State
  /// How many tokens of each sequence the state has seen, since it was made and in all.
  private var (held, position) = (0, 0)
  /// The tokens that were added to each sequence.
  public private(set) var generated: [[Int]]
  /// Which sequences have come to their end.
  public private(set) var isFinished: [Bool]

  init(
    _ generator: TokenGenerator<Network>, _ prompts: [[Int]], count: Int, sampling: Sampling, ends: Set<Int>,
    rule: ContextRule, state: Network.State?
  ) throws {
    try sampling.check()
    guard count >= 0 else { throw TextError("generate", "cannot add \(count) tokens") }
    guard !prompts.isEmpty, prompts.allSatisfy({ !$0.isEmpty }) else {
      throw TextError("generate", "takes a prompt of at least one token, which the first new one follows; found none")
    }
    for prompt in prompts { try generator.check(prompt) }
    let model = generator.model
    let longest = prompts.map(\.count).max() ?? 0
    // The last token is not read any more.
    let (needed, isTooMany) = longest.addingReportingOverflow(count - 1)
    let isLonger = model.context.map { isTooMany || needed > $0 } ?? false
    if isLonger, rule == .refuse || state != nil, let context = model.context {
      let most = max(0, context - longest + 1)
      throw TextError(
        "generate",
        "a prompt of \(longest) tokens and \(count) more do not fit into the model's context of \(context); ask for at"
          + " most \(most)" + (state == nil ? ", or let it forget what lies further back with context: .slide" : ""))
    }
    let made = isLonger ? try model.slidingState(batch: prompts.count, generator.elementType) : nil
    isSliding = made != nil || !isLonger
    let length = isLonger ? nil : needed
    self.state =
      try state ?? made
      ?? (length.map { try model.initialState(batch: prompts.count, length: $0, generator.elementType) }
        ?? model.initialState(batch: prompts.count, generator.elementType))
    (self.generator, self.prompts, self.count) = (generator, prompts, count)
    (self.sampling, self.ends, ownsState) = (sampling, ends, state == nil)
    generated = prompts.map { _ in [] }
    isFinished = prompts.map { _ in count == 0 }
  }

  /// The next token of each sequence, `nil` for one that has come to its end or whose prompt is longer than others; `nil` in all
  /// when every sequence has come to its end.
  ///
  /// - Throws: `TensorError` of the model; `TextError` where its logits are not numbers.
  public mutating func next() throws -> [Int?]? {
    guard isFinished.contains(false) else { return nil }
    let shortest = prompts.map(\.count).min() ?? 0
    var logits: [[Double]]
    repeat {
      try makeRoom()
      // All sequences are read alike as far as the shortest prompt goes; from there on, one position at a time.
      let piece = TokenGenerator<Network>.pieceSize
      let reads = position + piece <= shortest && hasRoom(piece) ? piece : 1
      logits = try read(reads)
    } while position < shortest
    var next: [Int?] = []
    for row in prompts.indices {
      guard !isFinished[row], position >= prompts[row].count else {
        next.append(nil)
        continue
      }
      let token = try sampling.token(logits[row], sequence: row, number: generated[row].count)
      generated[row].append(token)
      isFinished[row] = generated[row].count >= count || ends.contains(token)
      next.append(token)
    }
    return next
  }

  /// The logits after the prompts, which are of one length, and the state then: where a search begins.
  mutating func afterPrompt() throws -> (logits: [[Double]], state: Network.State) {
    var logits: [[Double]] = []
    while position < prompts[0].count {
      let piece = TokenGenerator<Network>.pieceSize
      logits = try read(position + piece <= prompts[0].count ? piece : 1)
    }
    return (logits, state)
  }

  /// Reads so many further positions of all sequences.
  private mutating func read(_ length: Int) throws -> [[Double]] {
    let tokens = prompts.indices.map { row in (position..<position + length).map { token(row, $0) } }
    let logits = try generator.logits(after: tokens, &state)
    (held, position) = (held + length, position + length)
    return logits
  }

  /// The token of a sequence at a position; of one that has come to its end the last one, which nobody looks at.
  private func token(_ row: Int, _ place: Int) -> Int {
    let prompt = prompts[row]
    if place < prompt.count { return prompt[place] }
    let own = generated[row]
    return place - prompt.count < own.count ? own[place - prompt.count] : own.last ?? prompt[prompt.count - 1]
  }

  private func hasRoom(_ length: Int) -> Bool {
    guard !isSliding, let context = generator.model.context else { return true }
    return held + length <= context
  }

  /// Begins anew with the last half of what the model saw, where its context is full.
  private mutating func makeRoom() throws {
    guard !hasRoom(1), ownsState, let context = generator.model.context else { return }
    state = try generator.model.initialState(batch: prompts.count, generator.elementType)
    let kept = min(position, context / 2)
    (held, position) = (0, position - kept)
    while held < kept {
      _ = try read(held + TokenGenerator<Network>.pieceSize <= kept ? TokenGenerator<Network>.pieceSize : 1)
    }
  }
}
