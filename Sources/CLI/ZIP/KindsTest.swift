import Descent
import DescentZIP
import Foundation

/// What a reader makes of pictures of many kinds, as mail comes: a row of the table for each.
struct KindsTest {
  /// What is written, and what happens to it.
  private struct Kind {
    let name: String
    let style: LetterStyle
    let mix: LetterMix
    let disturbance: Disturbance

    init(_ disturbance: Disturbance, style: LetterStyle = .clean, named name: String? = nil) {
      (self.name, self.style, mix, self.disturbance) = (name ?? "\(disturbance)", style, .codes, disturbance)
    }

    /// A kind that holds no code.
    init(_ kind: LetterKind, named name: String) {
      (self.name, style, mix, disturbance) = (name, .clean, LetterMix([kind: 1]), .none)
    }

    /// Whether a code is there to be read.
    var isReadable: Bool { disturbance.isReadable && mix.weights[.code] != nil }
  }

  private static var kinds: [Kind] {
    func style(_ change: (inout LetterStyle) -> Void) -> LetterStyle {
      var style = LetterStyle.clean
      change(&style)
      return style
    }
    let written: [Disturbance] =
      [.none] + [1, 2, 3, 5, 7, 10].map(Disturbance.skew) + [
        .pepper(0.005), .pepper(0.02), .saltAndPepper(0.02), .grain(12), .grain(25), .resolution(75), .resolution(300),
        .resolution(600), .blur(1), .blur(2), .inverted, .shadow, .faint, .sheet, .upsideDown, .onItsSide, .twoLetters,
        .noise,
      ]
    let styles = [
      Kind(.none, style: .mail, named: "mail"),
      Kind(.none, style: style { $0.ruledShare = 1 }, named: "on rules"),
      Kind(.skew(5), style: style { $0.ruledShare = 1 }, named: "on rules, skew 5°"),
      Kind(.none, style: style { $0.boxedShare = 1 }, named: "in boxes"),
      Kind(.skew(5), style: style { $0.boxedShare = 1 }, named: "in boxes, skew 5°"),
      Kind(.none, style: style { $0.touchingShare = 0.5 }, named: "touching digits"),
    ]
    let others = [
      Kind(.fourDigits, named: "four digits"), Kind(.sixDigits, named: "six digits"), Kind(.word, named: "words"),
      Kind(.scribble, named: "scribbles"), Kind(.blank, named: "blank paper"), Kind(.texture, named: "photographs"),
    ]
    return written.map { Kind($0) } + styles + others
  }

  private let rows: [(kind: Kind, accepted: Int, right: Int)]
  private let count: Int
  private let seconds: Double

  /// Reads pictures of each kind, written with the same digits in the same order.
  ///
  /// - Throws: `TensorError` where the system has no memory left.
  init(reader: ZIPReader, digits: DigitImages, each count: Int, seed: UInt64) throws {
    self.count = count
    let bank = DigitBank(digits)
    var reading: Duration = .zero
    rows = try Self.kinds.map { kind in
      let generator = LetterGenerator(
        bank: bank, style: kind.style, mix: kind.mix, seed: seed, codes: reader.rule.codes)
      let letters = (0...count).map(generator.letter)
      let pictures = (0..<count).map { index in
        kind.disturbance.applied(to: letters[index].image, index: index, other: letters[index + 1].image)
      }
      var readings: [Reading] = []
      reading += try ContinuousClock().measure { readings = try reader.read(pictures) }
      let accepted = zip(letters, readings).filter { $1.code != nil }
      let right = accepted.count { kind.isReadable && $1.code == $0.truth.text }
      return (kind, accepted.count, right)
    }
    seconds = reading.seconds
  }

  /// Prints the table.
  func report() {
    print("| kind of picture | of | accepted | right | wrong |")
    print("| --- | --- | --- | --- | --- |")
    for (kind, accepted, right) in rows {
      print(
        "| \(kind.name) | \(count) | \(accepted) | \(kind.isReadable ? String(right) : "–") | \(accepted - right) |")
    }
    let wrong = rows.reduce(0) { $0 + $1.accepted - $1.right }
    print(
      "\(wrong) wrong of \(rows.count * count); "
        + String(format: "%.0f letters a second, read", Double(rows.count * count) / seconds))
  }
}
