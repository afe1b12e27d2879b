import DescentGraph
import DescentTensors
import Foundation

/// Batches in which each example is a mixture of two: of their inputs, and of their classes as probabilities.
///
/// Source: Zhang et al., *mixup: Beyond Empirical Risk Minimization*, 2018.
public struct MixedBatches: BatchSource {
  private let source: any BatchSource<Batch>
  private let strength: Double
  private let classes: Int
  private let seed: UInt64

  init(_ source: any BatchSource<Batch>, strength: Double, classes: Int, seed: UInt64) {
    (self.source, self.strength, self.classes, self.seed) = (source, strength, classes, seed)
  }

  /// The number of batches in an epoch.
  public var batchCount: Int { source.batchCount }
  /// The number of examples in an epoch.
  public var exampleCount: Int { source.exampleCount }

  /// One batch: inputs as they were, and targets `[batch, classes]`.
  ///
  /// - Throws: `TensorError` where the strength or the number of classes is not positive, or targets are not class numbers; and
  ///   what the source throws.
  public func batch(_ index: Int, epoch: Int) throws -> Batch {
    guard strength > 0, strength.isFinite, classes > 0 else {
      throw TensorError("mixed", "a strength of \(strength) and \(classes) classes, where both have to be positive")
    }
    let batch = try source.batch(index, epoch: epoch)
    guard batch.target.rank == 1, batch.target.elementType.isInteger, batch.input.elementType.isFloatingPoint,
      batch.input.rank >= 1, batch.input.shape[0] == batch.target.shape[0]
    else {
      throw TensorError(
        "mixed",
        "needs floating-point inputs, [batch, …], and class numbers, [batch], found \(batch.input.elementType)"
          + " \(batch.input.shape) and"
          + " \(batch.target.elementType) \(batch.target.shape)")
    }
    var random = ElementRandom(seed: seed, epoch: epoch, index: index)
    let count = batch.target.shape[0]
    let partners = shuffledIndices(count: count, seed: random.next())
    let shares = (0..<count).map { _ in random.beta(strength) }
    func mixed(_ tensor: Tensor) throws -> Tensor {
      let others = try Stacking.gather(tensor, partners, "mixed")
      let shape = Shape([count] + Array(repeating: 1, count: tensor.rank - 1))
      let share = Tensor(shares, shape: shape, tensor.elementType)
      return others + share * (tensor - others)
    }
    let target = batch.target.oneHot(count: classes, batch.input.elementType)
    let result = Batch(input: try mixed(batch.input), target: try mixed(target))
    // Computed here, on the thread that prepares batches, rather than in the step.
    try evaluate(result.input, result.target)
    return result
  }

  /// The batches of the source as one learns from them, mixed.
  public var dealtForTraining: any BatchSource<Batch> {
    MixedBatches(source.dealtForTraining, strength: strength, classes: classes, seed: seed)
  }
}

extension BatchSource where Batch == DescentData.Batch {
  /// Batches in which each example is mixed with another of its batch, inputs and classes alike (mixup).
  ///
  /// The share of an example is drawn from the beta distribution B(strength, strength). Targets become probabilities,
  /// `[batch, classes]`, which the loss has to take.
  ///
  /// - Parameters:
  ///   - strength: The parameter α of the distribution: from close to 0, which mixes little, to 1, which mixes evenly.
  ///   - classes: The number of classes.
  ///   - seed: The seed of what is mixed.
  public func mixed(_ strength: Double = 0.2, classes: Int, seed: UInt64 = 0) -> MixedBatches {
    MixedBatches(self, strength: strength, classes: classes, seed: seed)
  }
}

extension ElementRandom {
  /// A number from the beta distribution of two equal parameters: the share of one of two gamma-distributed numbers.
  fileprivate mutating func beta(_ parameter: Double) -> Double {
    let (a, b) = (gamma(parameter), gamma(parameter))
    return a + b > 0 ? a / (a + b) : unit() < 0.5 ? 0 : 1
  }

  /// A number from a gamma distribution (Marsaglia and Tsang, *A simple method for generating gamma variables*, 2000).
  private mutating func gamma(_ shape: Double) -> Double {
    // Below 1 the method needs one more, and a power of a uniform number.
    if shape < 1 { return gamma(shape + 1) * pow(1 - unit(), 1 / shape) }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let normal = (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
      let v = 1 + c * normal
      guard v > 0 else { continue }
      let cube = v * v * v
      if log(1 - unit()) < 0.5 * normal * normal + d - d * cube + d * log(cube) { return d * cube }
    }
  }
}
