/// A token for each character: the Unicode scalars of an alphabet, in their order.
public struct CharacterTokenizer: Tokenizer, Codable, Hashable {
  /// The characters, each at the number of its token.
  public let alphabet: [Unicode.Scalar]
  /// The tokens of the characters below `tableSize`, −1 where there is none; a table is much faster than a dictionary.
  private let table: [Int32]
  /// The tokens of the others.
  private let others: [Unicode.Scalar: Int]
  private static let tableSize: UInt32 = 0x500

  /// A tokenizer of the characters that a text has.
  ///
  /// - Complexity: O(length of the text).
  public init(alphabetOf text: String) {
    var isPresent = [Bool](repeating: false, count: Int(Self.tableSize))
    var others: Set<Unicode.Scalar> = []
    for scalar in text.unicodeScalars {
      if scalar.value < Self.tableSize { isPresent[Int(scalar.value)] = true } else { others.insert(scalar) }
    }
    let low = isPresent.indices.filter { isPresent[$0] }.compactMap { Unicode.Scalar(UInt32($0)) }
    self.init(alphabet: low + others.sorted())
  }

  /// A tokenizer of an alphabet. Of a character that stands there twice, the first place counts.
  public init(alphabet: [Unicode.Scalar]) {
    self.alphabet = alphabet
    var table = [Int32](repeating: -1, count: Int(Self.tableSize))
    var others: [Unicode.Scalar: Int] = [:]
    for (token, scalar) in alphabet.enumerated().reversed() {
      if scalar.value < Self.tableSize { table[Int(scalar.value)] = Int32(token) } else { others[scalar] = token }
    }
    (self.table, self.others) = (table, others)
  }

  public var vocabularySize: Int { alphabet.count }

  /// The tokens of a text's characters.
  ///
  /// - Throws: `TextError` where a character is not in the alphabet; it names the character and its place.
  /// - Complexity: O(length of the text).
  public func encode(_ text: String) throws -> [Int] {
    var tokens: [Int] = []
    tokens.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      let token = scalar.value < Self.tableSize ? Int(table[Int(scalar.value)]) : others[scalar] ?? -1
      guard token >= 0 else { throw unknown(scalar, in: text, place: tokens.count) }
      tokens.append(token)
    }
    return tokens
  }

  public func bytes(of token: Int, isFirst: Bool) throws -> [UInt8] {
    try check(token)
    return Array(String(alphabet[token]).utf8)
  }

  private func unknown(_ scalar: Unicode.Scalar, in text: String, place: Int) -> TextError {
    let number = String(scalar.value, radix: 16, uppercase: true)
    let code = String(repeating: "0", count: max(0, 4 - number.count)) + number
    let line = 1 + text.unicodeScalars.prefix(place).count { $0 == "\n" }
    return TextError(
      "CharacterTokenizer",
      "the text has '\(scalar.escaped(asASCII: false))' (U+\(code)) at character \(place + 1), line \(line), which is not"
        + " among the \(alphabet.count) characters that it knows; leave it out, or train with bytes or byte pairs")
  }
}

extension CharacterTokenizer {
  private enum CodingKeys: String, CodingKey { case kind, alphabet }
  static let kind = "characters"

  public init(from decoder: any Decoder) throws {
    let text = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .alphabet)
    self.init(alphabet: Array(text.unicodeScalars))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.kind, forKey: .kind)
    var text = ""
    text.unicodeScalars.append(contentsOf: alphabet)
    try container.encode(text, forKey: .alphabet)
  }
}
