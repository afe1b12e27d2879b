import Descent
import Foundation
import Testing

@testable import DescentCaptions

/// Scores of sentences, and what can be said without a network.
@Suite struct CaptionScoreTests {
  @Test func scoresOfKnownPairs() {
    let scores = CaptionScores(
      ["a red circle", "a Blue, square"],
      references: [["a red square", "a red circle"], ["a blue , square at the top"]])
    #expect(scores.count == 2)
    #expect(scores.exact == 0.5)
    // All 7 words stand in a reference; the nearest references have 3 + 7 words: e^(1 − 10 / 7).
    #expect(abs(scores.bleu[0] - exp(1 - 10.0 / 7)) < 1e-12)
    #expect(scores.bleu == (1...4).map { _ in scores.bleu[0] })
    #expect(CaptionScores(["a circle"], references: [["a circle"]]).exact == 1)
    #expect(CaptionScores([], references: []).exact == 0)
  }

  @Test func theNearestPictureIsThatOfLeastSquares() throws {
    func pictures(_ levels: [UInt8], _ sentences: [String]) throws -> CaptionedPictures {
      try CaptionedPictures(
        entries: sentences.map { .init(name: $0, sentences: [$0]) },
        pixels: Tensor(bytes: levels.flatMap { [UInt8](repeating: $0, count: 12) }, shape: [levels.count, 2, 2, 3]))
    }
    let training = try pictures([0, 100, 255], ["black", "gray", "white"])
    let asked = try pictures([40, 60, 254, 110], ["", "", "", ""])
    #expect(try CaptionBaselines.nearest(of: asked, in: training) == ["black", "gray", "white", "gray"])
    let frequent = try pictures([1, 2, 3, 4, 5], ["a red box", "a red disk", "a blue disk", "a red disk now", "else"])
    #expect(CaptionBaselines.blind(from: frequent) == "a red disk")
  }

  @Test func sentencesBecomeWordsAndAgainSentences() {
    let vocabulary = CaptionVocabulary(
      sentences: ["Two shapes: a disk, a box", "a man's hat, 1F44B-1F3FF", "a e\u{301}toile", ""])
    #expect(vocabulary.words.starts(with: CaptionVocabulary.marks))
    #expect(vocabulary.words[4] == "a")
    for sentence in ["two shapes: a disk, a box", "a man's hat, 1f44b-1f3ff", "a étoile"] {
      #expect(vocabulary.decode(vocabulary.encode(sentence)) == sentence)
    }
    #expect(vocabulary.encode("a dog") == [4, CaptionVocabulary.unknown])
    #expect(vocabulary.decode([0, 1, 4, 2, 3, -7, 99_999]) == "a")
    #expect(CaptionVocabulary.split("  ") == [])
  }

  @Test func hiddenWordsAreThoseOfTheSeed() throws {
    let sentences = [String](repeating: "red green blue red green", count: 40)
    var encoder = CaptionEncoder(smallVocabulary, length: 6)
    func words(_ encoder: CaptionEncoder, first: Int = 0) throws -> [Int] {
      try CaptionBatch(pictures: Tensor(zeros: [40, 1, 1, 3]), sentences: sentences, encoder, firstExample: first).words
        .integers()
    }
    let open = try words(encoder)
    encoder.wordDropout = 0.25
    let hidden = try words(encoder)
    #expect(try hidden == words(encoder))
    #expect(try hidden != words(encoder, first: 40))
    let unknown = hidden.count { $0 == CaptionVocabulary.unknown }
    #expect((30...70).contains(unknown), "\(unknown) of 200")
    // The beginning is never hidden, nor what is to be said.
    #expect(stride(from: 0, to: 240, by: 6).allSatisfy { hidden[$0] == CaptionVocabulary.begin })
    for (a, b) in zip(hidden, open) { #expect(a == b || a == CaptionVocabulary.unknown) }
    // Longer sentences are cut, and end all the same.
    encoder.length = 3
    #expect(encoder.encoded("red green blue red").count == 3)
    #expect(encoder.encoded("red green blue red").last == CaptionVocabulary.end)
  }
}
