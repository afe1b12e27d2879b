import DescentTensors
import Foundation
import Testing

@testable import DescentText

/// What Hugging Face's library makes of texts; see scripts/tokenizer-values.py.
private struct StoredValues: Decodable {
  struct Case: Decodable {
    var ids: [Int]
    var text: String
    var whole: [Int]?
  }

  var texts: [String]
  var cases: [String: [Case]]

  static func read() throws -> StoredValues {
    try JSONDecoder().decode(StoredValues.self, from: Data(contentsOf: URL(fileURLWithPath: path("values.json"))))
  }

  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("tokenizers/\(name)").path
  }
}

@Suite struct SubwordTokenizerTests {
  private static let kinds = [
    "gpt2", "roberta", "llama3", "o200k", "llama2", "metaspace", "clip", "bert", "bert-cased",
  ]

  @Test(arguments: kinds) func tokensAndTextsAreTheLibrarys(kind: String) throws {
    let values = try StoredValues.read()
    let tokenizer = try SubwordTokenizer(readingFrom: StoredValues.path("\(kind).json"))
    let cases = try #require(values.cases[kind])
    #expect(cases.count == values.texts.count)
    for (text, expected) in zip(values.texts, cases) {
      #expect(tokenizer.encode(text) == expected.ids, "\(text.debugDescription)")
      #expect(Array(try tokenizer.decode(expected.ids).utf8) == Array(expected.text.utf8), "\(text.debugDescription)")
      if let whole = expected.whole { #expect(tokenizer.encode(text, addingSpecialTokens: true) == whole) }
    }
  }

  /// Pieces of a stream are the text, but for the end of a last word and bytes that are not UTF-8.
  @Test(arguments: kinds) func streamsAreTheText(kind: String) throws {
    let values = try StoredValues.read()
    let tokenizer = try SubwordTokenizer(readingFrom: StoredValues.path("\(kind).json"))
    for expected in try #require(values.cases[kind]) {
      var decoder = TokenDecoder(tokenizer)
      var text = ""
      for token in expected.ids { text += try decoder.add(token) }
      text += decoder.finish()
      if kind == "clip", text.hasSuffix(" ") { text.removeLast() }
      if !expected.text.contains("\u{FFFD}") { #expect(text == expected.text) }
    }
  }

  @Test(arguments: kinds) func whatIsWrittenIsReadAgain(kind: String) throws {
    let values = try StoredValues.read()
    let tokenizer = try SubwordTokenizer(readingFrom: StoredValues.path("\(kind).json"))
    let again = try SubwordTokenizer(JSONValue(parsing: Array(tokenizer.json.text.utf8)))
    #expect(again.vocabularySize == tokenizer.vocabularySize && again.specialTokens == tokenizer.specialTokens)
    for (text, expected) in zip(values.texts, try #require(values.cases[kind])) {
      #expect(again.encode(text) == expected.ids)
    }
  }

  /// The same merges in the same order.
  @Test func learningIsTheLibrarys() throws {
    let text = try String(contentsOfFile: StoredValues.path("learn.txt"), encoding: .utf8)
    let merges = try JSONDecoder().decode(
      [[String]].self, from: Data(contentsOf: URL(fileURLWithPath: StoredValues.path("merges.json"))))
    let tokenizer = try SubwordTokenizer(
      learnedFrom: text, vocabularySize: 800, specialTokens: ["<|endoftext|>"])
    guard case .pairs(let model) = tokenizer.model else { return #expect(Bool(false)) }
    let learned = model.merges.merges.map { [tokenizer.names[Int($0.left)], tokenizer.names[Int($0.right)]] }
    #expect(learned == merges)
    let tokens = tokenizer.encode(text)
    #expect(tokens.count < text.utf8.count / 2)
    #expect(try tokenizer.decode(tokens) == text)
    // A special token is not learned from.
    let other = try SubwordTokenizer(
      learnedFrom: text + "<|endoftext|>", vocabularySize: 800, specialTokens: ["<|endoftext|>"])
    #expect(other.encode(text + "<|endoftext|>") == tokens + [0])
  }

  @Test func everyTextCanBeEncodedByLearnedPairs() throws {
    let tokenizer = try SubwordTokenizer(learnedFrom: "aaa bbb aaa", vocabularySize: 260)
    for text in ["語", "\u{0}", "🏳️‍🌈 e\u{301}", "aaa bbb"] {
      #expect(try tokenizer.decode(tokenizer.encode(text)) == text)
    }
    #expect(try SubwordTokenizer(learnedFrom: "", vocabularySize: 300).vocabularySize == 256)
    #expect(throws: TextError.self) { try SubwordTokenizer(learnedFrom: "a", vocabularySize: 255) }
    #expect(throws: TextError.self) {
      try SubwordTokenizer(learnedFrom: "a", vocabularySize: 300, specialTokens: ["x", "x"])
    }
    #expect(throws: TextError.self) { try SubwordTokenizer(learnedFrom: "a", vocabularySize: 300, pattern: "(") }
  }

  /// Long words are merged by a heap, short ones by looking at all pairs.
  @Test func longWordsAreMergedAsShortOnes() throws {
    var merges: [(left: Int32, right: Int32, merged: Int32)] = []
    for left in Int32(0)..<4 {
      for right in Int32(0)..<4 where (left + 2 * right) % 3 != 0 { merges.append((left, right, 0)) }
    }
    for index in merges.indices { merges[index].merged = Int32(4 + index) }
    for first in merges.indices where first % 2 == 0 {
      merges.append((merges[first].merged, Int32(first % 4), Int32(4 + merges.count)))
    }
    let pairs = PairMerges(merges)
    func plainly(_ word: [Int32]) -> [Int32] {
      var word = word
      while let best = merges.first(where: { merge in
        zip(word, word.dropFirst()).contains { $0 == merge.left && $1 == merge.right }
      }) {
        let place = word.indices.dropLast().first { word[$0] == best.left && word[$0 + 1] == best.right } ?? 0
        word.replaceSubrange(place...place + 1, with: [best.merged])
      }
      return word
    }
    var state: UInt32 = 7
    for length in [0, 1, 2, 3, 10, 47, 48, 49, 120] {
      let word = (0..<length).map { _ -> Int32 in
        state = state &* 1_664_525 &+ 1_013_904_223
        return Int32(state >> 30)
      }
      var merged = word
      pairs.merge(&merged)
      #expect(merged == plainly(word))
    }
  }

  @Test func filesThatAreNotTokenizersAreTold() throws {
    func message(_ text: String) -> String {
      do {
        _ = try SubwordTokenizer(file: Array(text.utf8), path: "t.json")
        return ""
      } catch { return "\(error)" }
    }
    #expect(message("{") == "t.json: is not JSON: a name in quotes is missing at byte 1")
    #expect(message("[]") == "t.json: there is no model, as tokenizers of Hugging Face have one")
    #expect(
      message(#"{"model":{"type":"Unigram","vocab":[["a",0]]}}"#)
        == "t.json: the model is of the kind 'Unigram'; known are BPE and WordPiece")
    #expect(message(#"{"model":{"type":"BPE","vocab":{},"merges":[]}}"#) == "t.json: the vocabulary is empty")
    #expect(
      message(#"{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}"#)
        == "t.json: merge 1, 'a' and 'b', is of tokens that the vocabulary lacks")
    #expect(message(#"{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}"#).contains("'a' has no number"))
    #expect(
      message(#"{"model":{"type":"BPE","vocab":{"a":99999999},"merges":[]}}"#).contains("has the number 99999999"))
    #expect(
      message(#"{"normalizer":{"type":"Precompiled"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}"#)
        == "t.json: the normalizer 'Precompiled' is of a kind that is not known")
    #expect(message(#"{"model":{"type":"WordPiece","vocab":{"a":0}}}"#).contains("lacks '[UNK]'"))
    let missing = #expect(throws: (any Error).self) { try TokenizerFile.read("/nowhere/tokenizer.json") }
    #expect(missing.map { "\($0)" } == "/nowhere/tokenizer.json: no such file; a language model needs its tokenizer")
  }

  /// Whatever a file holds, it is read or refused, and what was read can be used.
  @Test(arguments: ["o200k", "llama2", "bert", "clip"]) func damagedFilesDoNoHarm(kind: String) throws {
    var file = try Data(contentsOf: URL(fileURLWithPath: StoredValues.path("\(kind).json")))
    // The parts that are not the vocabulary, where damage does more than rename a token.
    let start = file.range(of: Data("\"normalizer\"".utf8))?.lowerBound ?? 0
    let end = file.range(of: Data("\"vocab\"".utf8))?.lowerBound ?? file.count
    let whole = file
    var state: UInt64 = 11
    var readCount = 0
    for _ in 0..<60 {
      file = whole
      for _ in 0..<2 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let place = start + Int(state >> 33) % (end - start)
        file[place] = Array("{}[]\"0129,:eE\\|(*+?".utf8)[Int(state >> 20) % 19]
      }
      guard let tokenizer = try? SubwordTokenizer(file: Array(file), path: "t.json") else { continue }
      readCount += 1
      let tokens = tokenizer.encode("To be, ſ or\n\n not 123 語 [MASK]", addingSpecialTokens: true)
      _ = try tokenizer.decode(tokens)
    }
    #expect(readCount > 0)
  }

  /// Texts that look alike are tokens of their own.
  @Test func composedAndDecomposedCharactersAreTwoTokens() throws {
    let file =
      "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"e\":0,\"\u{301}\":1,\"e\u{301}\":2,\"é\":3},\"merges\":[\"e \u{301}\"]}}"
    let tokenizer = try SubwordTokenizer(file: Array(file.utf8), path: "t.json")
    #expect(tokenizer.encode("e\u{301}é") == [2, 3])
  }
}
