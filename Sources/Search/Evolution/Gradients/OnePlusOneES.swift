import DescentData
import Foundation

/// The (1+λ) evolution strategy: offspring around the parent, which stays until one is as good; the step size grows where
/// more than about one in five is better, and shrinks otherwise. With one offspring, the (1+1) strategy of Rechenberg.
///
/// Only the order of values counts. The step size is that of Igel, Hansen, Roth, *Covariance matrix adaptation for
/// multi-objective optimization*, 2007.
public struct OnePlusOneES: EvolutionStrategy, Hashable {
  /// How many individuals a generation has.
  public let populationSize: Int
  /// What sets its random numbers apart from others.
  public let seed: UInt64
  /// How many generations have been told.
  public private(set) var generation = 0
  /// The parent with its outcome; `nil` before it was evaluated.
  public private(set) var best: Evaluated<[Double]>?
  /// The step size, σ.
  public private(set) var sigma: Double
  private var center: [Double]
  private var success: Double
  private let scales: [Double]?
  private let enclosure: Enclosure?

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - start: The first individual.
  ///   - sigma: The standard deviation of the first steps in each coordinate.
  ///   - scales: What multiplies it for each coordinate.
  ///   - bounds: Where the minimum has to lie in each coordinate.
  ///   - offspring: How many individuals a generation has.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    from start: [Double], sigma: Double, scales: [Double]? = nil, bounds: [ClosedRange<Double>]? = nil,
    offspring: Int = 1, seed: UInt64 = 0
  ) throws {
    let name = "OnePlusOneES"
    try NaturalEvolution.check(name, start, sigma, nil)
    guard offspring >= 1, offspring <= 1 << 30 else {
      throw SearchError(name, "there is one offspring or more, and \(offspring) were asked for")
    }
    if let scales, scales.count != start.count || scales.contains(where: { !($0 > 0) || !$0.isFinite }) {
      throw SearchError(name, "scales are positive, one for each of the \(start.count) coordinates")
    }
    enclosure = try Enclosure(bounds, count: start.count, of: name)
    center = try NaturalEvolution.center(start, within: enclosure, of: name)
    (populationSize, self.sigma, self.scales, self.seed) = (offspring, sigma, scales, seed)
    success = Self.target(offspring)
  }

  private static func target(_ offspring: Int) -> Double { 1 / (5 + Double(offspring).squareRoot() / 2) }

  /// One individual of the present generation; the first one of all is the start.
  public func individual(_ index: Int) -> [Double] {
    var point = center
    if generation > 0 || index > 0 {
      var random = ElementRandom(seed: seed, generation: generation, member: index)
      let draw = random.normals(point.count)
      for place in point.indices { point[place] += sigma * (scales?[place] ?? 1) * draw[place] }
    }
    return enclosure?.folded(point) ?? point
  }

  /// Takes the best of a generation for the parent, where it is as good, and changes the step size.
  ///
  /// - Complexity: O(λ · n).
  public mutating func advance(_ results: [Evaluated<[Double]>]) throws {
    try NaturalEvolution.check("OnePlusOneES", results, populationSize, center.count)
    let order = results.map(\.outcome).ranking()
    let first = results[order[0]]
    let isFirst = best == nil
    let isTaken = !first.outcome.isFailure && (best.map { !$0.outcome.isBetter(than: first.outcome) } ?? true)
    // As good is not yet a success, or a plateau would let the steps grow for ever.
    let better = results.filter { result in best.map { result.outcome.isBetter(than: $0.outcome) } ?? false }
    if isTaken {
      best = first
      center = enclosure?.unfolded(first.individual) ?? first.individual
    }
    generation += 1
    guard !isFirst else { return }
    let target = Self.target(populationSize)
    let rate = target * Double(populationSize) / (2 + target * Double(populationSize))
    success = (1 - rate) * success + rate * Double(better.count) / Double(populationSize)
    let damping = 1 + Double(center.count) / (2 * Double(populationSize))
    sigma *= exp((success - target) / (damping * (1 - target)))
  }
}

extension OnePlusOneES {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("OnePlusOneES", decoder, by: CodingKeys.self)
    let (center, start, bounds) = try reader.center(.center, within: .enclosure)
    try self.init(
      from: start, sigma: 1, scales: try reader.optional(.scales), bounds: bounds,
      offspring: try reader.value(.populationSize), seed: try reader.value(.seed))
    self.center = center
    generation = try reader.count(.generation)
    best = try reader.evaluated(.best, count: center.count)
    sigma = try reader.number(.sigma, in: .notNegative)
    success = try reader.number(.success, in: 0...1)
  }
}
