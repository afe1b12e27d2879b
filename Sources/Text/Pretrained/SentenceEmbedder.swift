import DescentFiles
import DescentGraph
import DescentLayers
import DescentTensors

/// Vectors of sentences, by a model in the form of sentence-transformers: sentences of like meaning have vectors of like
/// direction.
///
/// ```swift
/// let embedder = try SentenceEmbedder(pretrained: "all-MiniLM-L6-v2")
/// let vectors = try embedder.embeddings(of: ["A man eats.", "Somebody has lunch."])     // [2, 384]
/// ```
///
/// It is compiled once for each of a few lengths and numbers of sentences. May be used from several threads at once.
public final class SentenceEmbedder: Sendable {
  /// What divides sentences into tokens.
  public let tokenizer: any Tokenizer
  /// The tokens that stand before those of each sentence, and those that stand after them.
  public let frame: (first: [Int], last: [Int])
  /// How many tokens of a sentence count, the frame included; what follows is left out.
  public let limit: Int
  /// Whether sentences are brought to lower case before they are divided.
  private let isLowercased: Bool
  private let predictor: Predictor<SentenceEncoder>

  /// Prepares a model, which has values.
  ///
  /// - Parameters:
  ///   - encoder: The model.
  ///   - tokenizer: What divides sentences into tokens.
  ///   - frame: The tokens before and after those of each sentence, such as `[CLS]` and `[SEP]`.
  ///   - limit: How many tokens of a sentence count, the frame included; as many as the model has positions where none is given.
  /// - Throws: `TextError` where the limit leaves no room for a sentence, or the tokenizer has tokens that the model lacks.
  public convenience init(
    _ encoder: SentenceEncoder, tokenizer: any Tokenizer, frame: (first: [Int], last: [Int]), limit: Int? = nil
  ) throws {
    try self.init(encoder, tokenizer, frame, limit, isLowercased: false)
  }

  init(
    _ encoder: SentenceEncoder, _ tokenizer: any Tokenizer, _ frame: (first: [Int], last: [Int]), _ limit: Int?,
    isLowercased: Bool
  ) throws {
    let configuration = encoder.encoder.configuration
    let limit = min(limit ?? configuration.context, configuration.context)
    let least = frame.first.count + frame.last.count
    guard limit > least else {
      throw TextError(
        "SentenceEmbedder",
        "has room for \(limit) tokens, of which \(least) stand before and after each sentence")
    }
    guard tokenizer.vocabularySize <= configuration.vocabulary else {
      throw TextError(
        "SentenceEmbedder",
        "has a tokenizer of \(tokenizer.vocabularySize) tokens for a model of \(configuration.vocabulary)")
    }
    (self.tokenizer, self.frame, self.limit, self.isLowercased) = (tokenizer, frame, limit, isLowercased)
    predictor = try Predictor(encoder)
  }

  /// The model.
  public var encoder: SentenceEncoder { predictor.model }

  /// The tokens of a sentence as the model is given them: within the frame, and no more than count.
  ///
  /// - Throws: `TextError` where the sentence has something that no token stands for.
  public func tokens(of sentence: String) throws -> [Int] {
    let own = try tokenizer.encode(isLowercased ? sentence.lowercased() : sentence)
    return frame.first + own.prefix(limit - frame.first.count - frame.last.count) + frame.last
  }

  /// The vectors of sentences.
  ///
  /// Sentences of like length are computed together, so that little is filled up.
  ///
  /// - Parameters:
  ///   - sentences: The sentences.
  ///   - batchSize: How many are computed at once, at least 1.
  /// - Returns: `[sentences, features]`.
  /// - Throws: `TextError` where a sentence has something that no token stands for; it says in which.
  public func embeddings(of sentences: [String], batchSize: Int = 32) throws -> Tensor {
    guard batchSize >= 1 else { throw TextError("embeddings", "the batch size \(batchSize) is not positive") }
    let tokens = try sentences.enumerated().map { place, sentence in
      do { return try self.tokens(of: sentence) } catch let error as TextError {
        throw TextError(error.subject, "sentence \(place + 1): \(error.message)")
      }
    }
    let order = tokens.indices.sorted { (tokens[$0].count, $0) < (tokens[$1].count, $1) }
    var parts: [Tensor] = []
    for start in stride(from: 0, to: order.count, by: batchSize) {
      let places = order[start..<min(start + batchSize, order.count)]
      parts.append(try vectors(of: places.map { tokens[$0] }))
    }
    guard !parts.isEmpty else { return Tensor(zeros: [0, width], .float32) }
    var ranks = [Int](repeating: 0, count: order.count)
    for (rank, place) in order.enumerated() { ranks[place] = rank }
    let vectors = concatenated(parts, axis: 0).taken(Tensor(integers: ranks))
    try evaluate([vectors])
    return vectors
  }

  /// The number of features of a sentence's vector.
  public var width: Int { encoder.pooling.count * encoder.encoder.configuration.features }

  /// The vectors of a few sentences, computed at once.
  private func vectors(of tokens: [[Int]]) throws -> Tensor {
    let rows = Self.rounded(tokens.count, to: 1)
    let length = min(limit, Self.rounded(tokens.map(\.count).max() ?? 1, to: 8))
    var numbers: [Int] = []
    var present: [Bool] = []
    for row in 0..<rows {
      // Rows that only fill up repeat the last sentence.
      let own = tokens[min(row, tokens.count - 1)]
      numbers += own + Array(repeating: 0, count: length - own.count)
      present += (0..<length).map { $0 < own.count }
    }
    let input = SentenceEncoder.Tokens(
      Tensor(integers: numbers, shape: [rows, length]), padding: Tensor(present).reshaped([rows, length]))
    let vectors = try predictor(input)
    return rows == tokens.count ? vectors : vectors[0..<tokens.count]
  }

  /// The next number of a few, so that few plans are compiled: a multiple of a quarter of the power of two below, and of a step.
  static func rounded(_ number: Int, to step: Int) -> Int {
    var power = 1
    while power * 2 <= number { power *= 2 }
    let unit = max(step, power / 4)
    return (number + unit - 1) / unit * unit
  }
}
