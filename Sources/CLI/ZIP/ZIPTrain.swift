import ArgumentParser
import Descent
import DescentFiles
import DescentZIP
import Foundation

/// Trains a reader.
struct ZIPTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a reader on handwritten digits, composed into letters.")

  @OptionGroup var source: DigitOptions

  @Option(help: "The file to write the reader to.")
  var out = ZIPCommand.defaultReader

  @Option(help: "The number of epochs of a round, instead of the recipe's.")
  var epochs: Int?

  @Option(help: "The number of rounds, each of which gives the reader a branch, instead of the recipe's.")
  var rounds: Int?

  @Option(help: "The number of letters in an epoch, instead of the recipe's.")
  var letters: Int?

  @Option(help: "The number of letters that the threshold is chosen on, instead of the recipe's.")
  var calibration: Int?

  @Option(help: "The seed: the same seed gives the same reader.")
  var seed: UInt64 = 1

  @Option(help: "A directory for checkpoints.")
  var checkpoints: String?

  @Option(help: "The seconds between checkpoints within an epoch.")
  var every = 60.0

  @Flag(help: "Go on from the latest checkpoint in that directory.")
  var resume = false

  @Flag(help: "Trains briefly, only to show that everything works.")
  var short = false

  func validate() throws {
    if let epochs, !(1...1_000_000).contains(epochs) {
      throw ValidationError("--epochs must lie between 1 and 1,000,000")
    }
    if let rounds, !ReaderRecipe.possibleRounds.contains(rounds) {
      let most = ReaderRecipe.possibleRounds.upperBound
      throw ValidationError("--rounds must lie between 1 and \(most)")
    }
    if let letters, !(64...ZIPCommand.counts.upperBound).contains(letters) {
      throw ValidationError("--letters must lie between 64, one batch, and 1,000,000")
    }
    if let calibration, !ZIPCommand.counts.contains(calibration) {
      throw ValidationError("--calibration \(ZIPCommand.countsText)")
    }
    guard every >= 0 else { throw ValidationError("--every must not be negative") }
    guard recipe.stepCount >= 2 else {
      throw ValidationError("64 letters in one epoch are a single step: ask for more letters or more epochs")
    }
    if resume && checkpoints == nil { throw ValidationError("--resume needs --checkpoints DIR to go on from") }
  }

  /// The recipe for the digits, with what the options say instead.
  private var recipe: ReaderRecipe {
    var recipe = short ? ReaderRecipe.short : source.digits == nil ? .small : .large
    if let epochs { recipe.epochs = epochs }
    if let rounds { recipe.rounds = rounds }
    if let letters { recipe.lettersPerEpoch = letters }
    if let calibration { recipe.calibrationLetters = calibration }
    return recipe
  }

  func run() throws {
    try FileContents.checkWritable(out)
    let (digits, origin) = try source.splits()
    let (recipe, rounds) = (recipe, recipe.rounds > 1 ? "\(recipe.rounds) rounds of " : "")
    if !resume { try setAsideLaterRounds() }
    print("training on letters of \(origin): \(rounds)\(recipe.epochs) epochs of \(recipe.lettersPerEpoch) letters")
    let begin = ContinuousClock.now
    let reader = try ZIPReader.trained(on: digits, origin: origin, recipe: recipe, seed: seed) { round in
      if recipe.rounds > 1 { print("round \(round + 1) of \(recipe.rounds)") }
      var callbacks = [Callback.progress, .interruptible]
      if let folder = folder(ofRound: round) {
        callbacks.append(.checkpoint(folder, every: every, resuming: resume))
      }
      return callbacks
    }
    try reader.save(to: out)
    print(
      String(
        format: "trained in %.0f s; threshold %.6f; saved to %@", begin.duration(to: .now).seconds,
        reader.rule.threshold, out))
  }

  /// Where the checkpoints of a round go: those of the first into the directory itself, those of others into one within.
  private func folder(ofRound round: Int) -> String? {
    checkpoints.map { round == 0 ? $0 : "\($0)/\(round + 1)" }
  }

  /// Renames what an earlier run has left of later rounds: when this one gets there, it may be a resumed run, and would
  /// take it for its own.
  private func setAsideLaterRounds() throws {
    let later = 1..<ReaderRecipe.possibleRounds.upperBound
    for folder in later.compactMap(folder(ofRound:)) where FileSystem.kind(at: folder) != nil {
      var number = 1
      while FileSystem.kind(at: "\(folder)-earlier-\(number)") != nil { number += 1 }
      try FileSystem.move(folder, to: "\(folder)-earlier-\(number)")
    }
  }
}
