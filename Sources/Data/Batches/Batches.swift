import DescentGraph
import DescentTensors

/// A data set in batches, in a new order for each epoch where it is shuffled.
public final class Batches: BatchSource {
  private let examples: Examples
  /// The number of examples in every batch but perhaps the last.
  public let size: Int
  private let seed: UInt64?
  /// The number of batches in an epoch.
  public let batchCount: Int
  /// The number of examples in an epoch.
  public let exampleCount: Int
  /// The order of the epoch that was asked for last.
  private let order = Guarded<(epoch: Int, places: [Int])?>(nil)

  init(_ examples: Examples, size: Int, shuffled: Bool, seed: UInt64, droppingRemainder: Bool) {
    self.examples = examples
    self.size = size
    self.seed = shuffled ? seed : nil
    // A size that makes no sense is told by the first batch that is asked for.
    let divisor = max(1, size)
    let whole = examples.count / divisor
    batchCount = droppingRemainder || examples.count % divisor == 0 ? whole : whole + 1
    exampleCount = droppingRemainder ? whole * divisor : examples.count
  }

  /// One batch.
  ///
  /// - Throws: `TensorError` where there is no such batch, the batch size is not positive, or memory runs out.
  public func batch(_ index: Int, epoch: Int) throws -> Batch {
    guard size >= 1 else { throw TensorError("batched", "the batch size \(size) is not positive") }
    guard (0..<batchCount).contains(index) else {
      throw TensorError("batch", "there is no batch \(index) among \(batchCount)")
    }
    let range = index * size..<min(examples.count, (index + 1) * size)
    return try examples.gathered(places(epoch, range))
  }

  private func places(_ epoch: Int, _ range: Range<Int>) -> [Int] {
    guard let seed else { return Array(range) }
    return order.withLock { order in
      if let order, order.epoch == epoch { return Array(order.places[range]) }
      let mixed = seed &+ UInt64(bitPattern: Int64(epoch)) &* 0x9E37_79B9_7F4A_7C15
      let places = shuffledIndices(count: examples.count, seed: mixed)
      order = (epoch, places)
      return Array(places[range])
    }
  }
}
