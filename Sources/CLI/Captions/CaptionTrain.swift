import ArgumentParser
import Descent
import DescentCaptions
import Foundation

/// Trains a captioner.
struct CaptionTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a captioner on generated scenes, or on a folder of pictures with captions.",
    discussion: """
      A folder holds captions.jsonl, on each line a JSON object with a "caption" (or several "captions") and the "file" of a \
      PNG or JPEG picture in the folder, or its number "i" in a file of raw pictures such as pictures_32x32_rgb_u8.bin.gz. \
      Some pictures are left for the test that 'descent caption evaluate' makes: a tenth, or those that --test names.
      """)

  @Option(help: "A folder of pictures with captions, instead of generated scenes.")
  var data: String?

  @Option(help: "The pictures that are left for a test, as FIELD=WORD of their captions, such as style=emojione.")
  var test: String?

  @Option(help: "The directory of the run.")
  var output = CaptionCommand.defaultRun

  @Flag(help: "Go on with the run that is in that directory.")
  var resume = false

  @Option(help: "What says the words: lstm or transformer.")
  var decoder = "lstm"

  @Option(help: "The number of epochs, instead of the recipe's.")
  var epochs: Int?

  @Option(help: "The number of generated scenes in an epoch, instead of the recipe's.")
  var scenes: Int?

  @Option(help: "The number of pictures in a step.")
  var batch: Int?

  @Option(help: "The highest learning rate, instead of the recipe's.")
  var learningRate: Double?

  @Option(help: "The size of the vectors of words and places, instead of the recipe's.")
  var width: Int?

  @Option(help: "The share of words that are hidden while training, instead of the recipe's.")
  var hide: Double?

  @Option(help: "The fraction that is dropped while training, instead of the recipe's.")
  var dropout: Double?

  @Option(help: "The seed: the same seed gives the same captioner.")
  var seed: UInt64 = 1

  @Flag(help: "Trains a small network briefly, only to show that everything works.")
  var short = false

  func validate() throws {
    guard CaptionSettings.Decoder(rawValue: decoder) != nil else {
      throw ValidationError("--decoder is lstm or transformer, found \(decoder)")
    }
    guard test == nil || data != nil else { throw ValidationError("--test chooses among the pictures of --data DIR") }
    if let test, field(test) == nil { throw ValidationError("--test takes FIELD=WORD, found \(test)") }
    if let fault = recipe.fault { throw ValidationError("cannot train with \(fault)") }
    let batches = recipe.scenesPerEpoch / recipe.batchSize
    guard data != nil || batches >= 1 else {
      throw ValidationError("\(recipe.scenesPerEpoch) scenes fill no step of \(recipe.batchSize)")
    }
  }

  private func field(_ text: String) -> (field: String, word: String)? {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    return parts.count == 2 ? (parts[0], parts[1]) : nil
  }

  private var recipe: CaptionRecipe {
    var recipe = data == nil ? CaptionRecipe.scenes : .pictures
    if short { recipe = recipe.shortened }
    recipe.decoder = CaptionSettings.Decoder(rawValue: decoder) ?? .lstm
    recipe.seed = seed
    if let epochs { recipe.epochs = epochs }
    if let scenes { recipe.scenesPerEpoch = scenes }
    if let batch { recipe.batchSize = batch }
    if let learningRate { recipe.learningRate = learningRate }
    if let width { recipe.width = width }
    if let hide { recipe.wordDropout = hide }
    if let dropout { recipe.dropout = dropout }
    return recipe
  }

  func run() throws {
    let chosen = test.flatMap(field)
    let subject = data.map { CaptionSubject.pictures(folder: $0, field: chosen?.field, word: chosen?.word) } ?? .scenes
    let begin = ContinuousClock.now
    try Captioner.train(
      on: subject, recipe: recipe, keepingIn: output, resuming: resume, callbacks: [.progress, .interruptible])
    print(String(format: "trained in %.0f s; kept in %@", begin.duration(to: .now).seconds, output))
  }
}
