import DescentData
import Foundation
import Testing

@testable import DescentZIP

/// Lines that lie askew in their pictures.
@Suite struct SkewTests {
  /// Lines of figures that stand exactly on a row of pixels.
  private func evenLines() throws -> [GrayImage] {
    let digits = try TestDigits.images()
    return ["25380", "41769", "90210", "77171"].map { text in
      var pixels = [UInt8](repeating: 250, count: 60 * 180)
      for (position, symbol) in Symbol.symbols(of: text).enumerated() {
        let figure = digits.pixels[(10 + symbol.classIndex) * 784..<(11 + symbol.classIndex) * 784]
        for (index, ink) in figure.enumerated() {
          pixels[(16 + index / 28) * 180 + 20 + 28 * position + index % 28] = 250 - UInt8(Float(ink) * 0.9)
        }
      }
      return GrayImage(width: 180, height: 60, checked: pixels)
    }
  }

  private func letters(_ change: (inout LetterStyle) -> Void = { _ in }, count: Int = 8) throws -> [GrayImage] {
    var style = LetterStyle.clean
    change(&style)
    let generator = LetterGenerator(bank: try TestDigits.bank(), style: style, seed: 3)
    return (0..<count).map { generator.letter($0).image }
  }

  private func askew(_ image: GrayImage, by degrees: Double) -> GrayImage {
    Disturbance.skew(degrees).applied(to: image, index: 0, other: image)
  }

  @Test(arguments: [-12.0, -10, -5, -3, -2, -1, 0, 1, 2, 3, 5, 10, 12]) func aLineIsStraightenedWithinHalfADegree(
    degrees: Double
  ) throws {
    for image in try evenLines() {
      let line = try LinePreparation.line(in: askew(image, by: degrees))
      #expect(abs(Double(line.angle) * 180 / .pi - degrees) <= 0.5)
    }
  }

  /// Digits of real hands jump off the line and are of different heights: what stays is what a level line has too.
  @Test(arguments: [-10.0, -3, 3, 10]) func anUnevenLineIsStraightenedToo(degrees: Double) throws {
    let errors = try letters(count: 20).map { image in
      let level = try LinePreparation.line(in: image).angle
      return abs(Double(try LinePreparation.line(in: askew(image, by: degrees)).angle - level) * 180 / .pi - degrees)
    }
    #expect(errors.sorted()[15] <= 0.5)
    #expect(errors.allSatisfy { $0 < 3 })
  }

  @Test(arguments: [5.0, 10, -10]) func printedLinesAreTakenOutOfASkewedFormToo(degrees: Double) throws {
    for change: (inout LetterStyle) -> Void in [{ $0.ruledShare = 1 }, { $0.boxedShare = 1 }] {
      for (index, image) in try letters(change).enumerated() {
        let strip = try LinePreparation.prepare(askew(image, by: degrees))
        let fullest = (0..<32).map { row in (0..<160).count { strip.ink[row * 160 + $0] > 0.5 } }.max() ?? 0
        #expect(fullest < 125, "a rule is left in letter \(index)")
      }
    }
  }

  @Test func aSmallSkewedLineOnALargeSheetIsStraightened() throws {
    for image in try evenLines() {
      let sheet = Disturbance.sheet.applied(to: askew(image, by: 8), index: 1, other: image)
      let line = try LinePreparation.line(in: sheet)
      #expect(abs(Double(line.angle) * 180 / .pi - 8) <= 1)
      #expect(line.writing.characters.count >= 4)
    }
  }

  @Test func turningLevelKeepsTheInk() {
    var plane = Plane(width: 60, height: 40)
    for y in 15..<25 { for x in 20..<50 { plane[x, y] = 1 } }
    let sum = plane.values.reduce(0, +)
    for angle in [-0.28, -0.1, 0.05, 0.28] as [Float] {
      let turned = plane.turnedLevel(from: angle)
      #expect(abs(turned.values.reduce(0, +) - sum) < 0.02 * sum)
      #expect(turned.values.allSatisfy { $0 >= 0 && $0 <= 1 })
    }
  }
}
