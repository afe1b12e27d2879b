import ArgumentParser
import Descent
import DescentCaptions
import Foundation

/// Describes pictures.
struct CaptionDescribe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Says what is to be seen in pictures.",
    discussion: """
      A picture that cannot be read is named on standard error, the others are described all the same, and the command \
      fails.
      """)

  @Argument(
    help: ArgumentHelp("The directory of a captioner that 'descent caption train' wrote.", valueName: "run"))
  var directory: String

  @Argument(help: "PNG, JPEG, TIFF or PDF files.")
  var pictures: [String]

  @Option(help: "How many beginnings of a sentence are followed at a time; with 1 each word is the likeliest.")
  var beam = 4

  @Option(help: "Writes where the captioner looked for each word to a file, as .png or .html.")
  var attention: String?

  @Flag(help: "Prints a JSON object for each picture, one per line.")
  var json = false

  func validate() throws {
    try CaptionCommand.check(beam: beam)
    guard !pictures.isEmpty else { throw ValidationError("give the files of pictures") }
  }

  func run() throws {
    if let attention { try SentenceSheet.checkName(attention) }
    let captioner = try CaptionRun(directory).captioner()
    var views: [SentenceView] = []
    var faults = 0
    for path in pictures {
      do {
        let view = try captioner.view(of: Picture.read(path), named: path, beam: beam)
        views.append(view)
        try show(view)
      } catch let error as FileError {
        faults += 1
        FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
      }
    }
    if let attention, !views.isEmpty { try SentenceSheet("Where the captioner looked", views).write(to: attention) }
    if faults > 0 { throw ExitCode.failure }
  }

  private struct Line: Encodable {
    var picture: String
    var sentence: String
    var logProbability: Double
  }

  private func show(_ view: SentenceView) throws {
    guard json else {
      let odds = String(format: "%.3f", exp(view.logProbability))
      return print(pictures.count > 1 ? "\(view.name): \(view.sentence)  (probability \(odds))" : view.sentence)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = Line(picture: view.name, sentence: view.sentence, logProbability: view.logProbability)
    print(String(decoding: try encoder.encode(line), as: UTF8.self))
  }
}
