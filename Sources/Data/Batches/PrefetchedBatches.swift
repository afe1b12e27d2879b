import DescentTensors

/// The batches of an epoch, some of which are made ahead of their use by threads of their own.
///
/// The threads end when all batches have been made, when making one has failed, and when nobody holds the sequence any
/// longer.
public struct PrefetchedBatches<Batch: Sendable>: Sequence, IteratorProtocol {
  /// One for each thread, which makes each so-many-th batch.
  private let prefetchers: [Prefetcher<Batch>]
  private var index = 0
  private var hasFailed = false

  init(
    count: Int, first: Int, ahead: Int, workers: Int, make: @escaping @Sendable (Int) throws -> Batch
  ) {
    let workers = Swift.max(1, Swift.min(workers, count - first))
    prefetchers = (0..<workers).map { worker in
      let own = (Swift.max(0, count - first) + workers - 1 - worker) / workers
      return Prefetcher(count: own, depth: Swift.max(1, ahead / workers)) { place in
        try make(first + worker + place * workers)
      }
    }
  }

  /// The next batch, or the error that making it threw, after which there are no more.
  public mutating func next() -> Result<Batch, any Error>? {
    guard !hasFailed else { return nil }
    let prefetcher = prefetchers[index % prefetchers.count]
    index += 1
    do { return try prefetcher.next().map(Result.success) } catch {
      hasFailed = true
      return .failure(error)
    }
  }
}

extension BatchSource {
  /// The batches of an epoch, made ahead of their use on threads of their own: for loops of one's own, as ``Trainer`` does it.
  ///
  /// ```swift
  /// for batch in batches.prefetched(epoch: epoch, workers: 2) { try step(try batch.get()) }
  /// ```
  ///
  /// - Parameters:
  ///   - epoch: Which pass over the examples.
  ///   - first: The batch to begin with, where a run goes on.
  ///   - ahead: How many batches may wait to be used.
  ///   - workers: How many threads make batches; they come in order all the same.
  public func prefetched(
    epoch: Int, from first: Int = 0, ahead: Int = 4, workers: Int = 1
  ) -> PrefetchedBatches<Batch> {
    PrefetchedBatches(count: batchCount, first: Swift.max(0, first), ahead: ahead, workers: workers) {
      try batch($0, epoch: epoch)
    }
  }
}
