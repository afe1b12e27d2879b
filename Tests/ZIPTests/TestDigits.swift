import DescentData
import Testing

@testable import DescentZIP

/// Digits that need no file: seven-segment figures, drawn with a pen of some width.
enum TestDigits {
  private static let segments: [Character: [StrokeFont.Segment]] = [
    "a": [(4, 3, 16, 3)], "b": [(16, 3, 16, 13)], "c": [(16, 13, 16, 24)], "d": [(4, 24, 16, 24)],
    "e": [(4, 13, 4, 24)], "f": [(4, 3, 4, 13)], "g": [(4, 13, 16, 13)],
  ]
  private static let figures = [
    "abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg",
  ]

  /// `copies` of each digit in 28×28, each copy in a pen of another width.
  static func images(copies: Int = 4) throws -> DigitImages {
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
    for copy in 0..<copies {
      for digit in 0..<10 {
        let strokes = figures[digit].flatMap { segments[$0] ?? [] }
        let ink = StrokeFont.inked(strokes, width: 28, height: 28, radius: 1 + 0.3 * Float(copy))
        pixels += ink.values.map { UInt8($0 * 255) }
        labels.append(UInt8(digit))
      }
    }
    return try DigitImages(height: 28, width: 28, pixels: pixels, labels: labels)
  }

  static func bank() throws -> DigitBank { DigitBank(try images()) }
}
