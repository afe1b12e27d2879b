import ArgumentParser
import Descent
import DescentCaptions
import Foundation

/// Says what is to be seen in pictures.
struct CaptionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caption", abstract: "Learns to say what is to be seen in pictures, and says it.",
    subcommands: [
      CaptionTrain.self, CaptionDescribe.self, CaptionEvaluate.self, CaptionScenes.self, CaptionDemo.self,
    ])

  /// Where a captioner is kept unless told otherwise.
  static let defaultRun = "runs/caption"
  /// How many pictures or scenes may be asked for.
  static let counts = 1...100_000
  /// How many beginnings of a sentence may be followed.
  static let beams = 1...256

  static func check(beam: Int) throws {
    guard beams.contains(beam) else { throw ValidationError("--beam must lie between 1 and \(beams.upperBound)") }
  }

  static func check(count: Int) throws {
    guard counts.contains(count) else { throw ValidationError("--count must lie between 1 and 100,000") }
  }
}
