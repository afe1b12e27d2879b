/// Decodes tokens one after the other, and holds back the bytes of a character that further tokens complete.
///
/// ```swift
/// var decoder = TokenDecoder(tokenizer)
/// for token in tokens { print(try decoder.add(token), terminator: "") }
/// print(decoder.finish())
/// ```
///
/// The pieces together are the text that `decode(_:)` gives.
public struct TokenDecoder: Sendable {
  private let tokenizer: any Tokenizer
  /// The bytes that are not yet a whole character.
  private var pending: [UInt8] = []
  private var isFirst = true
  private let specialTokens: Set<Int>

  /// Begins a text.
  public init(_ tokenizer: any Tokenizer) {
    self.tokenizer = tokenizer
    specialTokens = Set(tokenizer.specialTokens.values)
  }

  /// The characters that a further token completes.
  ///
  /// - Throws: `TextError` where there is no such token.
  public mutating func add(_ token: Int) throws -> String {
    let bytes = try tokenizer.bytes(of: token, isFirst: isFirst)
    // After a token whose text is empty, such as a space that is left out at the beginning, the next one is not the first.
    if specialTokens.contains(token) { return "" }
    isFirst = false
    pending += bytes
    let whole = pending.count - Self.incompleteCount(pending)
    defer { pending.removeFirst(whole) }
    return String(decoding: pending[..<whole], as: UTF8.self)
  }

  /// What is left at the end: `�` for a character that was never completed.
  public mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// How many bytes at the end begin a character that further bytes may complete.
  static func incompleteCount(_ bytes: [UInt8]) -> Int {
    for back in 1...3 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      if byte & 0xC0 == 0x80 { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1
      guard back < length, byte <= 0xF4 else { return 0 }
      // Of some first bytes not every second byte is allowed; what is not allowed will not be completed.
      if back >= 2 {
        let second = bytes[bytes.count - back + 1]
        let allowed: ClosedRange<UInt8> =
          switch byte {
          case 0xE0: 0xA0...0xBF
          case 0xED: 0x80...0x9F
          case 0xF0: 0x90...0xBF
          case 0xF4: 0x80...0x8F
          default: 0x80...0xBF
          }
        if !allowed.contains(second) { return 0 }
      }
      return back
    }
    return 0
  }
}
