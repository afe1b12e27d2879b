import DescentGraph
import DescentTensors

extension DataStream where Element: Codable & Sendable {
  /// The stream's elements as the batches of epochs, for `Trainer.fit`: each epoch has as many, the next one goes on where the last
  /// one ended, and a stream that ends begins again.
  ///
  /// ```swift
  /// let batches = stream.shuffled(buffer: 10_000, seed: 1).map(example).batched(64).epochs(of: 1_000)
  /// try trainer.fit(batches, epochs: 10, callbacks: [.checkpoint("runs/stream")])
  /// ```
  ///
  /// A run that goes on from a checkpoint has the same batches: the stream is walked to its place again. A stream that shuffles
  /// has the same order each time it begins again.
  ///
  /// - Parameters:
  ///   - batches: The number of batches in an epoch, at least 1.
  ///   - examples: The number of examples in an epoch, for reports; the number of batches where none is given.
  public func epochs(of batches: Int, examples: Int? = nil) -> StreamBatches<Element, Place> {
    StreamBatches(self, batches, examples ?? batches)
  }
}

/// The elements of a stream as batches; made by `epochs(of:examples:)`.
public struct StreamBatches<Batch: Codable & Sendable, Place: Codable & Sendable>: BatchSource {
  /// A stream, and the number of the batch that it gives next.
  private struct Walk: Sendable {
    var stream: DataStream<Batch, Place>
    var number = 0
  }

  /// Where batches were asked for last.
  private final class SharedWalk: Sendable {
    let walk: Guarded<Walk>
    init(_ walk: Walk) { self.walk = Guarded(walk) }
  }

  private let begin: DataStream<Batch, Place>
  private let current: SharedWalk
  /// The number of batches in an epoch.
  public let batchCount: Int
  /// The number of examples in an epoch.
  public let exampleCount: Int

  init(_ stream: DataStream<Batch, Place>, _ batchCount: Int, _ exampleCount: Int) {
    begin = stream
    current = SharedWalk(Walk(stream: stream))
    (self.batchCount, self.exampleCount) = (max(1, batchCount), exampleCount)
  }

  /// One batch.
  ///
  /// - Throws: what the stream throws; `TensorError` where it holds nothing.
  /// - Complexity: that of making the batch where it follows the one before, else of making all up to it.
  public func batch(_ index: Int, epoch: Int) throws -> Batch {
    let (number, begin) = (epoch * batchCount + index, begin)
    return try current.walk.withLock { walk in
      if number < walk.number { walk = Walk(stream: begin) }
      while true {
        let batch = try Self.next(&walk.stream, begin)
        walk.number += 1
        if walk.number > number { return batch }
      }
    }
  }

  private static func next(
    _ stream: inout DataStream<Batch, Place>, _ begin: DataStream<Batch, Place>
  ) throws -> Batch {
    if let batch = try stream.next() { return batch }
    stream = begin
    guard let batch = try stream.next() else { throw TensorError("epochs", "the stream holds no batches") }
    return batch
  }
}
