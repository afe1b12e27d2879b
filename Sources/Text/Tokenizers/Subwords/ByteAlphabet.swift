/// The characters by which vocabularies write bytes, so that each token is printable text: GPT-2's.
///
/// Printable characters of Latin-1 stand for themselves, the other bytes for characters from U+0100 on.
enum ByteAlphabet {
  /// The character of each byte.
  static let characters: [Unicode.Scalar] = {
    var further: UInt32 = 0x100
    var characters: [Unicode.Scalar] = []
    for byte in UInt32(0)..<256 {
      let isPrintable = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
      characters.append(Unicode.Scalar(isPrintable ? byte : further) ?? " ")
      if !isPrintable { further += 1 }
    }
    return characters
  }()

  private static let bytes: [Unicode.Scalar: UInt8] = Dictionary(
    uniqueKeysWithValues: characters.enumerated().map { ($1, UInt8($0)) })

  /// The bytes that a token stands for; `nil` where it has a character that stands for none.
  static func bytes(of token: String) -> [UInt8]? {
    var all: [UInt8] = []
    for scalar in token.unicodeScalars {
      guard let byte = bytes[scalar] else { return nil }
      all.append(byte)
    }
    return all
  }

  /// How a vocabulary writes bytes.
  static func text(of bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for byte in bytes { text.unicodeScalars.append(characters[Int(byte)]) }
    return text
  }
}
