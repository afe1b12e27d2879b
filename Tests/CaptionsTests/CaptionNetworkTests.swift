import Descent
import Testing

@testable import DescentCaptions

/// The network from pixels to words.
@Suite struct CaptionNetworkTests {
  /// A batch of two sentences of different lengths.
  private func batch(_ elementType: ElementType = .float32) -> CaptionBatch {
    let encoder = CaptionEncoder(smallVocabulary, length: 6)
    var batch = CaptionBatch(pictures: samplePictures(2, elementType), sentences: ["red, green", "blue"], encoder)
    batch.mask = batch.mask.converted(to: elementType)
    return batch
  }

  /// One gradient runs from the words back into the pixels: it is that of finite differences, and not zero.
  @Test(arguments: CaptionSettings.Decoder.allCases)
  func theGradientRunsIntoThePixels(_ decoder: CaptionSettings.Decoder) throws {
    let network = try smallNetwork(decoder).map { $0.converted(to: .float64) }
    let batch = batch(.float64)
    func loss(_ pictures: Tensor) -> Tensor {
      var own = batch
      own.pictures = pictures
      return network.loss(own).loss
    }
    let slope = try gradient(at: batch.pictures) { loss($0) }.scalars()
    #expect(slope.count { $0 != 0 } > slope.count / 2)
    let pixels = try batch.pictures.scalars()
    // A positive part has no derivative at 0, which a step must not cross: a short one, of which Float64 has enough digits.
    let step = 1e-6
    for place in stride(from: 0, to: pixels.count, by: 13) {
      func value(_ shift: Double) throws -> Double {
        var moved = pixels
        moved[place] += shift
        return try loss(Tensor(moved, shape: batch.pictures.shape, .float64)).item()
      }
      let wanted = (try value(step) - value(-step)) / (2 * step)
      #expect(
        abs(slope[place] - wanted) < 1e-7 + 1e-4 * abs(wanted), "pixel \(place): \(slope[place]) is not \(wanted)")
    }
  }

  /// The gradient of a training pass, in which the batch's statistics normalize, reaches every parameter.
  @Test(arguments: CaptionSettings.Decoder.allCases)
  func trainingReachesEveryParameter(_ decoder: CaptionSettings.Decoder) throws {
    let network = try smallNetwork(decoder)
    let batch = batch()
    let slope = try training(network, seed: 1) { network in
      try gradient(at: network) { $0.loss(batch).loss }
    }.result
    for leaf in try ModelTree(slope).leaves {
      guard let tensor = leaf.tensor, !leaf.path.hasSuffix("mean"), !leaf.path.hasSuffix("variance") else { continue }
      // Keys' biases move all products of a query alike, which the softmax does not see.
      guard !leaf.path.hasSuffix("key.bias") else { continue }
      #expect(try tensor.floats().contains { $0 != 0 }, "\(leaf.path)")
    }
  }

  @Test func paddingCountsNothing() throws {
    let network = try smallNetwork(.lstm)
    let batch = batch()
    let loss = try network.loss(batch).loss.item()
    var other = batch
    // What stands where nothing is to be said does not matter.
    let isSaid = batch.mask .> 0.5
    let seven = Tensor(integers: [Int](repeating: 7, count: 12), shape: [2, 6])
    other.words = `where`(
      concatenated([Tensor(ones: [2, 1], .bool), isSaid[0..., 0..<5]], axis: 1), batch.words, seven)
    other.next = `where`(isSaid, batch.next, seven)
    #expect(try other.words.integers() != batch.words.integers())
    #expect(abs(try network.loss(other).loss.item() - loss) < 1e-6)
    // It is the mean over words that are to be said, not over all.
    let logits = network(CaptionQuestion(pictures: batch.pictures, words: batch.words))
    let terms = softmaxCrossEntropy(logits, batch.next, reduction: .none)
    let said = try batch.mask.sum().item()
    #expect(said == 6)
    #expect(abs(try (terms * batch.mask).sum().item() / said - loss) < 1e-5)
  }

  /// Word by word, with what is carried, a network says the same as for the whole sentence at once.
  @Test(arguments: CaptionSettings.Decoder.allCases)
  func wordByWordIsTheSameAsAtOnce(_ decoder: CaptionSettings.Decoder) throws {
    let network = try smallNetwork(decoder)
    let pictures = samplePictures(3)
    let words = Tensor(integers: (0..<18).map { $0 % 9 }, shape: [3, 6])
    let whole = network(CaptionQuestion(pictures: pictures, words: words))
    let speaker = CaptionSpeaker(network: network)
    var state = speaker.beginning(pictures)
    for place in 0..<6 {
      let (logits, next) = try speaker.logits(words[0..., place..<place + 1], from: state)
      state = next
      let (found, wanted) = (try logits[0..., 0].floats(), try whole[0..., place].floats())
      for (number, (a, b)) in zip(found, wanted).enumerated() {
        // Marks but that of the end are not said.
        if [0, 1, 3].contains(number % 9) { #expect(a == -.infinity) } else { #expect(abs(a - b) < 1e-5) }
      }
    }
  }

  @Test func theLookIsAShareOfEachPlace() throws {
    let network = try smallNetwork(.lstm)
    let view = network.eye(samplePictures(2))
    #expect(view.places.shape == [2, 16, 8])
    let (logits, weights) = network.said(Tensor(ones: [2, 5, 8]), seeing: view)
    #expect(logits.shape == [2, 5, 9])
    #expect(weights.shape == [2, 5, 16])
    for sum in try weights.sum(axes: [2]).floats() { #expect(abs(sum - 1) < 1e-5) }
  }

  @Test func settingsThatMakeNoSenseAreNamed() {
    var settings = CaptionSettings(words: 9, length: 5)
    #expect(settings.fault == nil)
    settings.filters = []
    #expect(settings.fault == "the filters []; there are 1 to 8 stages of 1 to 4096")
    settings.filters = [4, 4, 4, 4, 4]
    #expect(settings.fault == nil)
    settings.filters = [4, 4, 4, 4, 4, 4]
    #expect(settings.fault == "6 stages, which leave nothing of 36 pixels")
    settings = CaptionSettings(words: 9, length: 5)
    (settings.decoder, settings.heads) = (.transformer, 3)
    #expect(settings.fault == "3 heads, which do not divide a width of 128")
    settings.heads = 0
    #expect(settings.fault == "0 heads, which do not divide a width of 128")
    settings.decoder = .lstm
    settings.dropout = 1
    #expect(settings.fault == "a dropout of 1.0, outside 0..<1")
  }
}
