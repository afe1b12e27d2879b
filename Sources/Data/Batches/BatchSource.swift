import DescentTensors

/// Where batches come from: any batch of any epoch can be asked for, in any order and from any thread.
///
/// That a batch depends on its numbers alone is what makes a run that was interrupted go on with the same batches.
///
/// A batch is a ``Batch`` of two tensors, a ``PairedBatch`` of other inputs and targets, or a value of one's own: any
/// structure that is `Codable` and `Sendable`.
public protocol BatchSource<Batch>: Sendable {
  /// What a batch is.
  associatedtype Batch: Codable & Sendable

  /// The number of batches in an epoch.
  var batchCount: Int { get }
  /// The number of examples in an epoch.
  var exampleCount: Int { get }

  /// One batch.
  ///
  /// - Parameters:
  ///   - index: Which batch of the epoch, `0..<batchCount`.
  ///   - epoch: Which pass over the examples, counted from 0; sources that shuffle have a new order for each.
  /// - Throws: where the batch cannot be read or made.
  func batch(_ index: Int, epoch: Int) throws -> Batch

  /// The same examples as one learns from them: in another order in each epoch, where the source leaves that open.
  ///
  /// A source that says nothing of it deals its batches out as they are.
  var dealtForTraining: any BatchSource<Batch> { get }
}

extension BatchSource {
  public var dealtForTraining: any BatchSource<Batch> { self }

  /// The batches of an epoch, one after the other, made as they are asked for.
  public func epoch(_ epoch: Int) -> some Sequence<Result<Batch, any Error>> {
    (0..<batchCount).lazy.map { index in Result { try batch(index, epoch: epoch) } }
  }
}
