import DescentData

/// The nondominated sorting genetic algorithm II: several objectives at once, with constraints. Of parents and children those
/// of the first fronts stay, each once, and of a front that does not fit as a whole those that are the least crowded.
///
/// ```swift
/// var search = try NSGA2(over: ["x": .real(0...1), "y": .real(0...1)], seed: 1)
/// while search.generation < 100 {
///   try search.tell(search.ask().map { x in Outcome([cost(x), error(x)], violation: overweight(x)) })
/// }
/// for point in search.front { print(point.individual, point.outcome.values) }
/// ```
///
/// Source: Deb, Pratap, Agarwal, Meyarivan, *A fast and elitist multiobjective genetic algorithm: NSGA-II*, 2002.
public struct NSGA2: EvolutionStrategy, Hashable {
  /// How many individuals a generation has.
  public let populationSize: Int
  /// How children come from parents.
  public let operators: GeneticOperators
  /// What sets its random numbers apart from others.
  public let seed: UInt64
  /// How many generations have been told, that of the first individuals among them.
  public private(set) var generation = 0
  /// The individuals that stayed.
  public private(set) var population: [Evaluated<Settings>] = []
  /// How crowded it is around each of them in its front.
  private var distances = StoredNumbers([])
  private let genome: Genome

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - space: The parameters.
  ///   - populationSize: How many individuals a generation has.
  ///   - operators: How children come from parents.
  ///   - seed: What sets its random numbers apart from others.
  /// - Throws: `SearchError` of settings that make no sense.
  public init(
    over space: Space, populationSize: Int = 100, operators: GeneticOperators = GeneticOperators(), seed: UInt64 = 0
  ) throws {
    try self.init(try Genome(space), populationSize: populationSize, operators: operators, seed: seed)
  }

  init(_ genome: Genome, populationSize: Int, operators: GeneticOperators, seed: UInt64) throws {
    guard populationSize >= 2, populationSize <= 1 << 30 else {
      throw SearchError("NSGA2", "a population has 2 individuals or more, and \(populationSize) were asked for")
    }
    try operators.check("NSGA2")
    (self.genome, self.populationSize, self.operators, self.seed) = (genome, populationSize, operators, seed)
  }

  /// The individuals that no other of the population dominates, by their objectives, each once.
  ///
  /// - Complexity: that of sorting the population into fronts.
  public var front: [Evaluated<Settings>] {
    let first = Self.withoutCopies(population).first
    let places = first.map(\.outcome).fronts().first ?? []
    return places.sorted().map { first[$0] }.filter { !$0.outcome.isFailure }
  }

  /// The individual of the population with the least value for the first objective.
  public var best: Evaluated<Settings>? { population.best(after: nil) }

  /// One individual of the present generation.
  public func individual(_ index: Int) -> Settings {
    guard !population.isEmpty else {
      var random = ElementRandom(seed: seed, generation: generation, member: index)
      return genome.allowed(&random) { genome.draw(&$0) }
    }
    var random = ElementRandom(seed: seed, generation: generation, member: index / 2)
    let (first, second) = (parent(&random), parent(&random))
    return genome.allowed(&random) { operators.children(first, second, of: genome, &$0)[abs(index % 2)] }
  }

  /// The better of two that are drawn: the one that dominates the other, or the less crowded one where neither does.
  ///
  /// By dominance and not by fronts, as pymoo does it: early on, when the first front is small, parents by fronts
  /// are so few that parts of the whole front are lost.
  private func parent(_ random: inout ElementRandom) -> Settings {
    let (a, b) = (random.place(below: population.count), random.place(below: population.count))
    let (one, other) = (population[a], population[b])
    if one.outcome.dominates(other.outcome) { return one.individual }
    if other.outcome.dominates(one.outcome) { return other.individual }
    return distances.numbers[a] >= distances.numbers[b] ? one.individual : other.individual
  }

  /// Takes of parents and children those that stay.
  ///
  /// - Throws: `SearchError` where there are not as many results as individuals, or they have unlike numbers of objectives.
  /// - Complexity: O(m · λ²) at worst for m objectives.
  public mutating func advance(_ results: [Evaluated<Settings>]) throws {
    guard results.count == populationSize else {
      throw SearchError(
        "NSGA2", "the generation has \(populationSize) individuals, and \(results.count) results were told")
    }
    for result in results { try genome.check(result.individual, "NSGA2") }
    let pool = population + results
    let counts = Set(pool.filter { !$0.outcome.isFailure }.map(\.outcome.values.count))
    guard counts.count <= 1 else {
      throw SearchError("NSGA2", "results have unlike numbers of objectives: \(counts.sorted())")
    }
    let (first, copies) = Self.withoutCopies(pool)
    var (kept, keptDistances) = ([Evaluated<Settings>](), [Double]())
    for front in first.map(\.outcome).fronts() where kept.count < populationSize {
      let values = front.map { first[$0].outcome.values }
      let isComplete = front.allSatisfy { !first[$0].outcome.isFailure }
      let crowding = isComplete ? crowdingDistances(of: values) : front.map { _ in 0 }
      let room = populationSize - kept.count
      let order = front.indices.sorted { a, b in
        crowding[a] == crowding[b] ? a < b : crowding[a] > crowding[b]
      }
      for place in order.prefix(room) {
        let member = first[front[place]]
        kept.append(Evaluated(member.individual, member.outcome))
        keptDistances.append(crowding[place])
      }
    }
    // Copies stay only where there are too few individuals, and count as the most crowded.
    for member in copies.prefix(populationSize - kept.count) {
      kept.append(Evaluated(member.individual, member.outcome))
      keptDistances.append(0)
    }
    (population, distances) = (kept, StoredNumbers(keptDistances))
    generation += 1
  }

  /// The individuals, each once, and those that were there before.
  private static func withoutCopies(
    _ pool: [Evaluated<Settings>]
  ) -> (first: [Evaluated<Settings>], copies: [Evaluated<Settings>]) {
    var seen: Set<Settings> = []
    var (first, copies) = ([Evaluated<Settings>](), [Evaluated<Settings>]())
    for member in pool {
      if seen.insert(member.individual).inserted { first.append(member) } else { copies.append(member) }
    }
    return (first, copies)
  }
}

extension NSGA2 {
  /// Reads a search.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of parts that do not fit together.
  public init(from decoder: any Decoder) throws {
    let reader = try StateReader("NSGA2", decoder, by: CodingKeys.self)
    try self.init(
      try reader.value(.genome), populationSize: try reader.value(.populationSize),
      operators: try reader.value(.operators), seed: try reader.value(.seed))
    generation = try reader.count(.generation)
    population = try reader.population(.population, size: populationSize, of: genome)
    distances = try reader.value(.distances)
    try reader.check(
      distances.numbers.count == population.count, .distances, "are of \(population.count)",
      found: distances.numbers.count)
  }
}
