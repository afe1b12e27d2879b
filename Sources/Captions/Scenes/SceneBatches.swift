import Descent

/// Generated scenes as batches to learn from, other ones in each epoch.
public struct SceneBatches: BatchSource {
  private let generator: SceneGenerator
  private let encoder: CaptionEncoder
  private let side: Int
  private let size: Int
  /// The number of batches in an epoch.
  public let batchCount: Int

  /// Scenes of a generator.
  ///
  /// - Parameters:
  ///   - generator: Makes the scenes, whose numbers go on from epoch to epoch.
  ///   - encoder: Turns sentences into numbers.
  ///   - side: The height and width of the pictures in pixels.
  ///   - count: The number of scenes in an epoch.
  ///   - size: The number of scenes in a batch, at least 1.
  public init(_ generator: SceneGenerator, encoder: CaptionEncoder, side: Int, count: Int, size: Int) {
    (self.generator, self.encoder, self.side, self.size) = (generator, encoder, side, max(1, size))
    batchCount = count / max(1, size)
  }

  public var exampleCount: Int { batchCount * size }

  public func batch(_ index: Int, epoch: Int) throws -> CaptionBatch {
    guard (0..<batchCount).contains(index) else {
      throw TensorError("batch", "there is no batch \(index) among \(batchCount)")
    }
    let first = (epoch * batchCount + index) * size
    let examples = (first..<first + size).map { generator.example($0) }
    return try CaptionBatch(
      pictures: Scene.pictures(of: examples.map(\.scene), side: side), sentences: examples.map(\.sentence), encoder,
      firstExample: first)
  }
}
