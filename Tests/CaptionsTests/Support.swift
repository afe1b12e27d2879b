import Descent
import TestSupport

@testable import DescentCaptions

/// A network of few parameters, for pictures of 8 pixels and a few words.
func smallNetwork(
  _ decoder: CaptionSettings.Decoder, words: Int = 9, length: Int = 6, side: Int = 8, seed: UInt64 = 3
) throws -> CaptionNetwork {
  var settings = CaptionSettings(words: words, length: length)
  (settings.decoder, settings.side, settings.filters) = (decoder, side, [3, 4])
  (settings.width, settings.heads, settings.layers) = (8, 2, 2)
  return try CaptionNetwork(settings).initialized(for: CaptionQuestion.example(settings), seed: seed)
}

/// Pictures that look random and are the same every time.
func samplePictures(_ count: Int, side: Int = 8, _ elementType: ElementType = .float32) -> Tensor {
  RandomKey(seed: 11).uniform([count, side, side, 3]).converted(to: elementType)
}

/// A vocabulary of five words in addition to the marks.
let smallVocabulary = CaptionVocabulary(sentences: ["red, green", "blue red", "red green"])

/// Whether this machine has the library that reads PNG files.
let canReadPNG: Bool = {
  guard let file = try? Picture(width: 1, height: 1).encodedPNG() else { return false }
  return (try? Picture(file: file, path: "probe")) != nil
}()

/// A recipe for a captioner that learns nothing, in a second.
let tinyRecipe: CaptionRecipe = {
  var recipe = CaptionRecipe.scenes
  (recipe.side, recipe.filters, recipe.width) = (12, [2, 3], 8)
  (recipe.epochs, recipe.scenesPerEpoch, recipe.batchSize) = (2, 12, 4)
  recipe.dropout = 0.1
  return recipe
}()
