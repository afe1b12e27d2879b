import ArgumentParser
import Descent
import DescentZIP
import Foundation

/// The ZIP-code reader.
struct ZIPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zip", abstract: "Trains, tests and uses the reader of handwritten ZIP codes.",
    subcommands: [ZIPTrain.self, ZIPRead.self, ZIPTest.self, ZIPDemo.self])

  /// Where a trained reader is kept when nothing else is said.
  static let defaultReader = "zip-reader.safetensors"

  /// How many letters may be asked for, which are all kept in memory.
  static let counts = 1...1_000_000
  static let countsText = "must lie between 1 and 1,000,000"
}

/// The digits that letters are written with.
struct DigitOptions: ParsableArguments {
  @Option(help: "A directory of MNIST-style IDX files (plain or gzip) or USPS text files; else the shipped digits.")
  var digits: String?

  /// The seed of the split into training, calibration and test digits; fixed, so that they never mix between commands.
  private static let splitSeed: UInt64 = 2_024

  /// Digits for training, calibration and test, and what they are called.
  func splits() throws -> (digits: DigitSplits, origin: String) {
    guard let digits else {
      let shipped = try DigitImages.shipped()
      return (try shipped.split(training: 0.7, calibration: 0.12, test: 0.18, seed: Self.splitSeed), "shipped digits")
    }
    let sets = try DigitImages.directory(digits)
    let known = try sets.training.split(training: 0.9, calibration: 0.1, test: 0, seed: Self.splitSeed)
    return (
      DigitSplits(training: known.training, calibration: known.calibration, test: sets.test),
      "\(sets.name), \(known.training.count) digits"
    )
  }
}

/// A file of a trained reader.
struct ReaderOptions: ParsableArguments {
  @Option(help: "The file of the trained reader.")
  var reader = ZIPCommand.defaultReader

  @Option(help: "A list of valid ZIP codes, a CSV file whose first column holds them.")
  var codes: String?

  /// The reader, restricted to the list where one is given.
  func load() throws -> ZIPReader {
    var loaded = try ZIPReader(readingFrom: reader)
    loaded.rule.codes = try codes.map { try ZIPCodeList(contentsOfFile: $0) }
    return loaded
  }
}
