import DescentData
import Foundation
import Testing

@testable import DescentZIP

@Suite struct LinePreparationTests {
  private func line(_ style: LetterStyle = .clean, seed: UInt64 = 1) throws -> GrayImage {
    LetterGenerator(bank: try TestDigits.bank(), style: style, seed: seed).letter(0).image
  }

  /// The mean difference of two strips.
  private func difference(_ first: LineImage, _ second: LineImage) -> Float {
    zip(first.ink, second.ink).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(LineImage.count)
  }

  @Test func theWritingFillsTheStrip() throws {
    let strip = try LinePreparation.prepare(line())
    let rows = (0..<32).map { row in (0..<160).map { strip.ink[row * 160 + $0] }.max() ?? 0 }
    #expect(rows[3...28].allSatisfy { $0 > 0.3 })
    #expect(rows[0] < 0.2 && rows[31] < 0.2)
    #expect(strip.ink.allSatisfy { $0 >= 0 && $0 <= 1 })
  }

  @Test func lightOnDarkReadsLikeDarkOnLight() throws {
    let image = try line()
    let strip = try LinePreparation.prepare(image)
    #expect(difference(strip, try LinePreparation.prepare(image.inverted())) < 0.01)
  }

  @Test(arguments: [2, 5, 12]) func aLargerPictureGivesTheSameStrip(factor: Int) throws {
    let difference = try typicalDifference { image in
      var pixels: [UInt8] = []
      for y in 0..<(image.height * factor) {
        for x in 0..<(image.width * factor) { pixels.append(image.pixels[y / factor * image.width + x / factor]) }
      }
      return try LinePreparation.prepare(
        GrayImage(width: image.width * factor, height: image.height * factor, checked: pixels))
    }
    #expect(difference < 0.05)
  }

  /// The middle one of the differences that a disturbance makes to seven lines: single lines move by a pixel where
  /// their box does.
  private func typicalDifference(_ disturbance: (GrayImage) throws -> LineImage) throws -> Float {
    let differences = try (1...7).map { seed in
      let image = try line(seed: UInt64(seed))
      return difference(try LinePreparation.prepare(image), try disturbance(image))
    }
    return differences.sorted()[3]
  }

  @Test func aSmallLineOnALargeSheetIsFound() throws {
    let difference = try typicalDifference { try LinePreparation.prepare(onASheet($0)) }
    #expect(difference < 0.04)
  }

  private func onASheet(_ image: GrayImage) -> GrayImage {
    var pixels = [UInt8](repeating: 250, count: 1_600 * 900)
    for y in 0..<image.height {
      for x in 0..<image.width {
        pixels[(y + 500) * 1_600 + x + 700] = min(image.pixels[y * image.width + x], 250)
      }
    }
    return GrayImage(width: 1_600, height: 900, checked: pixels)
  }

  @Test func shadingContrastAndColorMakeLittleDifference() throws {
    let shading = try typicalDifference { image in
      let shaded = image.pixels.enumerated().map { index, value in
        let light = 140 + 90 * Float(index % image.width) / Float(image.width)
        return UInt8(light * (0.45 + 0.55 * Float(value) / 255))
      }
      return try LinePreparation.prepare(GrayImage(width: image.width, height: image.height, checked: shaded))
    }
    #expect(shading < 0.05)
    let color = try typicalDifference { image in
      // Red ink on green paper of the same lightness.
      let red = image.pixels.flatMap { value -> [UInt8] in
        let share = Float(value) / 255
        return [UInt8(200 * (1 - share) + 40 * share), UInt8(38 * (1 - share) + 120 * share), 60]
      }
      return try LinePreparation.prepare(
        Picture(width: image.width, height: image.height, channels: 3, pixels: red))
    }
    #expect(color < 0.03)
  }

  @Test func transparentPaperIsWhite() throws {
    let image = try line()
    let pixels: [UInt8] = image.pixels.flatMap { (value: UInt8) -> [UInt8] in [0, 0, 0, 255 - value] }
    let picture = try Picture(width: image.width, height: image.height, channels: 4, pixels: pixels)
    #expect(difference(try LinePreparation.prepare(image), try LinePreparation.prepare(picture)) < 0.02)
  }

  @Test func rulesAndBoxesAreTakenOut() throws {
    var ruled = LetterStyle.clean
    ruled.ruledShare = 1
    var boxed = LetterStyle.clean
    boxed.boxedShare = 1
    let bank = try TestDigits.bank()
    for style in [ruled, boxed] {
      for index in 0..<12 {
        // The same hand with and without lines: the lines are drawn last, so all before them is equal.
        let letter = LetterGenerator(bank: bank, style: style, seed: 4).letter(index)
        let strip = try LinePreparation.prepare(letter.image)
        let fullest = (0..<32).map { row in (0..<160).count { strip.ink[row * 160 + $0] > 0.5 } }.max() ?? 0
        #expect(fullest < 125, "a rule is left in letter \(index)")
      }
    }
  }

  /// Bars of 5s and 7s in a row, which touch here and there, are no printed rule; a line as long and as straight is.
  @Test func barsInARowAreNoRule() {
    func picture(gap: Float) -> Plane {
      var ink = Plane(width: 200, height: 60)
      for x in 20..<180 {
        let isGap = (x - 20) % 32 < 4
        for y in 14..<17 { ink[x, y] = isGap ? gap : 0.95 }
        // The stems that hang from the bars.
        if (x - 20) % 32 >= 26 { for y in 17..<45 { ink[x, y] = 0.95 } }
      }
      return ink
    }
    var bars = picture(gap: 0.16)
    let before = bars.values
    RuleRemoval.removeRules(from: &bars)
    #expect(bars.values == before)
    var rule = picture(gap: 0.95)
    RuleRemoval.removeRules(from: &rule)
    #expect((20..<180).count { rule[$0, 15] > 0.5 } < 60)
  }

  @Test func blankPaperIsBlank() {
    for noise in [0, 2, 6] {
      var random = RandomStream(seed: UInt64(noise))
      let pixels = (0..<(60 * 200)).map { _ in UInt8(220 + Float(noise) * random.normal()) }
      #expect(throws: Rejection.blank) {
        try LinePreparation.prepare(GrayImage(width: 200, height: 60, checked: pixels))
      }
    }
  }

  @Test func tinyPicturesAreTooSmall() {
    #expect(throws: Rejection.tooSmall(width: 5, height: 40)) {
      try LinePreparation.prepare(GrayImage(width: 5, height: 40, checked: [UInt8](repeating: 9, count: 200)))
    }
    #expect(throws: Rejection.tooSmall(width: 0, height: 0)) {
      try LinePreparation.prepare(GrayImage(width: 0, height: 0, checked: []))
    }
  }

  @Test func mostTexturesAreRejected() throws {
    let generator = LetterGenerator(bank: try TestDigits.bank(), mix: LetterMix([.texture: 1]), seed: 1)
    let rejected = (0..<100).count { (try? LinePreparation.prepare(generator.letter($0).image)) == nil }
    #expect(rejected > 55)
  }

  @Test func hardlyAnyWritingIsRejected() throws {
    let generator = LetterGenerator(bank: try TestDigits.bank(), seed: 1)
    let rejected = (0..<120).count { (try? LinePreparation.prepare(generator.letter($0).image)) == nil }
    #expect(rejected <= 1)
  }

  @Test(arguments: [(8, 8), (8, 3_000), (3_000, 8), (9, 500), (33, 17)]) func oddShapesNeverTrap(shape: (Int, Int)) {
    var random = RandomStream(seed: 8)
    for strength in [0, 30, 255] {
      let pixels = (0..<(shape.0 * shape.1)).map { _ in UInt8(random.integer(in: 0...strength)) }
      let image = GrayImage(width: shape.0, height: shape.1, checked: pixels)
      if let strip = try? LinePreparation.prepare(image) {
        #expect(strip.ink.allSatisfy { $0 >= 0 && $0 <= 1.001 })
      }
    }
  }

  @Test func resamplingKeepsAConstantAndItsMean() {
    let plane = Plane(width: 13, height: 7, filledWith: 0.5)
    for (width, height) in [(3, 2), (13, 7), (40, 31)] {
      let result = plane.resampled(x: 0, y: 0, width: 13, height: 7, to: width, by: height)
      #expect(result.values.allSatisfy { abs($0 - 0.5) < 1e-5 })
    }
    let outside = plane.resampled(x: -40, y: -40, width: 20, height: 20, to: 4, by: 4, outside: 0)
    #expect(outside.values.allSatisfy { $0 == 0 })
  }
}
