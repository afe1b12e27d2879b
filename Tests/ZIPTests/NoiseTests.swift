import DescentData
import Foundation
import Testing

@testable import DescentZIP

/// Pictures with specks, of other resolutions, and of nothing but noise.
@Suite struct NoiseTests {
  private func letters(count: Int = 8) throws -> [GrayImage] {
    let generator = LetterGenerator(bank: try TestDigits.bank(), style: .clean, seed: 6)
    return (0..<count).map { generator.letter($0).image }
  }

  /// The mean difference of the strips of two pictures.
  private func difference(_ first: GrayImage, _ second: GrayImage) throws -> Float {
    let (first, second) = (try LinePreparation.prepare(first), try LinePreparation.prepare(second))
    return zip(first.ink, second.ink).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(LineImage.count)
  }

  private func middle(_ numbers: [Float]) -> Float { numbers.sorted()[numbers.count / 2] }

  @Test(arguments: [Disturbance.pepper(0.02), .pepper(0.03), .saltAndPepper(0.02)]) func specksAreTakenOut(
    disturbance: Disturbance
  ) throws {
    var differences: [Float] = []
    for (index, image) in try letters().enumerated() {
      let peppered = disturbance.applied(to: image, index: index, other: image)
      differences.append(try difference(image, peppered))
      let line = try LinePreparation.line(in: peppered.withoutSpecks())
      let clean = try LinePreparation.line(in: image.withoutSpecks())
      let pieces = InkPieces(of: line.ink, above: 0.3).pieces.count
      #expect(pieces <= InkPieces(of: clean.ink, above: 0.3).pieces.count + 2)
    }
    #expect(middle(differences) < 0.03)
  }

  @Test func specksAreTakenOutOfAFineScanToo() throws {
    let differences = try letters(count: 4).map { image in
      let fine = Disturbance.resolution(600).applied(to: image, index: 0, other: image)
      return try difference(fine, Disturbance.pepper(0.02).applied(to: fine, index: 1, other: image))
    }
    #expect(middle(differences) < 0.03)
  }

  @Test(arguments: [200, 300, 600, 1_200]) func aFinerScanMakesNoDifference(dots: Int) throws {
    let differences = try letters(count: 5).map { image in
      try difference(image, Disturbance.resolution(dots).applied(to: image, index: 0, other: image))
    }
    #expect(middle(differences) < 0.04)
  }

  @Test(arguments: [(60, 200), (40, 40), (300, 900), (1_200, 1_600)]) func noiseIsNoBlankPaper(size: (Int, Int)) throws
  {
    var random = RandomStream(seed: 4)
    for range in [0...255, 100...255, 0...120] {
      let pixels = (0..<size.0 * size.1).map { _ in UInt8(random.integer(in: range)) }
      #expect(throws: Rejection.noise) {
        try LinePreparation.prepare(GrayImage(width: size.1, height: size.0, checked: pixels))
      }
    }
    // Black or white, each pixel by itself.
    let pixels = (0..<size.0 * size.1).map { _ in random.chance(0.5) ? UInt8(0) : 255 }
    #expect(throws: Rejection.noise) {
      try LinePreparation.prepare(GrayImage(width: size.1, height: size.0, checked: pixels))
    }
  }

  @Test func linesOfOnePixelAreNoSpecks() {
    var plane = Plane(width: 30, height: 20, filledWith: 255)
    for x in 4..<26 { plane[x, 10] = 0 }
    for y in 3..<17 { plane[y + 5, y] = 0 }
    let image = GrayImage(width: 30, height: 20, checked: plane.values.map { UInt8($0) })
    let cleaned = image.withoutSpecks()
    let lost = zip(image.pixels, cleaned.pixels).count { $0 != $1 }
    #expect(lost <= 4, "only the ends of lines may go")
  }

  @Test func severalCodesAreRefused() throws {
    let letters = try letters()
    let below = Disturbance.twoLetters.applied(to: letters[0], index: 0, other: letters[1])
    #expect(throws: Rejection.several(2)) { try LinePreparation.prepare(below) }
    #expect(throws: Rejection.several(2)) {
      try LinePreparation.prepare(Disturbance.skew(4).applied(to: below, index: 0, other: below))
    }
    let (left, right) = (letters[2], letters[3])
    let gap = 90
    let height = max(left.height, right.height)
    var pixels = [UInt8](repeating: 250, count: (left.width + gap + right.width) * height)
    for (image, x) in [(left, 0), (right, left.width + gap)] {
      for row in 0..<image.height {
        for column in 0..<image.width {
          pixels[row * (left.width + gap + right.width) + x + column] = image.pixels[row * image.width + column]
        }
      }
    }
    let beside = GrayImage(width: left.width + gap + right.width, height: height, checked: pixels)
    #expect(throws: Rejection.several(2)) { try LinePreparation.prepare(beside) }
  }

  @Test func aCodeInWideBoxesIsOne() throws {
    var style = LetterStyle.mail
    style.boxedShare = 1
    let generator = LetterGenerator(bank: try TestDigits.bank(), style: style, seed: 2)
    for index in 0..<40 {
      do throws(Rejection) { _ = try LinePreparation.prepare(generator.letter(index).image) } catch {
        if case .several = error { Issue.record("letter \(index): \(error)") }
      }
    }
  }
}
