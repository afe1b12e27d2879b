import DescentData
import Foundation

/// CMA-ES that begins again, with another population, where it has come to an end: for functions with many minima.
///
/// A new search begins at a point that is drawn evenly within the bounds, or around the start where there are none.
public struct RestartedCMAES: DistributionStrategy, Hashable {
  /// How populations change from one search to the next.
  public enum Policy: Hashable, Sendable, Codable {
    /// Each is so many times as large as the one before (Auger and Hansen, *A restart CMA evolution strategy with
    /// increasing population size*, 2005).
    case increasing(factor: Int = 2)
    /// Larger and larger ones take turns with small ones that begin with small steps, so that both have had as many
    /// evaluations (Hansen, *Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed*, 2009).
    case twoPopulations
  }

  /// How populations change.
  public let policy: Policy
  /// The search that is under way.
  public private(set) var search: CMAES
  /// How many searches came to an end.
  public private(set) var restarts = 0
  /// How many generations all searches have been told.
  public private(set) var generation = 0
  /// The best individual of all searches.
  public private(set) var best: Evaluated<[Double]>?

  private let start: [Double]
  private let sigma: Double
  private let scales: [Double]?
  private let lows: StoredNumbers?
  private let highs: StoredNumbers?
  private let axes: [SearchAxis]?
  private let covariance: CMAES.Covariance
  private let isActive: Bool
  private let rates: CMAES.LearningRates
  private let seed: UInt64
  private let firstSize: Int
  /// What sizes of populations are multiples of.
  private let unit: Int
  /// The size of the last large population.
  private var largeSize: Int
  private var isSmall = false
  private var evaluations = Evaluations()

  /// How many evaluations large and small searches have had, and the last large one alone.
  private struct Evaluations: Hashable, Sendable, Codable {
    var (large, small, lastLarge) = (0, 0, 0)
  }

  /// Begins a search; see `CMAES` for what is not told here.
  ///
  /// - Parameters:
  ///   - start: The mean of the first generation.
  ///   - sigma: The standard deviation of the first generation.
  ///   - policy: How populations change from one search to the next.
  ///   - scales: What multiplies sigma for each coordinate.
  ///   - bounds: Where the minimum has to lie in each coordinate.
  ///   - wholeNumbers: Which coordinates are whole numbers.
  ///   - populationSize: How many individuals a generation of the first search has.
  ///   - covariance: Which covariances there can be.
  ///   - isActive: Whether the worst individuals have negative weights.
  ///   - rates: Whose learning rates it has.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    from start: [Double], sigma: Double, policy: Policy = .twoPopulations, scales: [Double]? = nil,
    bounds: [ClosedRange<Double>]? = nil, wholeNumbers: Set<Int> = [], populationSize: Int? = nil,
    covariance: CMAES.Covariance = .automatic, isActive: Bool = true, rates: CMAES.LearningRates = .tutorial,
    seed: UInt64 = 0
  ) throws {
    let axes = start.indices.map { wholeNumbers.contains($0) ? SearchAxis.whole : .continuous }
    guard wholeNumbers.allSatisfy(start.indices.contains) else {
      throw SearchError(
        "RestartedCMAES",
        "whole numbers are asked for at \(wholeNumbers.sorted()), and there are \(start.count) coordinates")
    }
    try self.init(
      from: start, sigma: sigma, policy: policy, scales: scales, bounds: bounds,
      axes: wholeNumbers.isEmpty ? nil : axes,
      populationSize: populationSize, unit: 1, covariance: covariance, isActive: isActive, rates: rates, seed: seed)
  }

  init(
    from start: [Double], sigma: Double, policy: Policy, scales: [Double]?, bounds: [ClosedRange<Double>]?,
    axes: [SearchAxis]?, populationSize: Int?, unit: Int, covariance: CMAES.Covariance, isActive: Bool,
    rates: CMAES.LearningRates = .tutorial, seed: UInt64
  ) throws {
    if case .increasing(let factor) = policy, factor < 2 {
      throw SearchError("RestartedCMAES", "populations grow by a factor of 2 or more, and \(factor) was given")
    }
    search = try CMAES(
      from: start, sigma: sigma, scales: scales, bounds: bounds, axes: axes, populationSize: populationSize,
      covariance: covariance, isActive: isActive, rates: rates, seed: seed)
    self.policy = policy
    (self.start, self.sigma, self.scales, self.axes) = (start, sigma, scales, axes)
    lows = bounds.map { StoredNumbers($0.map(\.lowerBound)) }
    highs = bounds.map { StoredNumbers($0.map(\.upperBound)) }
    (self.covariance, self.isActive, self.rates) = (covariance, isActive, rates)
    (self.seed, self.unit) = (seed, unit)
    firstSize = search.populationSize
    largeSize = firstSize
  }

  /// How many individuals the present generation has.
  public var populationSize: Int { search.populationSize }

  /// The mean of the present generation of the search that is under way.
  public var mean: [Double] { search.mean }

  /// One individual of the present generation.
  public func individual(_ index: Int) -> [Double] { search.individual(index) }

  /// Moves the search, and begins another where it has come to an end.
  public mutating func advance(_ results: [Evaluated<[Double]>]) throws {
    let best = results.best(after: best)
    let size = search.populationSize
    try search.advance(results)
    (self.best, generation) = (best, generation + 1)
    if isSmall {
      evaluations.small += size
    } else {
      evaluations.large += size
      evaluations.lastLarge += size
    }
    let isSpent = isSmall && Double(search.generation) * Double(size) >= Double(evaluations.lastLarge / 2)
    guard search.stop != nil || isSpent else { return }
    restarts += 1
    try restart()
  }

  private mutating func restart() throws {
    var random = ElementRandom(seed: seed, generation: restarts, member: 0, purpose: 1)
    let (size, sigma) = nextSearch(&random)
    let point = start.indices.map { place in newStart(place, &random) }
    search = try CMAES(
      from: point, sigma: sigma, scales: scales, bounds: bounds, axes: axes, populationSize: size,
      covariance: covariance, isActive: isActive, rates: rates, seed: random.next())
  }

  /// The population's size and the step size of the next search.
  private mutating func nextSearch(_ random: inout ElementRandom) -> (size: Int, sigma: Double) {
    let most = 1 << 24
    switch policy {
    case .increasing(let factor):
      let (grown, overflows) = largeSize.multipliedReportingOverflow(by: factor)
      largeSize = overflows ? most : min(grown, most)
      return (largeSize, sigma)
    case .twoPopulations:
      isSmall = evaluations.small < evaluations.large
      // The first restart is of a large population, so that a small one has something to be small beside.
      if restarts == 1 { isSmall = false }
      guard isSmall else {
        largeSize = min(2 * largeSize, most)
        evaluations.lastLarge = 0
        return (largeSize, sigma)
      }
      let share = random.unit()
      let ratio = Double(largeSize) / Double(2 * firstSize)
      let size = Double(firstSize) * pow(ratio, share * share)
      let whole = (Int(size) + unit - 1) / unit * unit
      return (whole, sigma * pow(10, -2 * random.unit()))
    }
  }

  private var bounds: [ClosedRange<Double>]? {
    guard let lows, let highs else { return nil }
    return zip(lows.numbers, highs.numbers).map { $0...$1 }
  }

  private func newStart(_ place: Int, _ random: inout ElementRandom) -> Double {
    let share = random.unit()
    let reach = 2 * sigma * (scales?[place] ?? 1)
    let low = lows?.numbers[place] ?? -.infinity
    let high = highs?.numbers[place] ?? .infinity
    if low.isFinite, high.isFinite { return low + share * (high - low) }
    return min(max(start[place] + (2 * share - 1) * reach, low), high)
  }
}

extension RestartedCMAES {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("RestartedCMAES", decoder, by: CodingKeys.self)
    let lows: StoredNumbers? = try reader.optional(.lows)
    let highs: StoredNumbers? = try reader.optional(.highs)
    let start: [Double] = try reader.value(.start)
    let bounds = try lows.map { try reader.ranges($0.numbers, highs?.numbers ?? [], .highs) }
    let axes = try reader.axes(.axes, count: start.count)
    let search: CMAES = try reader.value(.search)
    try reader.check(
      search.dimension == start.count, .search, "has \(start.count) coordinates", found: search.dimension)
    try self.init(
      from: start, sigma: try reader.number(.sigma), policy: try reader.value(.policy),
      scales: try reader.optional(.scales), bounds: bounds, axes: axes,
      populationSize: try reader.count(.firstSize, in: 2...CMAES.Parameters.mostPopulation),
      unit: try reader.count(.unit, in: 1...CMAES.Parameters.mostPopulation),
      covariance: try reader.value(.covariance), isActive: try reader.value(.isActive),
      rates: try reader.value(.rates), seed: try reader.value(.seed))
    self.search = search
    restarts = try reader.count(.restarts)
    generation = try reader.count(.generation)
    best = try reader.evaluated(.best, count: start.count)
    largeSize = try reader.count(.largeSize, in: firstSize...CMAES.Parameters.mostPopulation)
    isSmall = try reader.value(.isSmall)
    evaluations = try reader.value(.evaluations)
    for count in [evaluations.large, evaluations.small, evaluations.lastLarge] {
      try reader.check((0...1 << 53).contains(count), .evaluations, "are counts", found: count)
    }
  }
}
