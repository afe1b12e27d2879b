import DescentData
import Foundation

/// The separable natural evolution strategy: coordinates are drawn independently, and mean and standard deviations follow
/// the natural gradient of what is expected of a draw. For many coordinates, such as the parameters of a network.
///
/// Only the order of values counts. Source: Schaul, Glasmachers, Schmidhuber, *High dimensions and heavy tails for natural
/// evolution strategies*, 2011.
public struct SNES: DistributionStrategy, Hashable {
  /// How many individuals a generation has.
  public let populationSize: Int
  /// The learning rate of the mean.
  public let meanRate: Double
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
  private let enclosure: Enclosure?

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - start: The mean of the first generation.
  ///   - sigma: The standard deviation of the first generation.
  ///   - scales: What multiplies it for each coordinate.
  ///   - bounds: Where the minimum has to lie in each coordinate.
  ///   - populationSize: How many individuals a generation has; 4 + ⌊3 ln n⌋ where `nil`.
  ///   - meanRate: The learning rate of the mean.
  ///   - deviationRate: The learning rate of the standard deviations; (3 + ln n) / (5 √n) where `nil`.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    from start: [Double], sigma: Double, scales: [Double]? = nil, bounds: [ClosedRange<Double>]? = nil,
    populationSize: Int? = nil, meanRate: Double = 1, deviationRate: Double? = nil, seed: UInt64 = 0
  ) throws {
    try NaturalEvolution.check("SNES", start, sigma, populationSize)
    let n = Double(start.count)
    let rate = deviationRate ?? (3 + log(n)) / (5 * n.squareRoot())
    guard meanRate > 0, meanRate.isFinite, rate >= 0, rate.isFinite else {
      throw SearchError("SNES", "learning rates are positive, and \(meanRate) and \(rate) were given")
    }
    if let scales, scales.count != start.count || scales.contains(where: { !($0 > 0) || !$0.isFinite }) {
      throw SearchError("SNES", "scales are positive, one for each of the \(start.count) coordinates")
    }
    enclosure = try Enclosure(bounds, count: start.count, of: "SNES")
    center = try NaturalEvolution.center(start, within: enclosure, of: "SNES")
    self.populationSize = populationSize ?? CMAES.Parameters.defaultPopulationSize(start.count)
    (self.meanRate, self.deviationRate, self.seed) = (meanRate, rate, seed)
    deviations = (scales ?? start.map { _ in 1 }).map { sigma * $0 }
  }

  /// The mean of the present generation.
  public var mean: [Double] { enclosure?.folded(center) ?? center }

  /// One individual of the present generation.
  public func individual(_ index: Int) -> [Double] {
    var point = draw(index)
    for place in point.indices { point[place] = center[place] + deviations[place] * point[place] }
    return enclosure?.folded(point) ?? point
  }

  private func draw(_ index: Int) -> [Double] {
    var random = ElementRandom(seed: seed, generation: generation, member: index)
    return random.normals(center.count)
  }

  /// Moves mean and standard deviations by what became of a generation.
  ///
  /// - Complexity: O(λ · n).
  public mutating func advance(_ results: [Evaluated<[Double]>]) throws {
    let n = center.count
    try NaturalEvolution.check("SNES", results, populationSize, n)
    let utilities = results.map(\.outcome).utilities(NaturalEvolution.utilities(populationSize))
    var (meanStep, deviationStep) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    for (result, utility) in zip(results, utilities) {
      let draw = result.index.map(draw) ?? standardized(result.individual)
      for place in 0..<n {
        meanStep[place] += utility * draw[place]
        deviationStep[place] += utility * (draw[place] * draw[place] - 1)
      }
    }
    best = results.best(after: best)
    for place in 0..<n {
      center[place] += meanRate * deviations[place] * meanStep[place]
      deviations[place] *= exp(min(max(deviationRate / 2 * deviationStep[place], -1), 1))
    }
    generation += 1
  }

  private func standardized(_ individual: [Double]) -> [Double] {
    let point = enclosure?.unfolded(individual) ?? individual
    return point.indices.map { min(max((point[$0] - center[$0]) / deviations[$0], -4), 4) }
  }
}

extension SNES {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("SNES", decoder, by: CodingKeys.self)
    let (center, start, bounds) = try reader.center(.center, within: .enclosure)
    try self.init(
      from: start, sigma: 1, bounds: bounds, populationSize: try reader.value(.populationSize),
      meanRate: try reader.value(.meanRate), deviationRate: try reader.value(.deviationRate),
      seed: try reader.value(.seed))
    self.center = center
    generation = try reader.count(.generation)
    best = try reader.evaluated(.best, count: center.count)
    deviations = try reader.numbers(.deviations, count: center.count, in: .notNegative)
  }
}
