import ArgumentParser
import Descent
import DescentCaptions
import Foundation

/// Writes generated scenes as pictures with captions.
struct CaptionScenes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenes", abstract: "Writes generated scenes into a folder, as pictures with captions.")

  @Argument(help: "The folder, which must not be there yet.")
  var folder: String

  @Option(help: "The number of scenes.")
  var count = 12

  @Option(help: "The height and width in pixels.")
  var side = 36

  @Flag(help: "Of combinations of color and shape that training holds out.")
  var unseen = false

  @Option(help: "The seed of the scenes.")
  var seed: UInt64 = 2

  func validate() throws {
    try CaptionCommand.check(count: count)
    guard (8...1024).contains(side) else { throw ValidationError("--side must lie between 8 and 1,024") }
  }

  func run() throws {
    let generator = SceneGenerator(unseen ? .unseen : .seen, seed: seed)
    try CaptionedPictures.write((0..<count).map { generator.example($0) }, side: side, to: folder)
    print("\(count) scenes in \(folder)")
  }
}
