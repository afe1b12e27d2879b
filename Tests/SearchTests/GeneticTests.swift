import DescentData
@testable import DescentSearch
import Foundation
import Testing

@Suite struct GeneticOperatorTests {
  private let domains: [Domain] = [
    .real(-2...3), .real(1e-4...1e2, scale: .logarithmic), .real(0...1, step: 0.25), .integer(-3...40),
    .integer(1...1_000, scale: .logarithmic), .integer(0...9, step: 3), .choice(["a", "b", "c"]), .toggle,
    .subset(["a", "b", "c", "d"]), .permutation(["a", "b", "c", "d", "e", "f"]), .choice(["only"]),
    .permutation(["only"]), .real(2...2), .integer(5...5),
  ]

  @Test func childrenLieInTheirDomains() {
    for numbers in [GeneticOperators.NumberCrossover.simulatedBinary(), .blend(), .uniform] {
      for orders in [GeneticOperators.OrderCrossover.order, .partiallyMapped, .cycle] {
        for mutation in [GeneticOperators.OrderMutation.swap, .insertion, .inversion] {
          let operators = GeneticOperators(numbers: numbers, orders: orders, orderMutation: mutation)
          for (number, domain) in domains.enumerated() {
            var random = ElementRandom(seed: 3, epoch: 0, index: number)
            for _ in 0..<30 {
              let (a, b) = (domain.setting(from: &random), domain.setting(from: &random))
              let (x, y) = operators.crossed(a, b, in: domain, &random)
              #expect(domain.contains(x) && domain.contains(y), "\(domain): \(a) × \(b) = \(x), \(y)")
              let mutated = operators.mutated(a, in: domain, &random)
              #expect(domain.contains(mutated), "\(domain): \(a) → \(mutated)")
              // What has few values always changes.
              if domain.count.isFinite, domain.count > 1 { #expect(mutated != a, "\(domain): \(a)") }
            }
          }
        }
      }
    }
  }

  /// Of each option's place, a child by cycles has that of one parent.
  @Test func cyclesKeepPlaces() {
    var random = ElementRandom(seed: 1, epoch: 0, index: 0)
    let operators = GeneticOperators(orders: .cycle)
    for _ in 0..<20 {
      let (a, b) = (Array(0..<9).shuffled(using: &random), Array(0..<9).shuffled(using: &random))
      let (x, y) = operators.crossedOrders(a, b, &random)
      for place in 0..<9 { #expect(Set([x[place], y[place]]) == Set([a[place], b[place]])) }
    }
  }

  @Test func simulatedBinaryCrossoverKeepsTheMeanAndStaysNear() {
    let domain = Domain.real(0...1)
    let operators = GeneticOperators(numbers: .simulatedBinary(spread: 20))
    var random = ElementRandom(seed: 1, epoch: 0, index: 0)
    var largest = 0.0
    for _ in 0..<500 {
      let (x, y) = operators.crossed(.real(0.45), .real(0.55), in: domain, &random)
      guard case .real(let x) = x, case .real(let y) = y else { continue }
      #expect(abs((x + y) / 2 - 0.5) < 1e-9)
      largest = max(largest, abs(x - y))
    }
    #expect(largest > 0.1 && largest < 0.2)
  }
}

@Suite struct GeneticAlgorithmTests {
  private let cities = (0..<9).map { "\($0)" }

  /// Cities on a circle: the shortest tour is the circle.
  private func length(_ tour: Setting?) -> Double {
    guard case .permutation(let order)? = tour else { return .nan }
    var length = 0.0
    for (place, city) in order.enumerated() {
      let next = order[(place + 1) % order.count]
      length += 2 * abs(sin(Double.pi * Double(city - next) / Double(order.count)))
    }
    return length
  }

  @Test func shortestToursAreFound() throws {
    let shortest = 18 * sin(Double.pi / 9)
    for orders in [GeneticOperators.OrderCrossover.order, .partiallyMapped, .cycle] {
      var search = try GeneticAlgorithm(
        over: ["tour": .permutation(cities)], populationSize: 30,
        operators: GeneticOperators(mutationProbability: 0.5, orders: orders), seed: 2)
      try search.minimize(evaluations: 4_000, target: shortest + 1e-9) { length($0["tour"]) }
      #expect(abs(try #require(search.best).outcome.value - shortest) < 1e-9, "\(orders)")
    }
    var annealing = try SimulatedAnnealing(over: ["tour": .permutation(cities)], steps: 1_000, seed: 1)
    try annealing.minimize(evaluations: 2_000, target: shortest + 1e-9) { length($0["tour"]) }
    #expect(abs(try #require(annealing.best).outcome.value - shortest) < 1e-9)
  }

  @Test func mixedSpacesAreSearched() throws {
    let space: Space = [
      "rate": .real(1e-5...1, scale: .logarithmic), "layers": .integer(1...20), "kind": .choice(["a", "b", "c", "d"]),
      "bias": .toggle, "parts": .subset(["u", "v", "w", "x", "y"]),
    ]
    func value(_ x: Settings) -> Double {
      guard case .real(let rate)? = x["rate"], case .integer(let layers)? = x["layers"],
        case .choice(let kind)? = x["kind"], case .toggle(let bias)? = x["bias"], case .subset(let parts)? = x["parts"]
      else { return .nan }
      let distance = log10(rate) + 2
      let difference = Set(parts).symmetricDifference([0, 3, 4]).count
      return distance * distance + abs(Double(layers) - 7) + (kind == 2 ? 0 : 2) + (bias ? 1 : 0) + Double(difference)
    }
    var search = try GeneticAlgorithm(over: space, seed: 1)
    try search.minimize(evaluations: 2_500, target: 1e-3, value)
    #expect(try #require(search.best).outcome.value < 1e-3)
    var annealing = try SimulatedAnnealing(over: space, steps: 1_000, chains: 3, seed: 1)
    try annealing.minimize(evaluations: 4_000, target: 1e-2, value)
    #expect(try #require(annealing.best).outcome.value < 1e-2)
  }

  @Test func conditionsAndConstraintsAreKept() throws {
    let space = Space(
      [
        .init("layers", .integer(1...3)),
        .init("first", .real(0...1)),
        .init("second", .real(0...1), when: .number("layers", atLeast: 2)),
      ],
      allowing: [.sum(["first": 1, "second": 1], atMost: 1)])
    var search = try GeneticAlgorithm(over: space, populationSize: 20, seed: 1)
    var annealing = try SimulatedAnnealing(over: space, chains: 4, seed: 1)
    var front = try NSGA2(over: space, populationSize: 20, seed: 1)
    for _ in 0..<15 {
      for individual in search.ask() + annealing.ask() + front.ask() { #expect(space.contains(individual)) }
      func value(_ x: Settings) -> Double { -Double(x.count) }
      try search.tell(search.ask().map(value))
      try annealing.tell(annealing.ask().map(value))
      try front.tell(front.ask().map(value))
    }
    #expect(try #require(search.best).individual.count == 3)
  }

  @Test func elitesAreNeverLost() throws {
    var search = try GeneticAlgorithm(over: ["x": .real(-1...1)], populationSize: 8, elites: 1, seed: 1)
    var least = Double.infinity
    for generation in 0..<30 {
      try search.tell(search.ask().map { x in x["x"] == nil ? .nan : Double(generation % 7) + 0.1 })
      least = min(least, Double(generation % 7) + 0.1)
      #expect(search.population[0].outcome.value == least)
    }
  }

  @Test func whatWasWrittenGoesOnWithTheSameBitsAndInAnyOrder() throws {
    let space: Space = ["x": .real(-5...5), "n": .integer(0...9), "o": .permutation(["a", "b", "c", "d"])]
    func value(_ x: Settings) -> Double {
      guard case .real(let x0)? = x["x"], case .integer(let n)? = x["n"] else { return .nan }
      return (x0 * x0 + Double(n)).rounded()
    }
    func check<Strategy: EvolutionStrategy<Settings>>(_ strategy: Strategy) throws {
      var strategy = strategy
      var random = ElementRandom(seed: 1, epoch: 0, index: 0)
      for _ in 0..<20 {
        var read = try JSONDecoder().decode(Strategy.self, from: try JSONEncoder().encode(strategy))
        let individuals = strategy.ask()
        #expect(read.ask() == individuals)
        let order = individuals.indices.shuffled(using: &random)
        try strategy.tell(individuals.map(value))
        try read.tell(order.map { individuals[$0] }, order.map { value(individuals[$0]) })
        #expect(read.ask() == strategy.ask(), "\(Strategy.self)")
      }
    }
    try check(try GeneticAlgorithm(over: space, populationSize: 12, seed: 1))
    try check(try NSGA2(over: space, populationSize: 12, seed: 1))
    try check(try SimulatedAnnealing(over: space, chains: 3, warmUp: 3, seed: 1))
  }

  @Test func mistakesAreTold() throws {
    let space: Space = ["x": .real(0...1)]
    #expect(throws: SearchError.self) { try GeneticAlgorithm(over: [:]) }
    #expect(throws: SearchError.self) { try GeneticAlgorithm(over: space, populationSize: 1) }
    #expect(throws: SearchError.self) { try GeneticAlgorithm(over: space, populationSize: 4, elites: 4) }
    #expect(throws: SearchError.self) { try GeneticAlgorithm(over: space, tournament: 0) }
    #expect(throws: SearchError.self) {
      try GeneticAlgorithm(over: space, operators: GeneticOperators(crossoverProbability: 1.5))
    }
    #expect(throws: SearchError.self) {
      try GeneticAlgorithm(over: space, operators: GeneticOperators(mutationSpread: -1))
    }
    #expect(throws: SearchError.self) { try NSGA2(over: space, populationSize: 0) }
    #expect(throws: SearchError.self) { try SimulatedAnnealing(over: space, steps: 0) }
    #expect(throws: SearchError.self) { try SimulatedAnnealing(over: space, temperature: -1) }
    var search = try NSGA2(over: space, populationSize: 4)
    #expect(throws: SearchError.self) {
      try search.tell([Outcome([1, 2]), Outcome([1]), Outcome([1, 2]), Outcome([1, 2])])
    }
  }
}

@Suite struct AnnealingTests {
  @Test func worseStepsAreTakenAtTheirProbability() throws {
    // From a state of value 0, a step to value 1 at temperature 2 is taken with the probability exp(−1/2).
    var taken = 0
    for seed in 0..<400 {
      var search = try SimulatedAnnealing(
        over: ["x": .real(0...1)], steps: 1_000_000, temperature: 2, warmUp: 1, seed: UInt64(seed))
      try search.tell([0.0])
      try search.tell([1.0])
      if search.chains[0].outcome.value == 1 { taken += 1 }
    }
    #expect(abs(Double(taken) / 400 - exp(-0.5)) < 0.08)
  }

  @Test func temperaturesFallGeometrically() throws {
    var search = try SimulatedAnnealing(
      over: ["x": .real(0...1)], steps: 4, temperature: 8, cooling: 1.0 / 16, warmUp: 1, seed: 1)
    var temperatures: [Double] = []
    for _ in 0..<7 {
      try search.tell([1.0])
      temperatures.append(try #require(search.temperature))
    }
    for (found, expected) in zip(temperatures, [8, 4, 2, 1, 0.5, 0.5, 0.5]) { #expect(abs(found - expected) < 1e-12) }
  }
}

@Suite struct HallOfFameTests {
  @Test func theBestAreKeptOnceAndInOrder() throws {
    var hall = HallOfFame<[Double]>(capacity: 3)
    hall.insert([[3], [1], [2], [1], [0]], [3, 1, 2, 1, .nan])
    #expect(hall.members.map(\.individual) == [[1], [2], [3]])
    hall.insert([0.5], Outcome(0.5))
    #expect(hall.members.map(\.individual) == [[0.5], [1], [2]])
    let read = try JSONDecoder().decode(HallOfFame<[Double]>.self, from: try JSONEncoder().encode(hall))
    #expect(read == hall)
  }

  @Test func archivesHoldWhatNothingDominates() {
    var archive = ParetoArchive<[Double]>(capacity: 3)
    archive.insert([0], Outcome([5, 5], violation: 1))
    archive.insert([1], Outcome([1, 4]))
    archive.insert([2], Outcome([4, 1]))
    archive.insert([3], Outcome([3, 3]))
    archive.insert([4], Outcome([4, 4]))
    #expect(archive.members.map(\.individual) == [[1], [2], [3]])
    archive.insert([5], Outcome([2, 2]))
    #expect(archive.members.map(\.individual) == [[1], [2], [5]])
    archive.insert([6], Outcome([1.1, 3.9]))
    #expect(archive.members.count == 3)
    #expect(archive.members.map(\.individual).contains([1]) && archive.members.map(\.individual).contains([2]))
  }
}
