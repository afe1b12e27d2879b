import DescentData
import DescentFiles
import DescentGraph
import DescentLayers
import DescentTensors
import DescentTraining
import Foundation

/// A language model with its tokenizer: text in, text out.
///
/// ```swift
/// let model = try TextModel(readingFrom: "runs/shakespeare")
/// print(try model.generate(from: "ROMEO:", count: 200, sampling: Sampling(temperature: 0.8, seed: 7)))
/// for try await piece in model.stream(from: "ROMEO:", count: 200) { print(piece, terminator: "") }
/// try model.save(to: "shakespeare")
/// ```
///
/// | file | what is in it |
/// | --- | --- |
/// | `language.json` | the kind of model and its configuration |
/// | `tokenizer.json` | the tokenizer |
/// | `model.safetensors` | the values; where a training keeps its run in the same directory, its best model or latest checkpoint instead |
public struct TextModel: Sendable {
  /// The model.
  public var network: any LanguageModel
  /// The tokenizer.
  public var tokenizer: any Tokenizer

  /// A model with a tokenizer.
  ///
  /// - Throws: `TextError` where the model's vocabulary is smaller than the tokenizer's.
  public init(_ network: any LanguageModel, _ tokenizer: any Tokenizer) throws {
    // Checkpoints are often made for more tokens than there are, so that sizes are multiples of some power of two.
    guard network.vocabularySize >= tokenizer.vocabularySize else {
      throw TextError(
        "TextModel",
        "the model has \(network.vocabularySize) tokens, its tokenizer \(tokenizer.vocabularySize)")
    }
    (self.network, self.tokenizer) = (network, tokenizer)
  }

  /// The tokens that end a text by their usual names: `<|endoftext|>`, `</s>` and others of that kind.
  public var ends: Set<Int> {
    let names = ["<|endoftext|>", "</s>", "<|end_of_text|>", "<|eot_id|>", "<eos>", "<|im_end|>"]
    return Set(names.compactMap { tokenizer.specialTokens[$0] })
  }

  /// The tokens of a text to go on with: those that the tokenizer puts in front of each text, such as `<s>`, come first.
  ///
  /// - Throws: `TextError` where the text has something that no token stands for.
  func tokens(of prompt: String) throws -> [Int] {
    ((tokenizer as? SubwordTokenizer)?.before ?? []) + (try tokenizer.encode(prompt))
  }

  // MARK: Generating

  /// A text that follows a prompt.
  ///
  /// - Parameters:
  ///   - prompt: The text to begin with, of at least one token.
  ///   - count: How many tokens are added at most; fewer where a token of the end comes first.
  ///   - sampling: How tokens are chosen.
  ///   - rule: What happens where the text becomes longer than the model's context.
  /// - Returns: The text after the prompt.
  /// - Throws: `TextError` of a prompt that the tokenizer does not know, or settings that make no sense; `TensorError` of the
  ///   model.
  public func generate(
    from prompt: String, count: Int, sampling: Sampling = Sampling(), context rule: ContextRule = .slide
  ) throws -> String {
    try generate(from: [prompt], count: count, sampling: sampling, context: rule)[0]
  }

  /// The texts that follow each of several prompts, made at once; see the one of one prompt.
  public func generate(
    from prompts: [String], count: Int, sampling: Sampling = Sampling(), context rule: ContextRule = .slide
  ) throws -> [String] {
    func generated(by network: some LanguageModel) throws -> [String] {
      let tokens = try prompts.map { try self.tokens(of: $0) }
      let new = try TokenGenerator(network).generate(
        from: tokens, count: count, sampling: sampling, endingAt: ends, context: rule)
      return try zip(tokens, new).map { before, after in try continuation(of: before, by: after) }
    }
    return try generated(by: network)
  }

  /// The likeliest texts after a prompt that a search finds, the best one first; see `TokenGenerator.beamSearch`.
  public func beamSearch(from prompt: String, beams: Int, count: Int, lengthPenalty: Double = 0) throws -> [String] {
    func found(by network: some LanguageModel) throws -> [String] {
      let tokens = try self.tokens(of: prompt)
      return try TokenGenerator(network).beamSearch(
        from: tokens, beams: beams, count: count, endingAt: ends, lengthPenalty: lengthPenalty
      ).map { try continuation(of: tokens, by: $0.tokens) }
    }
    return try found(by: network)
  }

  /// A text that follows a prompt, piece by piece as it is made, each of whole characters; see
  /// `generate(from:count:sampling:context:)`.
  public func stream(
    from prompt: String, count: Int, sampling: Sampling = Sampling(), context rule: ContextRule = .slide
  ) -> TokenStream<String> {
    TokenStream {
      var pieces = try pieces(from: prompt, count: count, sampling: sampling, context: rule)
      return { try pieces.next() }
    }
  }

  /// The same for a loop that does not wait: each `next()` gives a piece, `nil` at the end.
  ///
  /// - Throws: `TextError` of a prompt that the tokenizer does not know, or settings that make no sense; `TensorError` of the
  ///   model.
  public func pieces(
    from prompt: String, count: Int, sampling: Sampling = Sampling(), context rule: ContextRule = .slide
  ) throws -> TextPieceIterator {
    func made(by network: some LanguageModel) throws -> TextPieceIterator {
      let tokens = try self.tokens(of: prompt)
      var generation = try TokenGenerator(network).begin(
        [tokens], count: count, sampling: sampling, endingAt: ends, context: rule)
      return TextPieceIterator(try decoder(after: tokens)) { try generation.next()?[0] }
    }
    return try made(by: network)
  }

  /// A decoder that has seen the tokens of a prompt.
  private func decoder(after tokens: [Int]) throws -> TokenDecoder {
    var decoder = TokenDecoder(tokenizer)
    for token in tokens { _ = try decoder.add(token) }
    _ = decoder.finish()
    return decoder
  }

  private func continuation(of before: [Int], by after: [Int]) throws -> String {
    var decoder = try decoder(after: before)
    var text = ""
    for token in after { text += try decoder.add(token) }
    return text + decoder.finish()
  }

  // MARK: Judging

  /// How well the model foretells a text, in pieces as long as its context one after the other.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - length: The number of tokens of a piece, at most the model's context, which it is where none is given; 256 for a
  ///     model without a limit.
  /// - Throws: `TextError` of a text that is empty, of one token, or that the tokenizer does not know.
  public func score(_ text: String, length: Int? = nil) throws -> TextScore {
    func scored(by network: some LanguageModel) throws -> TextScore {
      let tokens = try tokenizer.encode(text)
      guard tokens.count >= 2 else {
        throw TextError(
          "score", tokens.isEmpty ? "the text is empty" : "the text is one token, which nothing follows")
      }
      let most = min(length ?? network.context ?? 256, network.context ?? .max, tokens.count - 1)
      guard most >= 1 else { throw TextError("score", "takes pieces of at least 1 token, found \(most)") }
      let evaluate = compiled { (batch: Batch) in
        let run = Run.current.inference()
        return try run.perform { softmaxCrossEntropy(try network(batch.input), batch.target, reduction: .sum) }
      }
      let pieces = try TextPieces(tokens, length: most, size: max(1, 2_048 / most))
      var sum = 0.0
      for batch in pieces.epoch(0) { sum += try evaluate(batch.get()).item() }
      // What is left over is a shorter piece.
      let rest = Array(tokens[(pieces.exampleCount * most)...])
      if rest.count >= 2 {
        for batch in try TextPieces(rest, length: rest.count - 1).epoch(0) { sum += try evaluate(batch.get()).item() }
      }
      let first = try tokenizer.decode([tokens[0]]).unicodeScalars.count
      return TextScore(
        loss: sum / Double(tokens.count - 1), tokens: tokens.count - 1,
        characters: max(1, text.unicodeScalars.count - first))
    }
    return try scored(by: network)
  }
}

/// A text as it is made; see `TextModel.pieces(from:count:sampling:context:)`.
public struct TextPieceIterator {
  private var decoder: TokenDecoder
  private let following: () throws -> Int?
  private var isOver = false

  fileprivate init(_ decoder: TokenDecoder, _ following: @escaping () throws -> Int?) {
    (self.decoder, self.following) = (decoder, following)
  }

  /// The next piece of whole characters, `nil` at the end.
  ///
  /// - Throws: what generating throws.
  public mutating func next() throws -> String? {
    while !isOver {
      guard let token = try following() else {
        isOver = true
        let rest = decoder.finish()
        return rest.isEmpty ? nil : rest
      }
      let piece = try decoder.add(token)
      if !piece.isEmpty { return piece }
    }
    return nil
  }
}
