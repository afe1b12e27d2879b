import DescentData
import Foundation

/// Policy gradients with parameter-based exploration: individuals are drawn in mirrored pairs; the center moves by ClipUp
/// along the gradient of the differences within pairs, and each coordinate's standard deviation along that of how good the
/// pairs are. For policies with many parameters.
///
/// Only the order of values counts. Sources: Sehnke and others, *Parameter-exploring policy gradients*, 2010; Toklu,
/// Liskowski, Srivastava, *ClipUp: a simple and powerful optimizer for distribution-based policy evolution*, 2020.
public struct PGPE: DistributionStrategy, Hashable {
  /// How many individuals a generation has: an even number.
  public let populationSize: Int
  /// How far the center moves in a generation at most.
  public let mostSpeed: Double
  /// The momentum of the center.
  public let momentum: Double
  /// The learning rate of the standard deviations.
  public let deviationRate: Double
  /// What sets its random numbers apart from others.
  public let seed: UInt64
  /// How many generations have been told.
  public private(set) var generation = 0
  /// The best individual of all generations.
  public private(set) var best: Evaluated<[Double]>?
  /// The standard deviation of each coordinate.
  public private(set) var deviations: [Double]
  private var center: [Double]
  private var velocity: [Double]
  private let enclosure: Enclosure?

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - start: The first center.
  ///   - sigma: The standard deviation of the first generation.
  ///   - bounds: Where the minimum has to lie in each coordinate.
  ///   - populationSize: How many individuals a generation has; rounded up to an even number.
  ///   - mostSpeed: How far the center moves in a generation at most; σ √n / 15 where `nil`.
  ///   - momentum: The momentum of the center.
  ///   - deviationRate: The learning rate of the standard deviations, which change by a fifth in a generation at most.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    from start: [Double], sigma: Double = 0.1, bounds: [ClosedRange<Double>]? = nil, populationSize: Int = 64,
    mostSpeed: Double? = nil, momentum: Double = 0.9, deviationRate: Double = 0.1, seed: UInt64 = 0
  ) throws {
    let name = "PGPE"
    try NaturalEvolution.check(name, start, sigma, populationSize)
    let speed = mostSpeed ?? sigma * Double(start.count).squareRoot() / 15
    guard speed > 0, speed.isFinite, momentum >= 0, momentum < 1, deviationRate >= 0, deviationRate.isFinite else {
      throw SearchError(
        name,
        "a speed is positive, a momentum from 0 to 1 and a learning rate not negative; \(speed), \(momentum) and"
          + " \(deviationRate) were given")
    }
    enclosure = try Enclosure(bounds, count: start.count, of: name)
    center = try NaturalEvolution.center(start, within: enclosure, of: name)
    self.populationSize = (populationSize + 1) / 2 * 2
    (self.mostSpeed, self.momentum, self.deviationRate, self.seed) = (speed, momentum, deviationRate, seed)
    deviations = start.map { _ in sigma }
    velocity = start.map { _ in 0 }
  }

  /// The center.
  public var mean: [Double] { enclosure?.folded(center) ?? center }

  /// One individual of the present generation; those of odd numbers mirror the one before.
  public func individual(_ index: Int) -> [Double] {
    var point = offset(index)
    for place in point.indices { point[place] += center[place] }
    return enclosure?.folded(point) ?? point
  }

  private func offset(_ index: Int) -> [Double] {
    var random = ElementRandom(seed: seed, generation: generation, member: index / 2)
    let draw = random.normals(center.count)
    return draw.indices.map { (index % 2 == 0 ? 1 : -1) * deviations[$0] * draw[$0] }
  }

  /// Moves center and standard deviations by what became of a generation.
  ///
  /// - Complexity: O(λ · n).
  public mutating func advance(_ results: [Evaluated<[Double]>]) throws {
    let n = center.count
    try NaturalEvolution.check("PGPE", results, populationSize, n)
    let utilities = results.map(\.outcome).utilities(CenteredRanks.list(populationSize))
    var gradient = [Double](repeating: 0, count: n)
    var deviationGradient = gradient
    for (result, utility) in zip(results, utilities) where utility != 0 {
      let offset = result.index.map(offset) ?? offset(of: result.individual)
      for place in 0..<n {
        let deviation = deviations[place]
        gradient[place] += utility * offset[place]
        deviationGradient[place] += utility * (offset[place] * offset[place] - deviation * deviation) / deviation
      }
    }
    best = results.best(after: best)
    accelerate(gradient)
    let count = Double(populationSize)
    for place in 0..<n {
      center[place] += velocity[place]
      let change = deviationRate * deviationGradient[place] / count
      let most = 0.2 * deviations[place]
      deviations[place] += min(max(change, -most), most)
    }
    generation += 1
  }

  /// ClipUp: of the gradient only the direction counts, and the velocity has a limit.
  private mutating func accelerate(_ gradient: [Double]) {
    var length = 0.0
    for element in gradient { length += element * element }
    length = length.squareRoot()
    let factor = length > 0 ? mostSpeed / 2 / length : 0
    var speed = 0.0
    for place in velocity.indices {
      velocity[place] = momentum * velocity[place] + factor * gradient[place]
      speed += velocity[place] * velocity[place]
    }
    speed = speed.squareRoot()
    guard speed > mostSpeed else { return }
    for place in velocity.indices { velocity[place] *= mostSpeed / speed }
  }

  private func offset(of individual: [Double]) -> [Double] {
    let point = enclosure?.unfolded(individual) ?? individual
    return point.indices.map { place in
      let most = 4 * deviations[place]
      return min(max(point[place] - center[place], -most), most)
    }
  }
}

extension PGPE {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("PGPE", decoder, by: CodingKeys.self)
    let (center, start, bounds) = try reader.center(.center, within: .enclosure)
    try self.init(
      from: start, sigma: 1, bounds: bounds, populationSize: try reader.count(.populationSize, in: 2...(1 << 30)),
      mostSpeed: try reader.value(.mostSpeed), momentum: try reader.value(.momentum),
      deviationRate: try reader.value(.deviationRate), seed: try reader.value(.seed))
    self.center = center
    generation = try reader.count(.generation)
    best = try reader.evaluated(.best, count: center.count)
    deviations = try reader.numbers(.deviations, count: center.count, in: .notNegative)
    velocity = try reader.numbers(.velocity, count: center.count)
  }
}
