import DescentTensors

/// A tokenizer of parts of words: byte-pair encoding and WordPiece, as Hugging Face's `tokenizer.json` describes them.
///
/// ```swift
/// let tokenizer = try SubwordTokenizer(readingFrom: "gpt2/tokenizer.json")
/// let learned = try SubwordTokenizer(learnedFrom: text, vocabularySize: 4_096)
/// try learned.save(to: "tokenizer.json")
/// ```
///
/// Special tokens are found in text by their names. The text is normalized, divided into words, and each word into tokens; a second pass
/// adds what a model expects around a text, where one asks for it. All of that the file says; what it says and is not known here is an
/// error when it is read.
public struct SubwordTokenizer: Tokenizer {
  /// The text of each token, empty where there is none with the number.
  let names: [String]
  let addedTokens: [AddedToken]
  let normalizers: [Normalizer]
  let preTokenizers: [PreTokenizer]
  let areBytes: Bool
  let model: WordModel
  let joiners: [TokenJoiner]?
  /// What a text is put between, where one asks for it.
  let before: [Int]
  let after: [Int]
  /// The parts of the file that are not the vocabulary, as they were read.
  let settings: [(name: String, value: JSONValue)]
  private let rawSearch: AddedTokenSearch
  private let normalizedSearch: AddedTokenSearch
  private let specialNumbers: Set<Int>

  init(
    names: [String], addedTokens: [AddedToken], normalizers: [Normalizer], preTokenizers: [PreTokenizer],
    areBytes: Bool,
    model: WordModel, joiners: [TokenJoiner]?, before: [Int], after: [Int],
    settings: [(name: String, value: JSONValue)]
  ) {
    (self.names, self.addedTokens, self.normalizers) = (names, addedTokens, normalizers)
    (self.preTokenizers, self.areBytes, self.model, self.joiners) = (preTokenizers, areBytes, model, joiners)
    (self.before, self.after, self.settings) = (before, after, settings)
    rawSearch = AddedTokenSearch(addedTokens.filter { !$0.isNormalized }) { $0.content }
    normalizedSearch = AddedTokenSearch(addedTokens.filter(\.isNormalized)) { token in
      normalizers.reduce(token.content) { $1($0) }
    }
    specialNumbers = Set(addedTokens.filter(\.isSpecial).map(\.id))
  }

  public var vocabularySize: Int { names.count }

  public var specialTokens: [String: Int] {
    Dictionary(addedTokens.filter(\.isSpecial).map { ($0.content, $0.id) }) { first, _ in first }
  }

  // MARK: Encoding

  /// The tokens of a text, without those that a model expects around it.
  ///
  /// - Complexity: O(length of the text) for words of a bounded length.
  public func encode(_ text: String) -> [Int] { encode(text, addingSpecialTokens: false) }

  /// The tokens of a text.
  ///
  /// - Parameters:
  ///   - text: The text, in which the names of special tokens are those tokens.
  ///   - addsSpecialTokens: Whether those are added that the model expects around a text, such as `[CLS]` and `[SEP]`.
  public func encode(_ text: String, addingSpecialTokens addsSpecialTokens: Bool) -> [Int] {
    var tokens: [Int32] = []
    tokens.reserveCapacity(text.utf8.count / 3)
    var words = WordCache()
    var text = text
    text.withUTF8 { bytes in
      for part in rawSearch.parts(of: bytes) {
        if let token = part.token {
          tokens.append(Int32(token))
        } else {
          let piece = UnsafeBufferPointer(rebasing: bytes[part.range])
          appendNormalized(piece, isFirst: part.range.lowerBound == 0, &words, &tokens)
        }
      }
    }
    let numbers = tokens.map { Int($0) }
    return addsSpecialTokens ? before + numbers + after : numbers
  }

  private func appendNormalized(
    _ piece: UnsafeBufferPointer<UInt8>, isFirst: Bool, _ words: inout WordCache, _ tokens: inout [Int32]
  ) {
    if normalizers.isEmpty { return appendParts(piece, isFirst: isFirst, &words, &tokens) }
    var text = normalizers.reduce(String(decoding: piece, as: UTF8.self)) { $1($0) }
    text.withUTF8 { appendParts($0, isFirst: isFirst, &words, &tokens) }
  }

  private func appendParts(
    _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, _ words: inout WordCache, _ tokens: inout [Int32]
  ) {
    for part in normalizedSearch.parts(of: text) {
      if let token = part.token {
        tokens.append(Int32(token))
        continue
      }
      let whole = Array(text[part.range])
      var divided = TextWords(text: whole, words: [0..<whole.count])
      for step in preTokenizers { divided = step(divided, isFirst: isFirst && part.range.lowerBound == 0) }
      divided.text.withUnsafeBufferPointer { text in
        for range in divided.words where !range.isEmpty {
          words.append(UnsafeBufferPointer(rebasing: text[range]), model, &tokens)
        }
      }
    }
  }

  // MARK: Decoding

  /// The text of tokens. Special tokens have none.
  ///
  /// - Throws: `TextError` where there is no such token.
  public func decode(_ tokens: [Int]) throws -> String {
    for token in tokens { try check(token) }
    let texts = tokens.filter { !specialNumbers.contains($0) }.map { names[$0] }
    guard let joiners else { return texts.joined(separator: " ") }
    return joiners.reduce(texts) { $1($0) }.joined()
  }

  public func bytes(of token: Int, isFirst: Bool) throws -> [UInt8] {
    try check(token)
    if specialNumbers.contains(token) { return [] }
    guard let joiners else { return Array((isFirst ? names[token] : " " + names[token]).utf8) }
    var (text, isWhole) = (names[token], false)
    for joiner in joiners {
      switch joiner {
      case .bytes: return ByteAlphabet.bytes(of: text) ?? Array(text.utf8)
      case .byteFallback: if let byte = TokenJoiner.byte(of: text) { return [byte] }
      case .fuse: isWhole = true
      case .strip(let content, let start, _) where isWhole:
        if isFirst { text = TokenJoiner.strip(content, start: start, stop: 0).one(text, isFirst: true) }
      default: text = joiner.one(text, isFirst: isFirst)
      }
    }
    return Array(text.utf8)
  }
}

/// The tokens of the words of a text so far: most words of a text are not new.
struct WordCache {
  private var table = BytesTable()
  private var starts: [Int32] = [0]
  private var tokens: [Int32] = []
  /// Beyond, words of a long text are no longer kept.
  private static let limit = 1 << 24
  /// Longer words hardly come again.
  private static let longestWord = 64

  mutating func append(_ word: UnsafeBufferPointer<UInt8>, _ model: WordModel, _ all: inout [Int32]) {
    guard word.count <= Self.longestWord else { return model.append(word, to: &all) }
    let known = table.value(word)
    if known >= 0 {
      for index in Int(starts[known])..<Int(starts[known + 1]) { all.append(tokens[index]) }
      return
    }
    let begin = all.count
    model.append(word, to: &all)
    guard table.byteCount < Self.limit else { return }
    table.insert(word, starts.count - 1)
    tokens += all[begin...]
    starts.append(Int32(tokens.count))
  }
}
