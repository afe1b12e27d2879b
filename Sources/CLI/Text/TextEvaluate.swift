import ArgumentParser
import Descent
import Foundation

/// Says how well a language model foretells a text.
struct TextEvaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Says how well a model foretells a text.")

  @Argument(help: "The directory of the model: that of a run, or one that was saved.")
  var model: String

  @OptionGroup var source: TextOptions

  @Option(help: "Judges by the end of the text alone, such a part of it: 0.1 is what training holds out.")
  var last = 1.0

  @Option(help: "The number of tokens of a piece, after which the model begins anew; the model's context otherwise.")
  var context: Int?

  func validate() throws {
    guard last > 0, last <= 1 else { throw ValidationError("--last must be more than 0 and at most 1") }
    if let context, context < 1 { throw ValidationError("--context must be at least 1") }
  }

  func run() throws {
    let model = try TextModel(readingFrom: model)
    let text = try source.read()
    let scalars = text.unicodeScalars
    let part = String(scalars.suffix(Int((Double(scalars.count) * last).rounded())))
    let score = try model.score(part, length: context)
    print(
      String(
        format: "%@: %@ tokens of %@ characters: loss %.4f, perplexity %.2f, %.3f bits per character", source.name,
        score.tokens.grouped, score.characters.grouped, score.loss, score.perplexity, score.bitsPerCharacter))
  }
}
