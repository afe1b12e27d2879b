import DescentTypes

/// A method that moves a population toward better individuals: it is asked for a generation, told what became of it, and
/// asked for the next.
///
/// ```swift
/// var strategy = try CMAES(from: [0, 0], sigma: 1, seed: 1)
/// while strategy.generation < 100 {
///   try strategy.tell(strategy.ask().map { x in pow(x[0] - 1, 2) + pow(x[1] - 2, 2) })
/// }
/// print(strategy.best)
/// ```
///
/// A strategy is a value that depends on its settings, its seed and what it was told alone: asking changes nothing, a copy
/// goes on as the original does, and one that was written and read again goes on with the same bits.
public protocol EvolutionStrategy<Individual>: Codable, Sendable {
  /// What is evaluated: a vector of numbers, or settings by name.
  associatedtype Individual: Hashable & Sendable

  /// How many individuals the present generation has.
  var populationSize: Int { get }
  /// How many generations have been told.
  var generation: Int { get }
  /// The best individual of all generations, with its outcome.
  var best: Evaluated<Individual>? { get }
  /// One individual of the present generation.
  ///
  /// - Parameter index: Which, from 0; beyond the population's size there are further ones.
  func individual(_ index: Int) -> Individual
  /// Takes what became of a generation, and makes the next.
  ///
  /// - Parameter results: As many as the generation has, whose order has been settled: `tell` does it. Those without an
  ///   index are not from the generation.
  /// - Throws: `SearchError` of results that do not fit.
  mutating func advance(_ results: [Evaluated<Individual>]) throws
}

/// A strategy of vectors that are drawn around a mean, which is the better estimate of a minimum where values are noisy.
public protocol DistributionStrategy: EvolutionStrategy<[Double]> {
  /// The mean of the present generation.
  var mean: [Double] { get }
}

/// An individual with its outcome.
public struct Evaluated<Individual: Hashable & Sendable>: Hashable, Sendable {
  /// Which individual of its generation it is; `nil` where it is not from the generation.
  public var index: Int?
  /// The individual.
  public var individual: Individual
  /// What became of it.
  public var outcome: Outcome

  /// Makes an individual with its outcome.
  public init(_ individual: Individual, _ outcome: Outcome, index: Int? = nil) {
    (self.individual, self.outcome, self.index) = (individual, outcome, index)
  }
}

extension Evaluated: Codable where Individual: Codable {}

extension EvolutionStrategy {
  /// The individuals of the present generation.
  public func ask() -> [Individual] { (0..<populationSize).map(individual) }

  /// Takes the values of the individuals that `ask` gave, in their order; the smallest is the best.
  ///
  /// - Throws: `SearchError` where the number of values is not the population's size.
  public mutating func tell(_ values: [Double]) throws { try tell(values.map { Outcome($0) }) }

  /// Takes the outcomes of the individuals that `ask` gave, in their order.
  ///
  /// - Throws: `SearchError` where the number of outcomes is not the population's size.
  public mutating func tell(_ outcomes: [Outcome]) throws {
    try checkCount(outcomes.count, "outcomes")
    try advance(outcomes.enumerated().map { Evaluated(individual($0.offset), $0.element, index: $0.offset) })
  }

  /// Takes the values of individuals in any order; the order makes no difference.
  ///
  /// Individuals that `ask` did not give, such as repaired ones, are learned from as well.
  ///
  /// - Throws: `SearchError` where there are not as many of either as the population's size.
  public mutating func tell(_ individuals: [Individual], _ values: [Double]) throws {
    try tell(individuals, values.map { Outcome($0) })
  }

  /// Takes the outcomes of individuals in any order; see `tell(_:_:)` of values.
  public mutating func tell(_ individuals: [Individual], _ outcomes: [Outcome]) throws {
    try checkCount(individuals.count, "individuals")
    try checkCount(outcomes.count, "outcomes")
    try advance(settled(zip(individuals, outcomes).map { Evaluated($0, $1) }))
  }

  /// Evaluates generation after generation, until there have been so many evaluations or the value is low enough.
  ///
  /// - Parameters:
  ///   - evaluations: How many evaluations there may be; the generation that reaches the number is the last.
  ///   - target: The value that ends the search.
  ///   - function: Gives an individual's value.
  /// - Returns: The best individual.
  /// - Throws: What the function throws, and `SearchError`.
  @discardableResult
  public mutating func minimize(
    evaluations: Int, target: Double = -.infinity, _ function: (Individual) throws -> Double
  ) throws -> Evaluated<Individual>? {
    var count = 0
    while count < evaluations {
      let individuals = ask()
      try tell(try individuals.map(function))
      count += individuals.count
      if let best, best.outcome.isFeasible, best.outcome.value <= target { break }
    }
    return best
  }

  /// Results in the order of the generation, each with its place in it where it has one; those that have none follow, the
  /// best first.
  func settled(_ results: [Evaluated<Individual>]) -> [Evaluated<Individual>] {
    var places: [Individual: [Int]] = [:]
    for index in (0..<populationSize).reversed() { places[individual(index), default: []].append(index) }
    // Equal individuals with unlike outcomes get their places by the outcomes, so that no order is left to tell.
    let order = results.map(\.outcome).ranking()
    var own: [Evaluated<Individual>] = []
    var foreign: [Evaluated<Individual>] = []
    for position in order {
      var result = results[position]
      if let index = places[result.individual]?.popLast() {
        result.index = index
        own.append(result)
      } else {
        result.index = nil
        foreign.append(result)
      }
    }
    foreign.sort { a, b in
      if a.outcome.isBetter(than: b.outcome) { return true }
      return !b.outcome.isBetter(than: a.outcome) && Self.text(a.individual) < Self.text(b.individual)
    }
    return own.sorted { ($0.index ?? 0) < ($1.index ?? 0) } + foreign
  }

  /// An individual as text that is the same in every process, by which equally good ones are put in order.
  private static func text(_ individual: Individual) -> String {
    guard let settings = individual as? Settings else { return "\(individual)" }
    return settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  private func checkCount(_ count: Int, _ what: String) throws {
    guard count == populationSize else {
      throw SearchError(
        "\(Self.self)", "the generation has \(populationSize) individuals, and \(count) \(what) were told")
    }
  }
}

extension Collection {
  /// The best of these and of what was the best before.
  func best<Individual>(after before: Evaluated<Individual>?) -> Evaluated<Individual>?
  where Element == Evaluated<Individual> {
    reduce(before) { best, result in
      guard let best else { return result.outcome.isFailure ? nil : result }
      return result.outcome.isBetter(than: best.outcome) ? result : best
    }
  }
}

extension Collection<Double> {
  /// Refuses what is not finite.
  func checkFinite(_ subject: String, _ what: String) throws {
    guard let wrong = first(where: { !$0.isFinite }) else { return }
    throw SearchError(subject, "\(what) has \(wrong), which is not finite")
  }
}
