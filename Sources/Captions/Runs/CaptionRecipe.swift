import Descent
import DescentFiles

/// How a captioner is trained: what it is built like, on how much, how fast.
public struct CaptionRecipe: Codable, Hashable, Sendable {
  /// What says the words.
  public var decoder = CaptionSettings.Decoder.lstm
  /// The height and width of the pictures in pixels.
  public var side: Int
  /// The filters of the convolutions' stages.
  public var filters: [Int]
  /// The size of the vectors of words and places.
  public var width: Int
  /// The number of the decoder's layers.
  public var layers = 1
  /// The fraction that is dropped while training.
  public var dropout: Double
  /// The share of the given words that are hidden while training; see `CaptionEncoder`.
  public var wordDropout: Double
  /// The number of epochs.
  public var epochs: Int
  /// The number of generated scenes in an epoch; pictures are as many as there are.
  public var scenesPerEpoch: Int
  /// The number of pictures in a step.
  public var batchSize = 64
  /// The highest learning rate, reached after three tenths of the steps.
  public var learningRate = 3e-3
  /// By how much weights decay.
  public var weightDecay = 0.02
  /// The seed of scenes, orders, initial values and dropout.
  public var seed: UInt64 = 1

  /// For generated scenes.
  public static let scenes = CaptionRecipe(
    side: 36, filters: [16, 32, 64], width: 128, dropout: 0, wordDropout: 0.3, epochs: 36, scenesPerEpoch: 9_600)
  /// For a few thousand pictures.
  public static let pictures = CaptionRecipe(
    side: 32, filters: [32, 64, 128], width: 192, dropout: 0.4, wordDropout: 0.3, epochs: 60, scenesPerEpoch: 0)

  /// The recipe for seeing that everything works: of a captioner that has learned little.
  public var shortened: CaptionRecipe {
    var recipe = self
    (recipe.filters, recipe.width) = ([8, 16, 16], 32)
    (recipe.epochs, recipe.scenesPerEpoch) = (2, 640)
    return recipe
  }

  /// The settings of the network for a vocabulary.
  func settings(words: Int, length: Int) -> CaptionSettings {
    var settings = CaptionSettings(words: words, length: length)
    (settings.decoder, settings.side, settings.filters) = (decoder, side, filters)
    (settings.width, settings.layers, settings.dropout) = (width, layers, dropout)
    return settings
  }

  /// What makes no sense, in one line; `nil` for nothing.
  public var fault: String? {
    let most = 1_000_000
    if let fault = settings(words: 8, length: 8).fault { return fault }
    if !(0..<1).contains(wordDropout) { return "a share of \(wordDropout) hidden words, outside 0..<1" }
    if !(1...most).contains(epochs) { return "\(epochs) epochs, outside 1...\(most.grouped)" }
    if !(0...most).contains(scenesPerEpoch) { return "\(scenesPerEpoch) scenes, outside 0...\(most.grouped)" }
    if !(1...65_536).contains(batchSize) { return "\(batchSize) pictures in a step, outside 1...65,536" }
    if !(learningRate > 0 && learningRate.isFinite) { return "a learning rate of \(learningRate)" }
    if !(weightDecay >= 0 && weightDecay.isFinite) { return "a weight decay of \(weightDecay)" }
    return nil
  }
}
