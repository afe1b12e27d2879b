import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentCaptions

/// Pictures with their sentences and gazes, as a picture and as a page.
@Suite struct SentenceSheetTests {
  private func view(_ sentence: String, gaze: [Float] = [1, 0, 0, 0]) -> SentenceView {
    let words = CaptionVocabulary.split(sentence)
    return SentenceView(
      name: "a <b>", picture: Tensor(ones: [8, 8, 3]), sentence: sentence, references: ["R & D"], words: words,
      gazes: words.map { _ in gaze }, logProbability: -1)
  }

  @Test func theLightLiesWhereTheGazeGoes() throws {
    let lit = try view("one").lit(word: 0)
    #expect(lit.shape == [8, 8, 3])
    #expect(abs(try lit[0, 0, 0].item() - 1) < 1e-6)
    #expect(abs(try lit[7, 7, 0].item() - 0.5325) < 1e-6)
  }

  @Test func aPictureHasARowForEachSentence() throws {
    let one = try SentenceSheet("title", [view("one two")]).picture()
    #expect(one.width == 3 * 78 + 6)
    let two = try SentenceSheet("title", [view("one two"), view("three")]).picture()
    #expect(two.width == one.width)
    #expect(two.height > one.height)
    #expect(throws: TensorError.self) { try SentenceSheet("none", []).picture() }
  }

  @Test func aPageNeedsNoOtherFile() throws {
    let page = try SentenceSheet("shapes & words", [view("one two"), view("three")]).html()
    #expect(page.hasPrefix("<!DOCTYPE html>"))
    #expect(page.contains("<title>shapes &amp; words</title>"))
    #expect(page.contains("said by others: R &amp; D"))
    #expect(page.components(separatedBy: "<svg").count == 3)
    // Pictures lie within, as data; nothing is fetched.
    #expect(page.components(separatedBy: "data:image/png;base64,").count == 1 + 3 + 2)
    #expect(!page.contains("src=") && !page.contains("href=\"http"))
  }

  @Test func theNameOfAFileSaysItsForm() throws {
    try withTemporaryFolder { folder in
      let sheet = SentenceSheet("title", [view("one")])
      for name in ["a.png", "a.html"] { try sheet.write(to: "\(folder)/\(name)") }
      #expect(try names(in: folder) == ["a.html", "a.png"])
      #expect(
        fault { try sheet.write(to: "a.gif") }
          == "a.gif: ends neither in .png nor in .html, which says in which form it is to be written")
    }
  }
}
