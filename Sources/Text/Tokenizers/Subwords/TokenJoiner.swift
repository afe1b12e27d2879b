import DescentTensors

/// What makes text of tokens again: one of several steps.
enum TokenJoiner: Sendable {
  case bytes
  case pieces(prefix: String, cleansUp: Bool)
  case markedSpaces(mark: Unicode.Scalar, dropsFirst: Bool)
  case suffix(String)
  case byteFallback
  case fuse
  case strip(Unicode.Scalar, start: Int, stop: Int)
  case replaced(TextPattern, String)

  /// The steps of a tokenizer's file; `nil` where there are none, and tokens are words with spaces between.
  static func all(_ value: JSONValue?) throws -> [TokenJoiner]? {
    guard let value else { return nil }
    func scalar(_ value: JSONValue?, _ other: Unicode.Scalar) -> Unicode.Scalar {
      value?.string?.unicodeScalars.first ?? other
    }
    return try JSONValue.parts(value, in: "decoders").map { part in
      switch part.type {
      case "ByteLevel": return .bytes
      case "WordPiece":
        return .pieces(prefix: part["prefix"]?.string ?? "##", cleansUp: part["cleanup"]?.bool ?? true)
      case "Metaspace":
        let prepends = part["prepend_scheme"]?.string.map { $0 != "never" } ?? part["add_prefix_space"]?.bool ?? true
        return .markedSpaces(mark: scalar(part["replacement"], "▁"), dropsFirst: prepends)
      case "BPEDecoder": return .suffix(part["suffix"]?.string ?? "</w>")
      case "ByteFallback": return .byteFallback
      case "Fuse": return .fuse
      case "Strip":
        return .strip(
          scalar(part["content"], " "), start: max(0, part["start"]?.integer ?? 0),
          stop: max(0, part["stop"]?.integer ?? 0))
      case "Replace": return .replaced(try TextPattern(part["pattern"]), part["content"]?.string ?? "")
      default: throw part.refusal("decoder")
      }
    }
  }

  /// The texts of tokens after this step.
  func callAsFunction(_ tokens: [String]) -> [String] {
    switch self {
    case .bytes:
      return [String(decoding: tokens.flatMap { ByteAlphabet.bytes(of: $0) ?? Array($0.utf8) }, as: UTF8.self)]
    case .pieces, .markedSpaces: return tokens.enumerated().map { one($1, isFirst: $0 == 0) }
    case .suffix(let suffix):
      let pattern = TextPattern.text(Array(suffix.utf8))
      return tokens.enumerated().map { pattern.replaced(in: $1, by: $0 == tokens.count - 1 ? "" : " ") }
    case .byteFallback: return Self.withoutFallback(tokens)
    case .fuse: return [tokens.joined()]
    case .strip, .replaced: return tokens.map { one($0, isFirst: true) }
    }
  }

  /// The text of one token after this step.
  func one(_ token: String, isFirst: Bool) -> String {
    switch self {
    case .pieces(let prefix, let cleansUp):
      var text = token
      if !isFirst {
        text =
          token.utf8.starts(with: prefix.utf8)
          ? String(decoding: token.utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : " \(token)"
      }
      return cleansUp ? Self.cleanedUp(text) : text
    case .markedSpaces(let mark, let dropsFirst):
      var text = ""
      for scalar in token.unicodeScalars {
        if scalar != mark { text.unicodeScalars.append(scalar) } else if !isFirst || !dropsFirst { text += " " }
      }
      return text
    case .suffix(let suffix): return TextPattern.text(Array(suffix.utf8)).replaced(in: token, by: " ")
    case .strip(let content, let start, let stop):
      var scalars = Substring(token).unicodeScalars
      for _ in 0..<min(start, scalars.count) where scalars.first == content { scalars.removeFirst() }
      for _ in 0..<min(stop, scalars.count) where scalars.last == content { scalars.removeLast() }
      return String(scalars)
    case .replaced(let pattern, let content): return pattern.replaced(in: token, by: content)
    case .bytes, .byteFallback, .fuse: return token
    }
  }

  /// The byte that a token such as `<0x0A>` stands for.
  static func byte(of token: String) -> UInt8? {
    let text = token.utf8
    guard text.count == 6, token.hasPrefix("<0x"), text.last == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: text.dropFirst(3).dropLast(), as: UTF8.self), radix: 16)
  }

  /// Bytes in a row as their characters; where they are not UTF-8, each is `�`.
  private static func withoutFallback(_ tokens: [String]) -> [String] {
    var (texts, bytes) = ([String](), [UInt8]())
    func flush() {
      if bytes.isEmpty { return }
      if let text = String(validating: bytes, as: UTF8.self) {
        texts.append(text)
      } else {
        texts += Array(repeating: "\u{FFFD}", count: bytes.count)
      }
      bytes = []
    }
    for token in tokens {
      if let byte = byte(of: token) {
        bytes.append(byte)
      } else {
        flush()
        texts.append(token)
      }
    }
    flush()
    return texts
  }

  private static let spaces = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
    (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (TextPattern.text(Array($0.0.utf8)), $0.1) }

  private static func cleanedUp(_ text: String) -> String {
    spaces.reduce(text) { $1.0.replaced(in: $0, by: $1.1) }
  }
}
