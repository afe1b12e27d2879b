import ArgumentParser
import Descent
import DescentZIP
import Foundation

/// Trains a reader.
struct ZIPTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a reader on handwritten digits, composed into letters.")

  @OptionGroup var source: DigitOptions

  @Option(help: "The file that the reader goes to.")
  var out = ZIPCommand.defaultReader

  @Option(help: "The number of epochs, instead of the recipe's.")
  var epochs: Int?

  @Option(help: "The number of letters in an epoch, instead of the recipe's.")
  var letters: Int?

  @Option(help: "The seed: the same seed gives the same reader.")
  var seed: UInt64 = 1

  @Option(help: "A directory for checkpoints.")
  var checkpoints: String?

  @Option(help: "The seconds between checkpoints within an epoch.")
  var every = 60.0

  @Flag(help: "Go on from the latest checkpoint in that directory.")
  var resume = false

  @Flag(help: "A tiny training that only shows that everything works.")
  var short = false

  func validate() throws {
    if let epochs, epochs < 1 { throw ValidationError("--epochs must be at least 1") }
    if let letters, letters < 64 { throw ValidationError("--letters must be at least 64, one batch") }
    if resume && checkpoints == nil { throw ValidationError("--resume needs --checkpoints DIR to go on from") }
  }

  func run() throws {
    let (digits, origin) = try source.splits()
    var recipe = short ? ReaderRecipe.short : source.digits == nil ? .small : .large
    if let epochs { recipe.epochs = epochs }
    if let letters { recipe.lettersPerEpoch = letters }
    var callbacks = [Callback.progress, .interruptible]
    if let checkpoints { callbacks.append(.checkpoint(checkpoints, every: every, resuming: resume)) }
    print("training on letters of \(origin): \(recipe.epochs) epochs of \(recipe.lettersPerEpoch) letters")
    let begin = ContinuousClock.now
    let reader = try ZIPReader.trained(
      on: digits, origin: origin, recipe: recipe, seed: seed, callbacks: callbacks)
    try reader.save(to: out)
    print(
      String(
        format: "trained in %.0f s; threshold %.6f; saved to %@", begin.duration(to: .now).seconds,
        reader.rule.threshold, out))
  }
}
