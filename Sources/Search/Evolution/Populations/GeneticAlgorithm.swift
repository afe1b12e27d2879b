import DescentData

/// A genetic algorithm: parents are chosen by tournaments, crossed and mutated; the best stay. For parameters of every kind.
///
/// ```swift
/// var genetic = try GeneticAlgorithm(over: ["tour": .permutation(cities)], seed: 1)
/// while genetic.generation < 300 { try genetic.tell(genetic.ask().map(length)) }
/// ```
///
/// Only the order of values counts.
public struct GeneticAlgorithm: EvolutionStrategy, Hashable {
  /// How many individuals a generation has.
  public let populationSize: Int
  /// How many of the best stay from one generation to the next.
  public let elites: Int
  /// How many individuals are drawn, of which the best becomes a parent.
  public let tournament: Int
  /// How children come from parents.
  public let operators: GeneticOperators
  /// What sets its random numbers apart from others.
  public let seed: UInt64
  /// How many generations have been told, that of the first individuals among them.
  public private(set) var generation = 0
  /// The best individual of all generations.
  public private(set) var best: Evaluated<Settings>?
  /// The parents of the present generation, from the best to the worst.
  public private(set) var population: [Evaluated<Settings>] = []
  private let genome: Genome

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - space: The parameters.
  ///   - populationSize: How many individuals a generation has.
  ///   - elites: How many of the best stay from one generation to the next.
  ///   - tournament: How many individuals are drawn, of which the best becomes a parent.
  ///   - operators: How children come from parents.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    over space: Space, populationSize: Int = 48, elites: Int = 2, tournament: Int = 3,
    operators: GeneticOperators = GeneticOperators(), seed: UInt64 = 0
  ) throws {
    try self.init(
      try Genome(space), populationSize: populationSize, elites: elites, tournament: tournament, operators: operators,
      seed: seed)
  }

  init(
    _ genome: Genome, populationSize: Int, elites: Int, tournament: Int, operators: GeneticOperators, seed: UInt64
  ) throws {
    let name = "GeneticAlgorithm"
    guard populationSize >= 2, populationSize <= 1 << 30 else {
      throw SearchError(name, "a population has 2 individuals or more, and \(populationSize) were asked for")
    }
    guard elites >= 0, elites < populationSize, tournament >= 1 else {
      throw SearchError(
        name,
        "elites are fewer than the population of \(populationSize), and a tournament has a member; \(elites) and"
          + " \(tournament) were given")
    }
    try operators.check(name)
    (self.genome, self.populationSize, self.elites, self.tournament) = (genome, populationSize, elites, tournament)
    (self.operators, self.seed) = (operators, seed)
  }

  /// One individual of the present generation.
  public func individual(_ index: Int) -> Settings {
    guard !population.isEmpty else {
      var random = ElementRandom(seed: seed, generation: generation, member: index)
      return genome.allowed(&random) { genome.draw(&$0) }
    }
    // Two children have the same parents, and the same random numbers until one of them is allowed.
    var random = ElementRandom(seed: seed, generation: generation, member: index / 2)
    let (first, second) = (parent(&random), parent(&random))
    return genome.allowed(&random) { operators.children(first, second, of: genome, &$0)[abs(index % 2)] }
  }

  private func parent(_ random: inout ElementRandom) -> Settings {
    // The population is in order, so that the least place is the best.
    var place = population.count - 1
    for _ in 0..<min(tournament, population.count) { place = min(place, random.place(below: population.count)) }
    return population[place].individual
  }

  /// Takes a generation for the next parents, with the best of those before.
  public mutating func advance(_ results: [Evaluated<Settings>]) throws {
    guard results.count == populationSize else {
      throw SearchError(
        "GeneticAlgorithm", "the generation has \(populationSize) individuals, and \(results.count) results were told")
    }
    for result in results { try genome.check(result.individual, "GeneticAlgorithm") }
    best = results.best(after: best)
    let pool = population.prefix(elites) + results
    population = pool.map(\.outcome).ranking().prefix(populationSize).map { place in
      Evaluated(pool[place].individual, pool[place].outcome)
    }
    generation += 1
  }
}

extension GeneticAlgorithm {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("GeneticAlgorithm", decoder, by: CodingKeys.self)
    try self.init(
      try reader.value(.genome), populationSize: try reader.value(.populationSize), elites: try reader.value(.elites),
      tournament: try reader.value(.tournament), operators: try reader.value(.operators), seed: try reader.value(.seed))
    generation = try reader.count(.generation)
    best = try reader.evaluated(.best, of: genome)
    population = try reader.population(.population, size: populationSize, of: genome)
  }
}
