import Foundation
import Testing

@testable import DescentText

@Suite struct SplitPatternTests {
  private func found(_ pattern: String, _ text: String) throws -> [String] {
    let pattern = try SplitPattern(pattern)
    let bytes = Array(text.utf8)
    var words: [String] = []
    bytes.withUnsafeBufferPointer { buffer in
      pattern.matches(in: buffer, 0..<bytes.count) { words.append(String(decoding: bytes[$0], as: UTF8.self)) }
    }
    return words
  }

  @Test func whatTheExpressionsOfTokenizersUse() throws {
    #expect(try found("a|b+", "abbcb") == ["a", "bb", "b"])
    #expect(try found("[a-c\\d]+", "ab1 c9x٣") == ["ab1", "c9", "٣"])
    #expect(try found("[^\\s\\p{L}]+", "a1-語é! \u{a0}2") == ["1-", "!", "2"])
    #expect(try found("\\p{Lu}\\P{Lu}*", "AbcDÉf") == ["Abc", "D", "Éf"])
    #expect(try found("\\s+(?!\\S)|\\s+", "a  b ") == [" ", " ", " "])
    #expect(try found("x(?=y)", "xxy") == ["x"])
    #expect(try found("(?i:'s|'LL)", "'S 'll 'ſ 's") == ["'S", "'ll", "'ſ", "'s"])
    #expect(try found("\\p{N}{1,3}", "1234567") == ["123", "456", "7"])
    #expect(try found("(?:ab){2}", "abababab") == ["abab", "abab"])
    #expect(try found("(ab|a)(bc)?", "abc") == ["ab"])
    #expect(try found("a++a|b", "aaab") == ["b"])
    #expect(try found("a+a|b", "aaab") == ["aaa", "b"])
    #expect(try found("a+?b?", "aab") == ["a", "ab"])
    #expect(try found("a*?b", "aab") == ["aab"])
    #expect(try found("(?>a|ab)c|.", "abc") == ["a", "b", "c"])
    #expect(try found("^a|b$", "aab") == ["a", "b"])
    #expect(try found("[\\]\\-x]", "]-x^") == ["]", "-", "x"])
    #expect(try found("[]a]", "]a") == ["]", "a"])
    #expect(try found("[^\\P{L}]", "1é") == ["é"])
    #expect(try found("\\x41\\u00e9\\x{1F600}", "Aé😀") == ["Aé😀"])
    #expect(try found(".", "a\nb") == ["a", "b"])
    #expect(try found("\\w+", "a_1é\u{301}-²") == ["a_1é\u{301}", "²"])
  }

  /// The words of ASCII text, by the regular expressions of the system.
  @Test func wordsAreThoseOfAnotherReader() throws {
    var state: UInt64 = 3
    let letters = Array("ab '\n\r\tsLl9!.-é語ſ\u{a0}")
    for pattern in [PreTokenizer.gpt2, PreTokenizer.gpt4] {
      let other = try NSRegularExpression(pattern: pattern)
      for _ in 0..<150 {
        var text = ""
        for _ in 0..<40 {
          state = state &* 6_364_136_223_846_793_005 &+ 1
          text.append(letters[Int(state >> 33) % letters.count])
        }
        let all = text as NSString
        let expected = other.matches(in: text, range: NSRange(location: 0, length: all.length))
          .map { all.substring(with: $0.range) }
        #expect(try found(pattern, text) == expected, "\(text.debugDescription)")
      }
    }
  }

  @Test func whatIsNotKnownIsRefused() {
    for pattern in [
      "(", ")", "\\p{L", "\\x{41", "[\\p{L", String(repeating: "(", count: 100_000), "a)", "[a", "*", "a{", "a{2", "\\",
      "\\q", "\\p{Xx}", "\\pL", "(?<a>b)", "(?P=a)", "[a[b]]", "[b-a]",
      "(a*)*", "\\x{110000}", "((a{1000}){1000}){1000}",
    ] {
      #expect(throws: TextError.self, "\(pattern)") { try SplitPattern(pattern) }
    }
  }
}
