import DescentData
import Foundation

/// Differential evolution with adaptation from successes: each individual is challenged by one that is moved toward one of
/// the best and along the difference of two others; how far, and in how many coordinates, is drawn around what succeeded
/// before.
///
/// With `evaluations`, the population shrinks as they are used up (L-SHADE); without, it keeps its size (SHADE). Source:
/// Tanabe and Fukunaga, *Improving the search performance of SHADE using linear population size reduction*, 2014.
public struct DifferentialEvolution: EvolutionStrategy, Hashable {
  /// What sets its random numbers apart from others.
  public let seed: UInt64
  /// How many generations have been told, that of the first individuals among them.
  public private(set) var generation = 0
  /// The best individual of all generations.
  public private(set) var best: Evaluated<[Double]>?
  /// The individuals that have not been beaten.
  public private(set) var population: [Evaluated<[Double]>] = []
  /// How many evaluations there have been.
  public private(set) var evaluations = 0

  private let lows: [Double]
  private let highs: [Double]
  private let firstSize: Int
  private let mostEvaluations: Int?
  private let greediness: Double
  private let archiveRate: Double
  /// What sizes of populations are multiples of.
  private let unit: Int
  /// Individuals that were beaten.
  private var archive: [[Double]] = []
  /// What succeeded: scale factors, and crossover rates, negative where a rate of zero is the last that did.
  private var factors: [Double]
  private var rates: [Double]
  private var slot = 0
  /// The population's positions from the best to the worst.
  private var order: [Int] = []

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - bounds: Where the minimum has to lie in each coordinate; finite.
  ///   - populationSize: How many individuals there are at first; 18 n where `nil`.
  ///   - evaluations: How many evaluations there will be, by when 4 individuals are left; `nil` where that is not known.
  ///   - greediness: The share of the population that are the best, toward which individuals move.
  ///   - memory: How many generations' successes are remembered.
  ///   - archiveRate: How many times the population's size may be kept of what was beaten.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    within bounds: [ClosedRange<Double>], populationSize: Int? = nil, evaluations: Int? = nil,
    greediness: Double = 0.11,
    memory: Int = 6, archiveRate: Double = 2.6, seed: UInt64 = 0
  ) throws {
    try self.init(
      within: bounds, populationSize: populationSize, evaluations: evaluations, greediness: greediness, memory: memory,
      archiveRate: archiveRate, unit: 1, seed: seed)
  }

  init(
    within bounds: [ClosedRange<Double>], populationSize: Int?, evaluations: Int?, greediness: Double = 0.11,
    memory: Int = 6, archiveRate: Double = 2.6, unit: Int, seed: UInt64
  ) throws {
    let name = "DifferentialEvolution"
    (lows, highs) = try BoundedSwarm.corners(bounds, of: name)
    let size = populationSize ?? 18 * bounds.count
    guard size >= 4, size <= 1 << 30 else {
      throw SearchError(name, "a population has 4 individuals or more, and \(size) were asked for")
    }
    guard greediness > 0, greediness <= 1, memory >= 1, memory <= 1 << 20, archiveRate >= 0, archiveRate <= 1_000 else {
      throw SearchError(
        name,
        "greediness lies between 0 and 1, a memory has a place or more, an archive no negative size; \(greediness),"
          + " \(memory) and \(archiveRate) were given")
    }
    if let evaluations, evaluations < size {
      throw SearchError(name, "\(evaluations) evaluations are not enough for \(size) individuals")
    }
    firstSize = (size + unit - 1) / unit * unit
    (mostEvaluations, self.greediness, self.archiveRate) = (evaluations, greediness, archiveRate)
    (self.unit, self.seed) = (unit, seed)
    factors = [Double](repeating: 0.5, count: memory)
    rates = factors
  }

  /// How many individuals the present generation has.
  public var populationSize: Int { population.isEmpty ? firstSize : population.count }

  /// One individual of the present generation.
  public func individual(_ index: Int) -> [Double] {
    var random = ElementRandom(seed: seed, generation: generation, member: index)
    guard !population.isEmpty else {
      return lows.indices.map { lows[$0] + (highs[$0] - lows[$0]) * random.unit() }
    }
    let (factor, rate) = settings(&random)
    let parent = max(index, 0) % population.count
    let x = population[parent].individual
    let leading = max(2, Int((greediness * Double(population.count)).rounded()))
    let toward = population[order[random.place(below: min(leading, order.count))]].individual
    var first = random.place(below: population.count - 1)
    if first >= parent { first += 1 }
    let plus = population[first].individual
    var minus = x
    // Drawn until it is neither of the others.
    while true {
      let second = random.place(below: population.count + archive.count)
      if second == parent || second == first { continue }
      minus = second < population.count ? population[second].individual : archive[second - population.count]
      break
    }
    let forced = random.place(below: x.count)
    return x.indices.map { place in
      guard random.unit() < rate || place == forced else { return x[place] }
      let value = x[place] + factor * (toward[place] - x[place]) + factor * (plus[place] - minus[place])
      if value < lows[place] { return (lows[place] + x[place]) / 2 }
      if value > highs[place] { return (highs[place] + x[place]) / 2 }
      return value
    }
  }

  /// The scale factor and crossover rate of an individual.
  private func settings(_ random: inout ElementRandom) -> (factor: Double, rate: Double) {
    let slot = random.place(below: factors.count)
    let rate = rates[slot] < 0 ? 0 : min(max(rates[slot] + 0.1 * random.normal(), 0), 1)
    var factor = 0.0
    while factor <= 0 { factor = random.cauchy(factors[slot], 0.1) }
    return (min(factor, 1), rate)
  }

  /// Lets each individual that is as good take its parent's place.
  ///
  /// - Complexity: O(λ · n + λ log λ).
  public mutating func advance(_ results: [Evaluated<[Double]>]) throws {
    try NaturalEvolution.check("DifferentialEvolution", results, populationSize, lows.count)
    best = results.best(after: best)
    evaluations += results.count
    if population.isEmpty {
      population = zip(BoundedSwarm.places(of: results), results)
        .map { Evaluated($1.individual, $1.outcome, index: $0) }
        .sorted { ($0.index ?? 0) < ($1.index ?? 0) }
      order = population.map(\.outcome).ranking()
      generation += 1
      return
    }
    var successes: [(factor: Double, rate: Double, gain: Double)] = []
    var next = population
    for (index, result) in zip(BoundedSwarm.places(of: results), results) {
      let parent = population[index]
      guard !parent.outcome.isBetter(than: result.outcome) else { continue }
      next[index] = Evaluated(result.individual, result.outcome, index: index)
      guard result.outcome.isBetter(than: parent.outcome) else { continue }
      archive.append(parent.individual)
      guard result.index == index else { continue }
      var random = ElementRandom(seed: seed, generation: generation, member: index)
      let (factor, rate) = settings(&random)
      successes.append((factor, rate, Self.gain(from: parent.outcome, to: result.outcome)))
    }
    population = next
    generation += 1
    remember(successes)
    shrink()
  }

  /// How much better an outcome is; where the two are of unlike kinds, 1.
  private static func gain(from old: Outcome, to new: Outcome) -> Double {
    let difference = old.isFeasible ? old.value - new.value : new.isFeasible ? 1 : old.violation - new.violation
    return difference.isFinite ? max(difference, .leastNormalMagnitude) : 1
  }

  private mutating func remember(_ successes: [(factor: Double, rate: Double, gain: Double)]) {
    guard !successes.isEmpty else { return }
    let largest = successes.map(\.gain).max() ?? 1
    // As shares of the largest, so that their sum has a value.
    let weights = successes.map { $0.gain / largest }
    func lehmer(_ values: [Double]) -> Double {
      var (squares, sum) = (0.0, 0.0)
      for (weight, value) in zip(weights, values) {
        squares += weight * value * value
        sum += weight * value
      }
      return sum > 0 ? squares / sum : 0
    }
    factors[slot] = lehmer(successes.map(\.factor))
    let most = successes.map(\.rate).max() ?? 0
    rates[slot] = rates[slot] < 0 || most == 0 ? -1 : lehmer(successes.map(\.rate))
    slot = (slot + 1) % factors.count
  }

  private mutating func shrink() {
    if let mostEvaluations {
      let share = min(1, Double(evaluations) / Double(mostEvaluations))
      let exact = Double(firstSize) + (4 - Double(firstSize)) * share
      let size = max(4, (Int(exact.rounded()) + unit - 1) / unit * unit)
      if size < population.count {
        let kept = Set(population.map(\.outcome).ranking().prefix(size))
        population = population.indices.filter(kept.contains).enumerated().map { place, old in
          Evaluated(population[old].individual, population[old].outcome, index: place)
        }
      }
    }
    order = population.map(\.outcome).ranking()
    let most = Int(archiveRate * Double(population.count))
    var random = ElementRandom(seed: seed, generation: generation, member: 0, purpose: 1)
    while archive.count > most {
      let place = random.place(below: archive.count)
      archive.swapAt(place, archive.count - 1)
      archive.removeLast()
    }
  }
}

extension DifferentialEvolution {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("DifferentialEvolution", decoder, by: CodingKeys.self)
    let bounds = try reader.box(.lows, .highs)
    let most: Int? = try reader.optional(.mostEvaluations)
    // The size was rounded up to a multiple of the unit, perhaps beyond the evaluations.
    let size = try reader.count(.firstSize, in: 4...(1 << 30))
    let factors: [Double] = try reader.value(.factors)
    try self.init(
      within: bounds, populationSize: min(size, most ?? size), evaluations: most,
      greediness: try reader.value(.greediness), memory: factors.count, archiveRate: try reader.value(.archiveRate),
      unit: try reader.count(.unit, in: 1...(1 << 30)), seed: try reader.value(.seed))
    try reader.check(factors, count: factors.count, in: 0...1, .factors)
    self.factors = factors
    rates = try reader.numbers(.rates, count: factors.count, in: -1...1)
    slot = try reader.count(.slot, in: 0...factors.count - 1)
    generation = try reader.count(.generation)
    evaluations = try reader.count(.evaluations)
    best = try reader.evaluated(.best, count: bounds.count)
    population = try reader.population(.population, sizes: 4...max(4, firstSize), count: bounds.count)
    order = population.map(\.outcome).ranking()
    archive = try reader.value(.archive)
    for beaten in archive { try reader.check(beaten, count: bounds.count, .archive) }
  }
}

/// What the methods that begin with individuals spread over a box share.
enum BoundedSwarm {
  /// The corners of a box.
  ///
  /// - Throws: `SearchError` where it is not finite, or has no extent.
  static func corners(_ bounds: [ClosedRange<Double>], of name: String) throws -> (lows: [Double], highs: [Double]) {
    guard !bounds.isEmpty else { throw SearchError(name, "there are no coordinates") }
    for (position, range) in bounds.enumerated() {
      guard range.lowerBound < range.upperBound, (range.upperBound - range.lowerBound).isFinite else {
        throw SearchError(
          name, "bounds are finite and leave room, and those of coordinate \(position) are \(range)")
      }
    }
    return (bounds.map(\.lowerBound), bounds.map(\.upperBound))
  }

  /// Which place of the population each result is for: its own where it has one, and those that are left for the others.
  static func places(of results: [Evaluated<some Hashable & Sendable>]) -> [Int] {
    var isTaken = [Bool](repeating: false, count: results.count)
    var places = [Int?](repeating: nil, count: results.count)
    for (position, result) in results.enumerated() {
      guard let index = result.index, isTaken.indices.contains(index), !isTaken[index] else { continue }
      (places[position], isTaken[index]) = (index, true)
    }
    var free = isTaken.indices.filter { !isTaken[$0] }[...]
    return places.map { $0 ?? free.popFirst() ?? 0 }
  }
}
