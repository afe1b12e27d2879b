import ArgumentParser
import Descent

/// Language models.
struct TextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text", abstract: "Trains language models, and writes with them.",
    subcommands: [TextTrain.self, TextGenerate.self, TextEvaluate.self])

  /// How many tokens may be asked for.
  static let counts = 0...10_000_000
}
