import Descent
import DescentZIP
import Foundation

/// What a reader makes of letters that it has never seen.
struct ReaderTest {
  private let letters: [ReadLetter]
  private let curve: ErrorRejectCurve
  private let threshold: Double
  private let basis: ThresholdChoice.Basis
  private let target: Double
  private let seconds: Double
  private let negatives: NegativesTest
  /// How many digits the letters were written with.
  private let digitCount: Int

  /// Reads test letters, and chooses a threshold for the target on calibration letters.
  init(reader: ZIPReader, digits: DigitSplits, letters count: Int, seed: UInt64, target: Double) throws {
    let calibration = LetterGenerator(bank: DigitBank(digits.calibration), seed: seed &+ 1, codes: reader.rule.codes)
    let known = try reader.letters(0..<count, of: calibration)
    let chosen = ThresholdChoice(
      targetErrorRate: target,
      calibration: ErrorRejectCurve(known.map { JudgedReading($0.reading, truth: $0.truth) }))
    threshold = chosen.threshold
    basis = chosen.basis
    self.target = target
    let generator = LetterGenerator(bank: DigitBank(digits.test), seed: seed, codes: reader.rule.codes)
    digitCount = generator.bank.count
    let begin = ContinuousClock.now
    letters = try reader.letters(0..<count, of: generator)
    seconds = begin.duration(to: .now).seconds
    curve = ErrorRejectCurve(letters.map { JudgedReading($0.reading, truth: $0.truth) })
    negatives = try NegativesTest(
      reader: reader, digits: digits.test, pictures: count / 4, seed: seed &+ 2, threshold: threshold)
  }

  /// The share of letters read right with nothing rejected by confidence.
  var letterAccuracy: Double {
    Double(letters.filter { $0.reading.text == $0.truth.text }.count) / Double(letters.count)
  }

  /// Prints the figures and the curve, and writes the pictures.
  func report(svg: String?, sheet: String?) throws {
    print(String(format: "digits right:   %6.2f %%", digitAccuracy * 100))
    print(
      String(
        format: "letters right:  %6.2f %%  with nothing rejected (%d of %d)", letterAccuracy * 100,
        Int((letterAccuracy * Double(letters.count)).rounded()), letters.count))
    let point = curve.point(atThreshold: threshold)
    let choice =
      basis == .unreachable
      ? "chosen for the fewest errors, as no threshold keeps those of calibration letters within" : "chosen for"
    print(String(format: "threshold %.6f, %@ %g %% wrong:", threshold, choice, target * 100))
    print(String(format: "  rejected:     %6.2f %%", point.rejectRate * 100))
    print(
      String(
        format: "  wrong:        %6.3f %% of the accepted (%d of %d), with 95 %% confidence %.3f … %.3f %%",
        point.errorRate * 100, point.errors, point.accepted, point.interval.lowerBound * 100,
        point.interval.upperBound * 100))
    print("  " + point.claim(target: target) + ".")
    if let reuse { print("  " + reuse) }
    if let kept = curve.point(rejectingAtMost: 0.15) {
      print(
        String(
          format: "at 15 %% rejected: %.3f %% wrong (%d of %d)", kept.errorRate * 100, kept.errors,
          kept.accepted))
    }
    print(String(format: "%.0f letters a second, generated and read", Double(letters.count) / seconds))
    negatives.report()
    print(curve.chart(operating: point, target: target))
    if let svg {
      let picture = try curve.chart(operating: point, target: target).svg(style: .light)
      try FileContents.write(Array(picture.utf8), to: svg)
      print("the curve: \(svg)")
    }
    if let sheet { try writeErrors(to: sheet) }
  }

  /// What it means for the bound that digits were written more than once; nil where none was.
  private var reuse: String? {
    let written = letters.reduce(0) { $0 + $1.truth.count }
    guard written > digitCount else { return nil }
    return String(
      format: "Each digit was written %.1f times, so that a misleading digit is counted as often: "
        + "only the first %d letters are independent, as the bound takes all to be.",
      Double(written) / Double(max(1, digitCount)), digitCount / 5)
  }

  private func writeErrors(to path: String) throws {
    let errors = letters.filter { letter in
      letter.reading.rejection == nil && letter.reading.confidence >= threshold && letter.isAcceptedError
    }
    guard !errors.isEmpty else {
      print("no accepted letter was read wrong")
      return
    }
    try Picture.contactSheet(of: errors).write(png: path)
    print("the \(errors.count) accepted errors: \(path)")
  }

  /// The share of digits read right in their places, counted in readings of the right length.
  private var digitAccuracy: Double {
    var (right, total) = (0, 0)
    for letter in letters {
      let truth = Array(letter.truth.text)
      let read = Array(letter.reading.text)
      total += truth.count
      if read.count == truth.count { right += zip(read, truth).filter { $0 == $1 }.count }
    }
    return Double(right) / Double(max(1, total))
  }

  /// A letter that was read right and surely, to be shown.
  var showpiece: ReadLetter? {
    letters.first {
      $0.reading.confidence >= threshold && $0.reading.text == $0.truth.text && $0.reading.rejection == nil
    }
      ?? letters.first
  }
}
