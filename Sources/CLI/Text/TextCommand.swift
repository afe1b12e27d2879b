import ArgumentParser
import Descent

/// Language models.
struct TextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text", abstract: "Trains language models, writes with them, and makes vectors of sentences.",
    subcommands: [TextTrain.self, TextGenerate.self, TextEvaluate.self, TextEmbed.self])

  /// How many tokens may be asked for.
  static let counts = 0...10_000_000
}
