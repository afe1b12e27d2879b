import ArgumentParser
import Descent
import DescentZIP
import Foundation

/// Tests a reader on unseen digits.
struct ZIPTest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Reads letters of unseen digits and shows the error–reject curve.")

  @OptionGroup var source: DigitOptions
  @OptionGroup var trained: ReaderOptions

  @Option(help: "The wanted share of wrong readings among accepted ones.")
  var targetError = 1e-3

  @Option(help: "The number of letters.")
  var letters = 4_000

  @Flag(help: "Reads pictures of many kinds instead, and prints a table: skewed, noisy, blurred, upside down and more.")
  var kinds = false

  @Option(help: "The number of pictures of each kind.")
  var each = 40

  @Option(help: "The seed of the letters.")
  var seed: UInt64 = 99

  @Option(help: "The file to draw the curve into.")
  var svg = "zip-curve.svg"

  @Option(help: "The file to show accepted errors in.")
  var sheet = "zip-errors.png"

  func validate() throws {
    guard targetError > 0, targetError < 1 else { throw ValidationError("--target-error must lie between 0 and 1") }
    guard ZIPCommand.counts.contains(letters) else { throw ValidationError("--letters \(ZIPCommand.countsText)") }
    guard (1...10_000).contains(each) else { throw ValidationError("--each must lie between 1 and 10,000") }
    guard URL(fileURLWithPath: svg).standardizedFileURL != URL(fileURLWithPath: sheet).standardizedFileURL else {
      throw ValidationError("--svg and --sheet both name \(svg): each needs a file of its own")
    }
  }

  func run() throws {
    let reader = try trained.load()
    if kinds {
      let (digits, origin) = try source.splits()
      print("reader trained on \(reader.origin); \(digits.test.count) unseen digits of \(origin)\n")
      try KindsTest(reader: reader, digits: digits.test, each: each, seed: seed).report()
      return
    }
    for path in [svg, sheet] { try FileContents.checkWritable(path) }
    let (digits, origin) = try source.splits()
    print("reader trained on \(reader.origin); \(letters) letters of \(digits.test.count) unseen digits of \(origin)")
    try ReaderTest(reader: reader, digits: digits, letters: letters, seed: seed, target: targetError)
      .report(svg: svg, sheet: sheet)
  }
}
