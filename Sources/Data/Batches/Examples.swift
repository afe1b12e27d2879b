import DescentGraph
import DescentTensors

/// A data set in memory: inputs `[count, …]` and targets `[count, …]`.
public struct Examples: Sendable {
  /// All inputs, `[count, …]`, in the element type they are stored in.
  public let storedInputs: Tensor
  /// All targets, `[count, …]`.
  public let targets: Tensor
  /// What stored inputs are multiplied by to become inputs, integers as Float32; `nil` where inputs are what is stored.
  public let scale: Double?

  /// A data set.
  ///
  /// - Parameters:
  ///   - inputs: `[count, …]`, in any element type; integers, such as indices of words, stay integers.
  ///   - targets: `[count, …]`.
  ///   - scale: What inputs are multiplied by when they are used, integers as Float32: 1/255 turns bytes into numbers from 0
  ///     to 1 and keeps them bytes, a quarter of the memory, until then.
  /// - Throws: `TensorError` where the numbers of inputs and targets differ.
  public init(inputs: Tensor, targets: Tensor, scale: Double? = nil) throws {
    for tensor in [inputs, targets] { if let error = tensor.error { throw error } }
    guard inputs.rank >= 1, targets.rank >= 1 else {
      throw TensorError("Examples", "inputs \(inputs.shape) and targets \(targets.shape) need an axis of examples each")
    }
    guard inputs.shape[0] == targets.shape[0] else {
      throw TensorError("Examples", "inputs \(inputs.shape) and targets \(targets.shape) differ in number")
    }
    storedInputs = inputs
    self.targets = targets
    self.scale = scale
  }

  /// The number of examples.
  public var count: Int { targets.shape[0] }

  /// All inputs as the model takes them, `[count, …]`.
  public var inputs: Tensor { usable(storedInputs) }

  /// The examples in batches.
  ///
  /// - Parameters:
  ///   - size: The number of examples in a batch.
  ///   - shuffled: Whether each epoch has an order of its own.
  ///   - seed: The seed of the orders.
  ///   - droppingRemainder: Whether examples that do not fill a last batch are left out of an epoch.
  public func batched(
    _ size: Int, shuffled: Bool = true, seed: UInt64 = 0, droppingRemainder: Bool = false
  ) -> Batches {
    Batches(self, size: size, shuffled: shuffled, seed: seed, droppingRemainder: droppingRemainder)
  }

  /// The examples at the given places, gathered in one copy.
  ///
  /// - Throws: `TensorError` where a place does not exist or memory runs out.
  public func gathered(_ places: [Int]) throws -> Batch {
    let input = usable(try rows(of: storedInputs, places))
    // Converted here, on the thread that prepares batches, rather than in the step.
    try evaluate(input)
    return Batch(input: input, target: try rows(of: targets, places))
  }

  /// The examples as a data set, whose methods make others of it.
  public var dataset: Dataset<Batch> {
    Dataset(count: count, gather: { places, _ in try gathered(places) }) { index, _ in
      let batch = try gathered([index])
      return Batch(input: batch.input[0], target: batch.target[0])
    }
  }

  private func usable(_ stored: Tensor) -> Tensor {
    guard let scale else { return stored }
    return (stored.elementType.isFloatingPoint ? stored : stored.converted(to: .float32)) * scale
  }

  /// Rows of a tensor, gathered in one copy.
  func rows(of tensor: Tensor, _ places: [Int]) throws -> Tensor { try Stacking.gather(tensor, places, "gathered") }
}

extension Examples: BatchSource {
  private static let batchSize = 256
  private var wholeBatches: Batches { batched(Self.batchSize, shuffled: false) }
  /// The examples in shuffled batches of 256.
  public var dealtForTraining: any BatchSource<Batch> { batched(Self.batchSize) }
  /// The number of batches of 256 that a pass over the examples takes.
  public var batchCount: Int { wholeBatches.batchCount }
  /// The number of examples.
  public var exampleCount: Int { count }
  /// Up to 256 examples, in the order in which they are stored.
  public func batch(_ index: Int, epoch: Int) throws -> Batch { try wholeBatches.batch(index, epoch: epoch) }
}
