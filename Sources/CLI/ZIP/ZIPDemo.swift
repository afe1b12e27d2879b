import ArgumentParser
import Descent
import DescentZIP
import Foundation

/// Trains on the shipped digits and shows what came of it.
struct ZIPDemo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Trains a reader on the shipped digits, reads a letter and shows the curve.")

  @Flag(help: "Trains briefly, only to show that everything works.")
  var short = false

  @Option(help: "The directory for the reader, the letter and the curve.")
  var out = "runs/zip-demo"

  func run() throws {
    let begin = ContinuousClock.now
    let source = try DigitOptions.parse([])
    let (digits, origin) = try source.splits()
    try FileContents.makeDirectory(out)
    try FileContents.checkWritable("\(out)/reader.safetensors")
    print("Training a reader on \(digits.training.count) handwritten digits (\(origin)), composed into letters.")
    let reader = try ZIPReader.trained(
      on: digits, origin: origin, recipe: short ? .short : .small, seed: 1
    ) { _ in [.progress, .interruptible] }
    try reader.save(to: "\(out)/reader.safetensors")
    print("\nReading letters of \(digits.test.count) digits that it has never seen.")
    let test = try ReaderTest(reader: reader, digits: digits, letters: short ? 300 : 2_000, seed: 99, target: 1e-2)
    if let letter = test.showpiece {
      let picture = try letter.image.picture()
      try picture.write(png: "\(out)/letter.png")
      print("\n" + letter.image.terminalText(color: isatty(STDOUT_FILENO) == 1))
      print("\(out)/letter.png reads \(letter.reading)\n")
    }
    try test.report(svg: "\(out)/curve.svg", sheet: "\(out)/errors.png")
    print(String(format: "\ntrained and tested in %.0f s", begin.duration(to: .now).seconds))
    print("read a picture of your own:  descent zip read --reader \(out)/reader.safetensors PICTURE")
  }
}
