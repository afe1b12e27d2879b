import DescentGraph
import DescentTensors
import Foundation

/// Batches in which each example is a mixture of two: of their inputs, and of their classes as probabilities; made by
/// `mixed(_:classes:seed:)` and `cutMixed(_:classes:seed:)`.
public struct MixedBatches: BatchSource {
  /// How inputs are mixed.
  enum Way {
    /// Number by number.
    case blending
    /// By a rectangle of one in the other.
    case cutting
  }

  private let way: Way
  private let source: any BatchSource<Batch>
  private let strength: Double
  private let classes: Int
  private let seed: UInt64

  init(_ way: Way, of source: any BatchSource<Batch>, strength: Double, classes: Int, seed: UInt64) {
    self.way = way
    (self.source, self.strength, self.classes, self.seed) = (source, strength, classes, seed)
  }

  /// The function that makes it, as errors name it.
  private var name: String { way == .blending ? "mixed" : "cutMixed" }

  /// The number of batches in an epoch.
  public var batchCount: Int { source.batchCount }
  /// The number of examples in an epoch.
  public var exampleCount: Int { source.exampleCount }

  /// One batch: inputs as they were, and targets `[batch, classes]`.
  ///
  /// - Throws: `TensorError` where the strength or the number of classes is not positive, targets are not class numbers or inputs to
  ///   be cut are not pictures; and what the source throws.
  public func batch(_ index: Int, epoch: Int) throws -> Batch {
    guard strength > 0, strength.isFinite, classes > 0 else {
      throw TensorError(name, "a strength of \(strength) and \(classes) classes, where both have to be positive")
    }
    let batch = try source.batch(index, epoch: epoch)
    guard batch.target.rank == 1, batch.target.elementType.isInteger, batch.input.elementType.isFloatingPoint,
      batch.input.rank >= 1, batch.input.shape[0] == batch.target.shape[0]
    else {
      throw TensorError(
        name,
        "needs floating-point inputs, [batch, …], and class numbers, [batch], found \(batch.input.elementType)"
          + " \(batch.input.shape) and"
          + " \(batch.target.elementType) \(batch.target.shape)")
    }
    guard way == .blending || batch.input.rank == 4 else {
      throw TensorError(name, "takes pictures [batch, height, width, channels], found \(batch.input.shape)")
    }
    var random = ElementRandom(seed: seed, epoch: epoch, index: index)
    let count = batch.target.shape[0]
    let partners = shuffledIndices(count: count, seed: random.next())
    var shares = (0..<count).map { _ in random.beta(strength) }
    func blended(_ tensor: Tensor) throws -> Tensor {
      let others = try Stacking.gather(tensor, partners, name)
      let shape = Shape([count] + Array(repeating: 1, count: tensor.rank - 1))
      let share = Tensor(shares, shape: shape, tensor.elementType)
      return others + share * (tensor - others)
    }
    let input: Tensor
    switch way {
    case .blending: input = try blended(batch.input)
    case .cutting:
      let (height, width) = (batch.input.shape[1], batch.input.shape[2])
      let cuts = shares.map { Cut(of: 1 - $0, height, width, &random) }
      // At the edges a rectangle loses a part of its area.
      shares = cuts.map { 1 - Double($0.area) / Double(max(1, height * width)) }
      let isCut = cuts.flatMap { cut in
        (0..<height).flatMap { y in (0..<width).map { cut.rows.contains(y) && cut.columns.contains($0) } }
      }
      let mask = Tensor(isCut).reshaped([count, height, width, 1])
      input = `where`(mask, try Stacking.gather(batch.input, partners, name), batch.input)
    }
    let target = try blended(batch.target.oneHot(count: classes, batch.input.elementType))
    let result = Batch(input: input, target: target)
    // Computed here, on the thread that prepares batches, rather than in the step.
    try evaluate(result.input, result.target)
    return result
  }

  /// The batches of the source as one learns from them, mixed.
  public var dealtForTraining: any BatchSource<Batch> {
    MixedBatches(way, of: source.dealtForTraining, strength: strength, classes: classes, seed: seed)
  }
}

/// A rectangle of a picture.
private struct Cut {
  let rows: Range<Int>
  let columns: Range<Int>

  /// One of a part of the picture's area and of its proportions, somewhere in it.
  init(of part: Double, _ height: Int, _ width: Int, _ random: inout ElementRandom) {
    let half = part.squareRoot() / 2
    func range(_ size: Int) -> Range<Int> {
      let center = (random.unit() * Double(size)).rounded(.down)
      let first = max(0, Int((center - half * Double(size)).rounded()))
      return first..<max(first, min(size, Int((center + half * Double(size)).rounded())))
    }
    (rows, columns) = (range(height), range(width))
  }

  /// The number of pixels in it.
  var area: Int { rows.count * columns.count }
}

extension BatchSource where Batch == DescentData.Batch {
  /// Batches in which each example is mixed with another of its batch, inputs and classes alike (mixup).
  ///
  /// The share of an example is drawn from the beta distribution B(strength, strength). Targets become probabilities,
  /// `[batch, classes]`, which the loss has to take. Source: Zhang et al., *mixup: Beyond Empirical Risk Minimization*, 2018.
  ///
  /// - Parameters:
  ///   - strength: The parameter α of the distribution: from close to 0, which mixes little, to 1, which mixes evenly.
  ///   - classes: The number of classes.
  ///   - seed: The seed of what is mixed.
  public func mixed(_ strength: Double = 0.2, classes: Int, seed: UInt64 = 0) -> MixedBatches {
    MixedBatches(.blending, of: self, strength: strength, classes: classes, seed: seed)
  }

  /// Batches of pictures in which a rectangle of each is that of another one of its batch, and classes have the parts of the area
  /// (CutMix).
  ///
  /// Of each picture the part that is drawn from the beta distribution B(strength, strength) stays, and what the rectangle
  /// loses at the edges. Targets become probabilities, `[batch, classes]`, which the loss has to take. Source: Yun et al., *CutMix:
  /// Regularization Strategy to Train Strong Classifiers with Localizable Features*, 2019.
  ///
  /// - Parameters:
  ///   - strength: The parameter α of the distribution; 1 draws all parts alike.
  ///   - classes: The number of classes.
  ///   - seed: The seed of what is mixed.
  public func cutMixed(_ strength: Double = 1, classes: Int, seed: UInt64 = 0) -> MixedBatches {
    MixedBatches(.cutting, of: self, strength: strength, classes: classes, seed: seed)
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
