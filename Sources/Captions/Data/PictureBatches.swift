import Descent
import DescentData

/// Pictures with their sentences as batches to learn from: in another order in each epoch, each time a little changed, each
/// with one of its sentences.
public struct PictureBatches: BatchSource {
  private let pictures: CaptionedPictures
  private let encoder: CaptionEncoder
  private let augmentation: Augmentation?
  private let size: Int
  private let seed: UInt64
  public let batchCount: Int

  /// Pictures in batches.
  ///
  /// - Parameters:
  ///   - pictures: The pictures.
  ///   - encoder: Turns sentences into numbers.
  ///   - augmentation: How pictures are changed; `nil` for not at all, in their order.
  ///   - size: The number of pictures in a batch, at least 1; those that fill no batch are left out of an epoch.
  ///   - seed: The seed of orders and changes.
  public init(
    _ pictures: CaptionedPictures, encoder: CaptionEncoder, augmentation: Augmentation? = nil, size: Int,
    seed: UInt64 = 0
  ) {
    (self.pictures, self.encoder, self.augmentation) = (pictures, encoder, augmentation)
    (self.size, self.seed) = (max(1, min(size, pictures.count)), seed)
    batchCount = pictures.count / max(1, min(size, pictures.count))
  }

  public var exampleCount: Int { batchCount * size }

  /// Small changes that leave what a picture shows the same: nothing is mirrored, since an arrow to the left would be one to the
  /// right.
  public static let usualChanges = Augmentation(
    fill: nil, .rotated(within: -8...8), .moved(by: 0.08), .scaled(within: 0.85...1.15), .brightness(0.8...1.2),
    .contrast(0.8...1.2), .saturation(0.7...1.3), .noise(0...0.03))

  public func batch(_ index: Int, epoch: Int) throws -> CaptionBatch {
    guard (0..<batchCount).contains(index) else {
      throw TensorError("batch", "there is no batch \(index) among \(batchCount)")
    }
    let range = index * size..<(index + 1) * size
    guard let augmentation else {
      let sentences = range.map { pictures.entries[$0].sentences[0] }
      return CaptionBatch(pictures: pictures.numbers(range), sentences: sentences, encoder)
    }
    let order = shuffledIndices(
      count: pictures.count, seed: seed &+ UInt64(bitPattern: Int64(epoch)) &* 0x9E37_79B9_7F4A_7C15)
    let places = range.map { order[$0] }
    let sentences = places.map { place in
      var random = ElementRandom(seed: ~seed, epoch: epoch, index: place)
      let own = pictures.entries[place].sentences
      return own[random.place(below: own.count)]
    }
    let changed = try augmentation.batch(of: pictures.pixels, places, seed: seed, epoch: epoch)
    return CaptionBatch(
      pictures: changed, sentences: sentences, encoder, firstExample: epoch &* exampleCount &+ index * size)
  }
}
