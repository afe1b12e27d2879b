import Foundation
import Testing

@testable import DescentPlotting

@Suite struct SVGTests {
  /// Boxes are as wide as their texts in DejaVu Sans, measured in thousandths of the size.
  @Test func textsFitIntoTheirBoxes() {
    for (text, plain, bold) in [
      ("z10 = 0.7978845608028654·z9", 15_884, 17_374), ("learning_rate_of_the_model", 13_830, 15_452),
      ("WWW mmm iiill", 7_914, 8_845), ("∂z5/∂momentum_coefficie… = 0.970143", 20_273, 22_096),
    ] {
      #expect(SVG.width(of: text, size: 1000) >= Double(plain))
      #expect(SVG.width(of: text, size: 1000, isBold: true) >= Double(bold))
      #expect(SVG.width(of: text, size: 1000) < 1.15 * Double(plain), "no wider than need be")
    }
  }

  @Test func longTextsAreClipped() {
    let text = "a name that is much too long for the room"
    let clipped = SVG.clipped(text, to: 100, size: 12)
    #expect(clipped.hasSuffix("…") && text.hasPrefix(clipped.dropLast()))
    #expect(SVG.width(of: clipped, size: 12) <= 100)
    #expect(SVG.clipped("short", to: 100, size: 12) == "short")
    #expect(SVG.clipped("none", to: 0, size: 12) == "…")
  }

  @Test func coordinatesHaveOneDecimalAndAreFinite() {
    #expect(SVG.number(1.25) == "1.3")
    #expect(SVG.number(-0.04) == "0")
    #expect(SVG.number(-3.5) == "-3.5")
    #expect(SVG.number(20) == "20")
    #expect(SVG.number(.nan) == "0")
    #expect(SVG.number(.infinity) == "10000000")
  }

  @Test func textsAreEscaped() {
    #expect(SVG.escaped("a<b>&\"c\"\u{1B}\u{FFFE}é") == "a&lt;b&gt;&amp;&quot;c&quot;??é")
  }

  /// Curves differ from the paper by nearly 3:1 in luminance, and texts by 4.5:1 and more (WCAG 2.1).
  @Test(arguments: [false, true]) func colorsAreSeen(isDark: Bool) throws {
    func luminance(_ ink: Ink) throws -> Double {
      let number = try #require(Int(ink.css(isDark: isDark).dropFirst(), radix: 16))
      let parts = [16, 8, 0].map { shift -> Double in
        let share = Double((number >> shift) & 255) / 255
        return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
    let paper = try luminance(.background)
    func contrast(_ ink: Ink) throws -> Double {
      let own = try luminance(ink)
      return (max(own, paper) + 0.05) / (min(own, paper) + 0.05)
    }
    for index in 0..<Ink.seriesCount { #expect(try contrast(.series(index)) >= 2.6, "\(index)") }
    #expect(try contrast(.ink) >= 7)
    #expect(try contrast(.faint) >= 4.5)
  }
}
