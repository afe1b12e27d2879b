import Descent
import DescentData
import Foundation
import Testing

@testable import DescentZIP

@Suite struct PictureTests {
  private func curve(_ count: Int = 3_000) -> ErrorRejectCurve {
    var random = RandomStream(seed: 1)
    return ErrorRejectCurve(
      (0..<count).map { _ in
        let confidence = 1 - pow(Double(random.uniform()), 6)
        return JudgedReading(confidence: confidence, isRight: Double(random.uniform()) < confidence)
      })
  }

  @Test func theCurveSaysWhatWasFound() throws {
    let curve = curve()
    let choice = ThresholdChoice(targetErrorRate: 1e-3, calibration: curve)
    let svg = try curve.chart(title: "A < B & C", operating: choice.point, target: 1e-3).svg()
    #expect(svg.contains("A &lt; B &amp; C"))
    #expect(svg.contains("wanted: 0.1 %"))
    #expect(svg.contains("95 % upper bound"))
    #expect(svg.contains("3,000 letters"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func curvesWithoutErrorsOrLettersAreDrawn() throws {
    let right = JudgedReading(confidence: 1, isRight: true)
    let rejected = JudgedReading(confidence: nil, isRight: false)
    for readings in [[], [right], [rejected]] {
      let chart = ErrorRejectCurve(readings).chart()
      #expect(try chart.svg().hasSuffix("</svg>\n"))
      #expect(try chart.text().contains("letters rejected"))
    }
  }

  @Test(arguments: [30, 60, 80, 132]) func theCurveFitsTheTerminal(width: Int) throws {
    let picture = try curve().chart(target: 1e-3).text(width: width)
    let lines = picture.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width })
    #expect(lines.count > 14)
    #expect(picture.contains("letters rejected"))
  }

  @Test func aLetterFitsTheTerminal() throws {
    let letter = LetterGenerator(bank: try TestDigits.bank(), seed: 1).letter(0)
    for width in [20, 80] {
      let plain = letter.image.terminalText(width: width, color: false)
      #expect(plain.split(separator: "\n").allSatisfy { $0.count <= width })
      #expect(plain.unicodeScalars.contains { $0.value > 0x2800 && $0.value < 0x2900 })
      let colored = letter.image.terminalText(width: width, color: true)
      #expect(colored.contains("\u{1B}[38;2;"))
      #expect(colored.split(separator: "\n").allSatisfy { $0.count { $0 == "▀" } <= width })
    }
    #expect(GrayImage(width: 0, height: 0, checked: []).terminalText(color: true).isEmpty)
  }

  @Test func whiteOnBlackShowsTheWriting() {
    var pixels = [UInt8](repeating: 0, count: 64)
    pixels[9] = 255
    let text = GrayImage(width: 8, height: 8, checked: pixels).terminalText(color: false)
    #expect(text == "⠐⠀⠀⠀\n⠀⠀⠀⠀\n")
  }

  @Test func acceptedErrorsGoOnASheet() throws {
    let generated = LetterGenerator(bank: try TestDigits.bank(), seed: 1).letter(0)
    let wrong = Reading(text: "00000", confidence: 0.99)
    let letter = ReadLetter(image: generated.image, truth: Symbol.symbols(of: "12345"), reading: wrong)
    #expect(letter.isAcceptedError)
    let rejected = Reading(text: "00000", confidence: 0.2, rejection: .digitCount(4))
    #expect(!ReadLetter(image: generated.image, truth: generated.truth, reading: rejected).isAcceptedError)
    let sheet = try Picture.contactSheet(of: [letter, letter, letter], columns: 2)
    #expect(sheet.width > generated.image.width)
    #expect(throws: (any Error).self) { try Picture.contactSheet(of: []) }
  }
}
