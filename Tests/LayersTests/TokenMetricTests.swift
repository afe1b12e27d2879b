import DescentLayers
import Foundation
import Testing

/// Metrics of token sequences against numbers computed by hand.
@Suite("metrics of token sequences")
struct TokenMetricTests {
  private func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-12 }

  @Test func distances() {
    let pairs = [
      ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("", "", 0), ("flaw", "lawn", 2),
      ("intention", "execution", 5), ("same", "same", 0),
    ]
    for (a, b, wanted) in pairs {
      #expect(editDistance(a, b) == wanted, "\(a), \(b)")
      #expect(editDistance(b, a) == wanted, "\(b), \(a)")
    }
    #expect(editDistance([1, 2, 3], [2, 3, 4, 5]) == 3)
  }

  @Test func errorRates() throws {
    var rate = ErrorRate()
    #expect(rate.value.isNaN)
    rate.add(words("the cat sat"), reference: words("the cat sat down"))
    #expect(rate.value == 0.25)
    // One word of two is wrong, so that two of six are: no mean of ¼ and ½.
    rate.add(words("a dog"), reference: words("a cat"))
    #expect(isClose(rate.value, 2 / 6.0))
    var characters = ErrorRate()
    characters.add("sitting", reference: "kitten")
    #expect(characters.value == 0.5)
    var other = try JSONDecoder().decode(ErrorRate.self, from: JSONEncoder().encode(rate))
    other.merge(characters)
    #expect(other.edits == 5 && other.count == 12)
  }

  /// The examples of Papineni et al.
  @Test func bleuOfThePaper() {
    let references = [
      "It is a guide to action that ensures that the military will forever heed Party commands",
      "It is the guiding principle which guarantees the military forces always being under the command of the Party",
      "It is the practical guide for the army always to heed the directions of the party",
    ].map(words)
    var first = BLEU(order: 2)
    first.add(
      words("It is a guide to action which ensures that the military always obeys the commands of the party"),
      references: references)
    #expect(first.matches == [17, 10] && first.totals == [18, 17])
    #expect(first.referenceLength == 18)
    var second = BLEU(order: 2)
    second.add(
      words("It is to insure the troops forever hearing the activity guidebook that party direct"),
      references: references)
    #expect(second.matches == [8, 1] && second.totals == [14, 13])
    var repeated = BLEU(order: 1)
    repeated.add(
      words("the the the the the the the"),
      references: ["the cat is on the mat", "there is a cat on the mat"].map(words))
    #expect(repeated.matches == [2] && repeated.totals == [7])
  }

  @Test func bleuOfACorpus() throws {
    var bleu = BLEU()
    #expect(bleu.score() == 0)
    bleu.add(words("a b c d e"), references: [words("a b c d f g"), words("x")])
    // Runs of 1: abcd, of 2: ab bc cd, of 3: abc bcd, of 4: abcd. The nearest reference has 6 tokens.
    #expect(bleu.matches == [4, 3, 2, 1] && bleu.totals == [5, 4, 3, 2])
    let brevity = exp(1 - 6 / 5.0)
    #expect(isClose(bleu.score(order: 1), brevity * 0.8))
    #expect(isClose(bleu.score(order: 2), brevity * (0.8 * 0.75).squareRoot()))
    #expect(isClose(bleu.score(order: 3), brevity * cbrt(0.8 * 0.75 * 2 / 3)))
    #expect(isClose(bleu.score(), brevity * pow(0.8 * 0.75 * 2 / 3 * 0.5, 0.25)))
    var other = BLEU()
    other.add(words("p q"), references: [words("p q")])
    #expect(other.score() == 0 && other.score(order: 2) == 1)
    #expect(isClose(other.score(order: 3, smoothing: 1), 1))
    var merged = try JSONDecoder().decode(BLEU.self, from: JSONEncoder().encode(other))
    merged.merge(bleu)
    #expect(merged.matches == [6, 4, 2, 1] && merged.totals == [7, 5, 3, 2])
    #expect(merged.length == 7 && merged.referenceLength == 8)
    #expect(isClose(merged.score(order: 1), exp(1 - 8 / 7.0) * 6 / 7))
    merged.add(words("nothing"), references: [])
    #expect(merged.length == 7)
    #expect(BLEU(order: 0).matches.count == 1)
    // Of two references that are equally near, the shorter counts.
    var even = BLEU()
    even.add(words("a b c"), references: [words("a b c d"), words("a b")])
    #expect(even.referenceLength == 2)
  }

  /// Two things, so that a run that one alone has weighs log 2, and one that both have nothing.
  @Test func consensus() {
    func consensus(_ form: CIDEr<String>.Form) -> CIDEr<String> {
      var cider = CIDEr<String>(form, order: 2)
      cider.add(words("a red car"), references: [words("a red car"), words("a blue car")])
      cider.add(words("a dog dog"), references: [words("a dog")])
      return cider
    }
    // Unit runs, without `a`: (red, car) against (red, car) and (blue, car): 1 and ½. Pairs: (a red, red car) against the
    // same and (a blue, blue car): 1 and 0. Second: (2 dog) against (dog): 1; (a dog, dog dog) against (a dog): 1/√2.
    let original = consensus(.original)
    let (first, second) = ((0.75 + 0.5) / 2, (1 + 0.5.squareRoot()) / 2)
    let scores = original.scores()
    #expect(isClose(scores[0], first) && isClose(scores[1], second))
    #expect(isClose(original.score(), (first + second) / 2))
    // Clipped, the doubled dog agrees as one: 1 · 1 / (2 · 1); and the length differs by 1.
    let robust = consensus(.robust).scores()
    #expect(isClose(robust[0], 10 * first))
    #expect(isClose(robust[1], 10 * exp(-1 / 72.0) * (0.5 + 0.5.squareRoot()) / 2))
    var more = original
    more.merge(original)
    #expect(more.scores().count == 4)
    #expect(CIDEr<Int>().score() == 0)
    var none = CIDEr<Int>()
    none.add([1, 2], references: [])
    #expect(none.scores() == [0])
  }
}
