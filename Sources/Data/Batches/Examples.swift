import CNative
import DescentGraph
import DescentTensors

/// A data set in memory: inputs `[count, …]` and targets `[count, …]`.
public struct Examples: Sendable {
  /// All inputs, `[count, …]`, in the element type they are stored in.
  public let storedInputs: Tensor
  /// All targets, `[count, …]`.
  public let targets: Tensor
  /// What stored inputs are multiplied by to become inputs; only for inputs that are stored as integers.
  public let scale: Double

  /// A data set.
  ///
  /// - Parameters:
  ///   - inputs: `[count, …]`. Integers are kept as they are, to save memory, and become Float32 when they are used.
  ///   - targets: `[count, …]`.
  ///   - scale: What integers are multiplied by; 1/255 turns bytes into numbers from 0 to 1.
  /// - Throws: `TensorError` where the numbers of inputs and targets differ.
  public init(inputs: Tensor, targets: Tensor, scale: Double = 1) throws {
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

  private func usable(_ stored: Tensor) -> Tensor {
    stored.elementType.isFloatingPoint ? stored : stored.converted(to: .float32) * scale
  }

  /// Rows of a tensor, gathered in one copy.
  func rows(of tensor: Tensor, _ places: [Int]) throws -> Tensor {
    let source = try tensor.literal()
    var shape = source.type.shape
    let rowBytes = shape[0] == 0 ? 0 : source.type.byteCount / shape[0]
    let rows = shape[0]
    shape[0] = places.count
    let target: HostLiteral
    do throws(OperationError) {
      target = try HostLiteral(uninitialized: source.type.with(shape: shape))
    } catch { throw TensorError(error.operation, error.message) }
    let indices = places.map(Int64.init)
    let wrong = try source.withHostBytes { bytes in
      target.fill { filled in
        dn_gather_rows(
          bytes.baseAddress, Int64(rowBytes), Int64(rows), indices, Int64(indices.count), filled.baseAddress)
      }
    }
    guard wrong < 0 else {
      throw TensorError("gathered", "there is no example \(places[Int(wrong)]) among \(rows)")
    }
    return Tensor(target)
  }
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
