import DescentFiles

/// What divides text into tokens, numbers in `0..<vocabularySize`, and puts it together again.
///
/// ```swift
/// let tokenizer = CharacterTokenizer(alphabetOf: text)
/// let tokens = try tokenizer.encode("To be")        // [32, 53, 1, 40, 43]
/// let text = try tokenizer.decode(tokens)           // "To be"
/// ```
///
/// One of your own has a vocabulary, divides text, and says the bytes of a token. `TokenDecoder` decodes token by token, and
/// holds back what is not yet a whole character.
public protocol Tokenizer: Sendable {
  /// The number of tokens.
  var vocabularySize: Int { get }

  /// The tokens that have a meaning of their own rather than a text, by the names they have, such as `<|endoftext|>`.
  var specialTokens: [String: Int] { get }

  /// The tokens of a text.
  ///
  /// - Throws: `TextError` where the text has something that no token stands for.
  func encode(_ text: String) throws -> [Int]

  /// What a token adds to a text, as UTF-8: it may be a part of a character. Nothing for special tokens.
  ///
  /// - Parameters:
  ///   - token: The token.
  ///   - isFirst: Whether nothing stands before it: some tokenizers leave out the space between words there.
  /// - Throws: `TextError` where there is no such token.
  func bytes(of token: Int, isFirst: Bool) throws -> [UInt8]

  /// The text of tokens. Bytes that are not UTF-8 become `�`.
  ///
  /// - Throws: `TextError` where there is no such token.
  func decode(_ tokens: [Int]) throws -> String
}

extension Tokenizer {
  public var specialTokens: [String: Int] { [:] }

  public func decode(_ tokens: [Int]) throws -> String {
    var decoder = TokenDecoder(self)
    var text = ""
    for token in tokens { text += try decoder.add(token) }
    return text + decoder.finish()
  }

  /// Refuses a token that is not in the vocabulary.
  func check(_ token: Int) throws {
    guard !(0..<vocabularySize).contains(token) else { return }
    throw TextError("\(Self.self)", "has the tokens 0..<\(vocabularySize), found \(token)")
  }
}
