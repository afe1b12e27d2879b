import Descent
import DescentZIP
import Foundation

/// What a reader makes of pictures that hold no ZIP code: all of them should be rejected.
struct NegativesTest {
  private let counts: [(kind: LetterKind, rejected: Int, total: Int)]

  /// Reads blank paper, lines of other lengths, letters, scribbles and photographs.
  init(reader: ZIPReader, digits: DigitImages, pictures count: Int, seed: UInt64, threshold: Double) throws {
    var strict = reader
    strict.rule.threshold = threshold
    let generator = LetterGenerator(bank: DigitBank(digits), mix: .negatives, seed: seed)
    var rejected: [LetterKind: Int] = [:]
    var total: [LetterKind: Int] = [:]
    for start in stride(from: 0, to: count, by: 500) {
      let generated = (start..<min(count, start + 500)).map(generator.letter)
      for (letter, reading) in zip(generated, try strict.read(generated.map(\.image))) {
        total[letter.kind, default: 0] += 1
        if reading.rejection != nil { rejected[letter.kind, default: 0] += 1 }
      }
    }
    counts = LetterKind.allCases.compactMap { kind in total[kind].map { (kind, rejected[kind] ?? 0, $0) } }
  }

  /// Prints, for each kind of picture, how many were rejected.
  func report() {
    print("pictures without a ZIP code, rejected:")
    for (kind, rejected, total) in counts {
      let name = kind.rawValue.padding(toLength: 12, withPad: " ", startingAt: 0)
      print(String(format: "  %@ %6.2f %%  (%d of %d)", name, Double(rejected) / Double(total) * 100, rejected, total))
    }
  }
}
