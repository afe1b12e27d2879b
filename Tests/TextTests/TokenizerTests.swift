import Foundation
import Testing

@testable import DescentText

@Suite struct TokenizerTests {
  private static let texts = ["", "To be, or not to be", "naïve café\r\n\tЖ 語", "🏳️‍🌈👩‍👩‍👧 e\u{301}", "\u{0}\u{7F}"]

  @Test func charactersGoThereAndBack() throws {
    for text in Self.texts {
      let tokenizer = CharacterTokenizer(alphabetOf: text)
      let tokens = try tokenizer.encode(text)
      #expect(tokens.count == text.unicodeScalars.count)
      #expect(try tokenizer.decode(tokens) == text)
    }
    let tokenizer = CharacterTokenizer(alphabetOf: "語hello")
    #expect(tokenizer.vocabularySize == 5)
    #expect(try tokenizer.encode("hello語") == [1, 0, 2, 2, 3, 4])
  }

  @Test func bytesGoThereAndBack() throws {
    for text in Self.texts {
      let tokens = ByteTokenizer().encode(text)
      #expect(tokens == text.utf8.map(Int.init))
      #expect(try ByteTokenizer().decode(tokens) == text)
    }
  }

  @Test func aCharacterThatIsNotKnownIsNamed() throws {
    let tokenizer = CharacterTokenizer(alphabetOf: "ab\n")
    let error = #expect(throws: TextError.self) { try tokenizer.encode("ab\nac") }
    #expect(
      error?.description
        == "CharacterTokenizer: the text has 'c' (U+0063) at character 5, line 2, which is not among the 3 characters that"
        + " it knows; leave it out, or train with bytes or byte pairs")
    #expect(throws: TextError.self) { try tokenizer.decode([3]) }
    #expect(throws: TextError.self) { try ByteTokenizer().decode([-1]) }
  }

  @Test func tokenizersAreCoded() throws {
    let tokenizer = CharacterTokenizer(alphabetOf: "語hello")
    let data = try JSONEncoder().encode(tokenizer)
    #expect(try JSONDecoder().decode(CharacterTokenizer.self, from: data) == tokenizer)
  }

  @Test func piecesOfADecoderAreWholeCharacters() throws {
    for text in Self.texts {
      var decoder = TokenDecoder(ByteTokenizer())
      var pieces: [String] = []
      for byte in text.utf8 { pieces.append(try decoder.add(Int(byte))) }
      #expect(decoder.finish() == "")
      #expect(pieces.filter { !$0.isEmpty } == text.unicodeScalars.map { String($0) })
    }
  }

  @Test func whatIsNotUTF8IsReplacedAsInOnePiece() throws {
    let pieces: [[UInt8]] = [
      [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xFF, 0x41], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x28, 0xA1],
      [0xF4, 0x90, 0x80, 0x80], [0x80, 0x80, 0x41], [0xE2, 0x82, 0xAC, 0xE2],
    ]
    for bytes in pieces + pieces.map({ $0 + Array("é".utf8) }) {
      #expect(try ByteTokenizer().decode(bytes.map(Int.init)) == String(decoding: bytes, as: UTF8.self), "\(bytes)")
    }
  }
}
