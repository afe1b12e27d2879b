import DescentData
import Testing

@testable import DescentZIP

@Suite struct LetterGeneratorTests {
  @Test func aLetterDependsOnSeedAndIndexAlone() throws {
    let bank = try TestDigits.bank()
    let forward = LetterGenerator(bank: bank, mix: .training, seed: 5)
    let again = LetterGenerator(bank: bank, mix: .training, seed: 5)
    let other = LetterGenerator(bank: bank, mix: .training, seed: 6)
    let letters = (0..<12).map { forward.letter($0) }
    for index in [11, 3, 7, 0] {
      #expect(again.letter(index).image == letters[index].image)
      #expect(again.letter(index).truth == letters[index].truth)
      #expect(other.letter(index).image != letters[index].image)
    }
  }

  @Test func codesHaveFiveDigitsAndUseEachDigitOnceBeforeAnyTwice() throws {
    let images = try TestDigits.images(copies: 5)
    let generator = LetterGenerator(bank: DigitBank(images), seed: 1)
    var used = [UInt8: Int]()
    for index in 0..<10 {
      let letter = generator.letter(index)
      #expect(letter.kind == .code)
      #expect(letter.truth.count == 5)
      for case .digit(let value) in letter.truth { used[value, default: 0] += 1 }
    }
    #expect(used.count == 10)
    #expect(used.values.allSatisfy { $0 == 5 })
  }

  @Test func kindsSayWhatTheyAre() throws {
    let bank = try TestDigits.bank()
    func truths(_ kind: LetterKind) -> [[Symbol]] {
      let generator = LetterGenerator(bank: bank, mix: LetterMix([kind: 1]), seed: 2)
      return (0..<20).map { generator.letter($0).truth }
    }
    #expect(truths(.fourDigits).allSatisfy { $0.count == 4 && !$0.contains(.nonDigit) })
    #expect(truths(.sixDigits).allSatisfy { $0.count == 6 && !$0.contains(.nonDigit) })
    #expect(truths(.otherLength).allSatisfy { [1, 2, 3, 7].contains($0.count) })
    #expect(truths(.mixed).allSatisfy { $0.count == 5 && (1...2).contains($0.filter { $0 == .nonDigit }.count) })
    #expect(truths(.word).allSatisfy { (3...6).contains($0.count) && $0.allSatisfy { $0 == .nonDigit } })
    #expect(truths(.blank).allSatisfy { $0.isEmpty })
    #expect(truths(.scribble).allSatisfy { $0 == [.nonDigit] })
    #expect(truths(.texture).allSatisfy { $0 == [.nonDigit] })
  }

  @Test func codesOfAListAreWritten() throws {
    let list = ZIPCodeList([90_210, 501])
    let generator = LetterGenerator(bank: try TestDigits.bank(), seed: 3, codes: list)
    let texts = Set((0..<20).map { generator.letter($0).truth.text })
    #expect(texts == ["90210", "00501"])
  }

  @Test(arguments: [8, 16, 28]) func digitsOfAnySizeAreDrawn(side: Int) throws {
    let pixels = (0..<10).flatMap { _ in
      (0..<(side * side)).map { index -> UInt8 in
        let (y, x) = index.quotientAndRemainder(dividingBy: side)
        return x > side / 4 && x < side * 3 / 4 && y > side / 8 && y < side * 7 / 8 ? 255 : 0
      }
    }
    let images = try DigitImages(height: side, width: side, pixels: pixels, labels: Array(0..<10))
    let bank = DigitBank(images)
    #expect(bank.count == 10)
    #expect(bank.glyphs.allSatisfy { $0.height >= 16 })
    let letter = LetterGenerator(bank: bank, style: .clean, seed: 1).letter(0)
    let dark = letter.image.pixels.count { $0 < 128 }
    #expect(Double(dark) > 0.1 * Double(letter.image.pixels.count))
  }

  @Test func aPenSkipsAndInkRuns() throws {
    let glyph = try #require(try TestDigits.bank().glyphs.first).plane
    func ink(_ seed: UInt64, _ change: (inout Deformation) -> Void) -> [Float] {
      var deformation = Deformation(height: 36, stretch: 1, slant: 0, rotation: 0, penWidth: 0.12, wobble: 0)
      change(&deformation)
      var random = RandomStream(seed: seed)
      return InkPatch.drawn(glyph, deformation: deformation, random: &random).ink.values
    }
    var skips = 0
    for seed in UInt64(0)..<20 {
      let plain = ink(seed) { _ in }
      let skipped = ink(seed) { $0.skips = true }
      #expect(zip(skipped, plain).allSatisfy { 0 <= $0 && $0 <= $1 })
      let share = skipped.reduce(0, +) / plain.reduce(0, +)
      #expect(share > 0.2, "seed \(seed): \(share) of the ink")
      if share < 0.99 { skips += 1 }
      let run = ink(seed) { $0.running = 1 }
      #expect(zip(run, plain).allSatisfy { $0 >= $1 - 1e-6 })
      #expect(run.reduce(0, +) > 1.2 * plain.reduce(0, +))
    }
    // Where the strokes are, the pen may happen not to skip.
    #expect(skips >= 14)
  }

  @Test func withoutDigitsPaperStaysBlank() throws {
    let empty = try DigitImages(height: 28, width: 28, pixels: [], labels: [])
    let letter = LetterGenerator(bank: DigitBank(empty), seed: 1).letter(0)
    #expect(letter.truth.isEmpty)
  }

  @Test func picturesWithoutInkAreNoDigits() throws {
    let images = try DigitImages(height: 4, width: 4, pixels: [UInt8](repeating: 0, count: 16), labels: [3])
    #expect(DigitBank(images).count == 0)
  }

  @Test func everyLetterOfTheFontLeavesInk() {
    #expect(StrokeFont.letters.count == 26)
    for letter in StrokeFont.letters {
      var random = RandomStream(seed: 1)
      let drawing = StrokeFont.written(letter, random: &random)
      #expect(drawing.values.count { $0 > 0.5 } > 20, "\(letter)")
    }
  }
}
