import DescentData
import Foundation

/// Simulated annealing: each chain moves to a neighbor where that is better, and with a probability that falls with the
/// temperature where it is worse. For parameters of every kind.
///
/// Source: Kirkpatrick, Gelatt, Vecchi, *Optimization by simulated annealing*, 1983.
public struct SimulatedAnnealing: EvolutionStrategy, Hashable {
  /// How many chains there are, beside one another.
  public let populationSize: Int
  /// After how many steps of each chain the temperature has reached its end.
  public let steps: Int
  /// By how much the temperature falls altogether.
  public let cooling: Double
  /// How many steps each chain takes at random first, from whose values the first temperature follows where none is given.
  public let warmUp: Int
  /// What sets its random numbers apart from others.
  public let seed: UInt64
  /// How many generations have been told.
  public private(set) var generation = 0
  /// The best individual of all generations.
  public private(set) var best: Evaluated<Settings>?
  /// Where each chain is.
  public private(set) var chains: [Evaluated<Settings>] = []

  private let genome: Genome
  private let operators: GeneticOperators
  private let reach: Double
  private let givenTemperature: Double?
  /// The values of the first steps.
  private var first = StoredNumbers([])

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - space: The parameters.
  ///   - steps: After how many steps of each chain the temperature has reached its end; it stays there.
  ///   - temperature: The first temperature, in the units of values; the standard deviation of the first values where `nil`.
  ///   - cooling: By what share the temperature has fallen at its end.
  ///   - reach: How far numbers move at first, as a share of their range; it shrinks with the square root of the
  ///     temperature.
  ///   - chains: How many chains there are, beside one another.
  ///   - warmUp: How many steps each chain takes at random first.
  ///   - orderMutation: How orders are changed.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    over space: Space, steps: Int = 1_000, temperature: Double? = nil, cooling: Double = 1e-4, reach: Double = 0.2,
    chains: Int = 1, warmUp: Int = 10, orderMutation: GeneticOperators.OrderMutation = .inversion, seed: UInt64 = 0
  ) throws {
    try self.init(
      try Genome(space), steps: steps, temperature: temperature, cooling: cooling, reach: reach, chains: chains,
      warmUp: warmUp, orderMutation: orderMutation, seed: seed)
  }

  init(
    _ genome: Genome, steps: Int, temperature: Double?, cooling: Double, reach: Double, chains: Int, warmUp: Int,
    orderMutation: GeneticOperators.OrderMutation, seed: UInt64
  ) throws {
    let name = "SimulatedAnnealing"
    guard steps >= 1, chains >= 1, chains <= 1 << 30, warmUp >= 1 else {
      throw SearchError(
        name, "steps, chains and first steps are 1 or more; \(steps), \(chains) and \(warmUp) were given")
    }
    guard cooling > 0, cooling <= 1, reach > 0, reach.isFinite, temperature ?? 1 > 0, temperature?.isFinite ?? true
    else {
      throw SearchError(
        name,
        "a temperature and a reach are positive, and cooling lies between 0 and 1; \(temperature.map { "\($0)" } ?? "none"),"
          + " \(reach) and \(cooling) were given")
    }
    (self.genome, self.steps, self.cooling, self.reach) = (genome, steps, cooling, reach)
    (populationSize, self.warmUp, self.seed, givenTemperature) = (chains, warmUp, seed, temperature)
    operators = GeneticOperators(orderMutation: orderMutation)
  }

  /// The temperature of the present step; `nil` before the first one is known.
  public var temperature: Double? {
    guard let start = givenTemperature ?? spread else { return nil }
    return start * share
  }

  /// What share of the first temperature the present one is.
  private var share: Double {
    pow(cooling, min(1, Double(max(0, generation - warmUp)) / Double(steps)))
  }

  private var spread: Double? {
    let values = first.numbers.filter(\.isFinite)
    guard generation >= warmUp, values.count > 1 else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    return variance.isFinite && variance > 0 ? variance.squareRoot() : .leastNormalMagnitude
  }

  /// The next position of a chain.
  public func individual(_ index: Int) -> Settings {
    var random = ElementRandom(seed: seed, generation: generation, member: index)
    guard generation >= warmUp, !chains.isEmpty else { return genome.allowed(&random) { genome.draw(&$0) } }
    let chain = chains[max(index, 0) % chains.count].individual
    return genome.allowed(&random) { neighbor(of: chain, &$0) }
  }

  /// The same settings but for one parameter.
  private func neighbor(of settings: Settings, _ random: inout ElementRandom) -> Settings {
    var settings = genome.completed(settings, &random)
    let parameter = genome.parameters[random.place(below: genome.parameters.count)]
    guard let setting = settings[parameter.name] else { return settings }
    guard parameter.domain.isNumeric else {
      settings[parameter.name] = operators.mutated(setting, in: parameter.domain, &random)
      return settings
    }
    let step = reach * share.squareRoot() * random.normal()
    var place = parameter.domain.coordinates(of: setting)[0] + step
    // Reflected at the ends.
    place = abs(place.truncatingRemainder(dividingBy: 2))
    if place > 1 { place = 2 - place }
    let moved = parameter.domain.setting(at: [place])
    settings[parameter.name] =
      moved == setting && parameter.domain.count.isFinite
      ? parameter.domain.neighbor(of: setting, isUp: step > 0) : moved
    return settings
  }

  /// Moves the chains.
  public mutating func advance(_ results: [Evaluated<Settings>]) throws {
    guard results.count == populationSize else {
      throw SearchError(
        "SimulatedAnnealing", "there are \(populationSize) chains, and \(results.count) results were told")
    }
    for result in results { try genome.check(result.individual, "SimulatedAnnealing") }
    best = results.best(after: best)
    if generation < warmUp { first.numbers += results.filter(\.outcome.isFeasible).map(\.outcome.value) }
    let temperature = temperature
    var next = chains
    for (index, result) in zip(BoundedSwarm.places(of: results), results) {
      let found = Evaluated(result.individual, result.outcome)
      guard chains.indices.contains(index) else {
        next.append(found)
        continue
      }
      if isTaken(result.outcome, from: chains[index].outcome, at: temperature, chain: index) { next[index] = found }
    }
    chains = next
    generation += 1
  }

  private func isTaken(_ new: Outcome, from old: Outcome, at temperature: Double?, chain: Int) -> Bool {
    if !old.isBetter(than: new) { return true }
    // While values are gathered, a chain keeps to the best.
    guard let temperature, new.isFeasible, old.isFeasible else { return false }
    var random = ElementRandom(seed: seed, generation: generation, member: chain, purpose: 1)
    return random.unit() < exp((old.value - new.value) / temperature)
  }
}

extension SimulatedAnnealing {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("SimulatedAnnealing", decoder, by: CodingKeys.self)
    let operators: GeneticOperators = try reader.value(.operators)
    try self.init(
      try reader.value(.genome), steps: try reader.value(.steps), temperature: try reader.optional(.givenTemperature),
      cooling: try reader.value(.cooling), reach: try reader.value(.reach), chains: try reader.value(.populationSize),
      warmUp: try reader.value(.warmUp), orderMutation: operators.orderMutation, seed: try reader.value(.seed))
    generation = try reader.count(.generation)
    best = try reader.evaluated(.best, of: genome)
    chains = try reader.population(.chains, size: populationSize, of: genome)
    first = try reader.value(.first)
  }
}
