import Descent
import Testing

@testable import DescentCaptions

/// Sentences about pictures, and the search for them.
@Suite struct CaptionerTests {
  /// With as many beams as there are sentences the search finds the best of all, which is looked for by trying each.
  @Test(arguments: CaptionSettings.Decoder.allCases)
  func enoughBeamsFindTheBestOfAllSentences(_ decoder: CaptionSettings.Decoder) throws {
    let length = 3
    let network = try smallNetwork(decoder, words: smallVocabulary.count, length: length)
    let captioner = try Captioner(network: network, vocabulary: smallVocabulary)
    let picture = samplePictures(1)
    let sayable = (4..<smallVocabulary.count).map { $0 }
    #expect(sayable.count == 4)
    // Every sentence that ends, and those that are cut at their length.
    var open: [[Int]] = [[]]
    var sentences: [[Int]] = []
    for _ in 0..<length {
      sentences += open.map { $0 + [CaptionVocabulary.end] }
      open = open.flatMap { sentence in sayable.map { sentence + [$0] } }
    }
    sentences += open
    #expect(sentences.count == 1 + 4 + 16 + 64)
    let speaker = CaptionSpeaker(network: network)
    var best = (words: [Int](), logarithm: -Double.infinity)
    for sentence in sentences {
      let given = Tensor(integers: [CaptionVocabulary.begin] + sentence.dropLast(), shape: [1, sentence.count])
      let logits = try speaker.logits(given, from: speaker.beginning(picture)).logits
      let logarithms = try logSoftmax(logits)[0].floats()
      let own = sentence.enumerated().reduce(0.0) {
        $0 + Double(logarithms[$1.offset * smallVocabulary.count + $1.element])
      }
      if own > best.logarithm { best = (sentence, own) }
    }
    #expect(try captioner.describe(picture, beam: 64) == [smallVocabulary.decode(best.words)])
  }

  /// With one beam the search says the likeliest word each time, for one picture as for several at once.
  @Test func oneBeamIsGreedy() throws {
    let network = try smallNetwork(.lstm, words: smallVocabulary.count, length: 5)
    let captioner = try Captioner(network: network, vocabulary: smallVocabulary)
    let pictures = samplePictures(4)
    let together = try captioner.describe(pictures)
    #expect(together == (try (0..<4).flatMap { try captioner.describe(pictures[$0..<$0 + 1]) }))
    let speaker = CaptionSpeaker(network: network)
    for number in 0..<4 {
      var state = speaker.beginning(pictures[number..<number + 1])
      var words = [CaptionVocabulary.begin]
      while words.count <= 5, words.last != CaptionVocabulary.end {
        let (logits, next) = try speaker.logits(Tensor(integers: [words[words.count - 1]], shape: [1, 1]), from: state)
        state = next
        words.append(try logits[0, 0].argMax().item(as: Int.self))
      }
      #expect(together[number] == smallVocabulary.decode(words))
    }
  }

  @Test func viewsSayWhereTheNetworkLooked() throws {
    let network = try smallNetwork(.lstm, words: smallVocabulary.count, length: 4)
    let captioner = try Captioner(network: network, vocabulary: smallVocabulary)
    let pictures = samplePictures(2)
    let views = try captioner.views(pictures, names: ["first"], references: [["red"]])
    #expect(views.map(\.name) == ["first", "2"])
    #expect(views.map(\.references) == [["red"], []])
    #expect(views.map(\.sentence) == (try captioner.describe(pictures)))
    for view in views {
      #expect(view.words.count == view.gazes.count)
      #expect(view.logProbability < 0)
      for (number, gaze) in view.gazes.enumerated() {
        #expect(gaze.count == 16)
        #expect(abs(gaze.reduce(0, +) - 1) < 1e-5)
        // Between gray and the picture, of which something is left everywhere.
        let lit = try view.lit(word: number).floats()
        for (a, b) in zip(lit, try view.picture.floats()) {
          let share = (a - 0.45) / (b - 0.45)
          #expect(abs(b - 0.45) < 1e-3 || share > 0.149 && share < 1.001)
        }
      }
      #expect(throws: TensorError.self) { try view.lit(word: view.gazes.count) }
    }
  }

  @Test func picturesOfAnyFormAreBroughtToTheNetworks() throws {
    let network = try smallNetwork(.lstm, words: smallVocabulary.count, length: 4)
    let captioner = try Captioner(network: network, vocabulary: smallVocabulary)
    let wide = try Picture(width: 40, height: 10, color: [0])
    let view = try captioner.view(of: wide, named: "wide")
    // Two rows of black in the middle of white.
    let rows = try view.picture.mean(axes: [1, 2]).floats()
    #expect(rows == [1, 1, 1, 0, 0, 1, 1, 1])
    do {
      _ = try captioner.describe(samplePictures(1, side: 9))
      Issue.record("a picture of another size is described")
    } catch { #expect("\(error)".contains("takes pictures [count, 8, 8, 3], found [1, 9, 9, 3]"), "\(error)") }
  }
}
