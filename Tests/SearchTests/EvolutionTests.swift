import DescentData
import DescentSearch
import Foundation
import Testing

/// What holds of every strategy of vectors.
@Suite struct EvolutionTests {
  static let bounds = [ClosedRange](repeating: -5.0...5, count: 4)

  static func strategies(seed: UInt64 = 1) throws -> [any EvolutionStrategy<[Double]>] {
    let start = [2.0, -1.5, 1, 3]
    return [
      try CMAES(from: start, sigma: 1, bounds: bounds, wholeNumbers: [3], seed: seed),
      try CMAES(from: start, sigma: 1, bounds: bounds, covariance: .separable, seed: seed),
      try RestartedCMAES(from: start, sigma: 1, bounds: bounds, seed: seed),
      try XNES(from: start, sigma: 1, bounds: bounds, seed: seed),
      try SNES(from: start, sigma: 1, bounds: bounds, seed: seed),
      try OpenAIES(
        from: start, sigma: 0.3, learningRate: 0.15, bounds: bounds, populationSize: 20, sigmaDecay: 0.98, seed: seed),
      try PGPE(from: start, sigma: 1, bounds: bounds, populationSize: 20, seed: seed),
      try OnePlusOneES(from: start, sigma: 1, bounds: bounds, seed: seed),
      try OnePlusOneES(from: start, sigma: 1, bounds: bounds, offspring: 5, seed: seed),
      try DifferentialEvolution(within: bounds, populationSize: 20, seed: seed),
      try DifferentialEvolution(within: bounds, populationSize: 40, evaluations: 2_500, seed: seed),
      try ParticleSwarm(within: bounds, populationSize: 20, seed: seed),
      try ParticleSwarm(within: bounds, populationSize: 20, neighborhood: .ring(2), seed: seed),
    ]
  }

  @Test func eachFindsTheBottomOfABowl() throws {
    func check<Strategy: EvolutionStrategy<[Double]>>(_ strategy: Strategy) throws {
      var strategy = strategy
      try strategy.minimize(evaluations: 2_500) { x in
        #expect(zip(x, Self.bounds).allSatisfy { $1.contains($0) })
        return sphere(x.map { $0 - 1 })
      }
      let value = try #require(strategy.best).outcome.value
      #expect(value < 1e-2, "\(Strategy.self): \(value)")
    }
    for strategy in try Self.strategies() { try check(strategy) }
  }

  /// A minimum at a corner, and a start in another.
  @Test func eachReachesTheBounds() throws {
    func check<Strategy: EvolutionStrategy<[Double]>>(_ strategy: Strategy) throws {
      var strategy = strategy
      try strategy.minimize(evaluations: 2_500) { x in
        #expect(zip(x, Self.bounds).allSatisfy { $1.contains($0) })
        return x.reduce(0, +)
      }
      let value = try #require(strategy.best).outcome.value
      #expect(value < -19.5, "\(Strategy.self): \(value)")
    }
    for strategy in try Self.strategies() { try check(strategy) }
  }

  @Test func theWayIsTheSameForTheSameSeedAndAnotherForAnother() throws {
    func way<Strategy: EvolutionStrategy<[Double]>>(_ strategy: Strategy) throws -> [[Double]] {
      var strategy = strategy
      for _ in 0..<5 { try strategy.tell(strategy.ask().map(rosenbrock)) }
      return strategy.ask()
    }
    for ((a, b), c) in zip(zip(try Self.strategies(), try Self.strategies()), try Self.strategies(seed: 2)) {
      #expect(try way(a) == way(b))
      #expect(try way(a) != way(c))
    }
  }

  @Test func onlyTheOrderOfValuesCounts() throws {
    func way<Strategy: EvolutionStrategy<[Double]>>(
      _ strategy: Strategy, _ function: ([Double]) -> Double
    ) throws -> [[Double]] {
      var strategy = strategy
      for _ in 0..<10 { try strategy.tell(strategy.ask().map(function)) }
      return strategy.ask()
    }
    // Differential evolution weighs successes by how much better they are.
    for strategy in try Self.strategies() where !(strategy is DifferentialEvolution) {
      #expect(try way(strategy, rosenbrock) == way(strategy) { log(1 + rosenbrock($0)) * 3 - 7 })
    }
  }

  @Test func theOrderOfTellingDoesNotMatter() throws {
    func check<Strategy: EvolutionStrategy<[Double]>>(_ strategy: Strategy) throws {
      var (plain, shuffled) = (strategy, strategy)
      var random = ElementRandom(seed: 1, epoch: 0, index: 0)
      for generation in 0..<6 {
        var points = plain.ask()
        // Some are repaired.
        if generation > 2 { points[0] = points[0].map { ($0 * 4).rounded() / 4 } }
        let values = points.map { rosenbrock($0).rounded() }
        if generation > 2 { try plain.tell(points, values) } else { try plain.tell(values) }
        let order = points.indices.shuffled(using: &random)
        try shuffled.tell(order.map { points[$0] }, order.map { values[$0] })
        #expect(plain.ask() == shuffled.ask(), "\(Strategy.self), \(generation)")
      }
    }
    for strategy in try Self.strategies() { try check(strategy) }
  }

  @Test func whatWasWrittenGoesOnWithTheSameBits() throws {
    func check<Strategy: EvolutionStrategy<[Double]>>(_ strategy: Strategy) throws {
      var strategy = strategy
      for generation in 0..<12 {
        let data = try JSONEncoder().encode(strategy)
        var read = try JSONDecoder().decode(Strategy.self, from: data)
        #expect(read.ask() == strategy.ask())
        // Failures and infinities are part of what is kept.
        let values = strategy.ask().map { x in
          x[0] > 2 ? .nan : x[1] > 2 ? .infinity : rosenbrock(x)
        }
        try strategy.tell(values)
        try read.tell(values)
        #expect(read.ask() == strategy.ask(), "\(Strategy.self), \(generation)")
        #expect(read.best == strategy.best)
        strategy = read
      }
    }
    for strategy in try Self.strategies() { try check(strategy) }
  }

  @Test func failuresEverywhereLeaveNothingToBreak() throws {
    func check<Strategy: EvolutionStrategy<[Double]>>(_ strategy: Strategy) throws {
      var strategy = strategy
      for _ in 0..<5 { try strategy.tell(strategy.ask().map { _ in .nan }) }
      #expect(strategy.best == nil)
      #expect(strategy.ask().allSatisfy { $0.allSatisfy(\.isFinite) })
    }
    for strategy in try Self.strategies() { try check(strategy) }
  }

  @Test func constraintsAreMetByDebsRules() throws {
    func check<Strategy: EvolutionStrategy<[Double]>>(_ strategy: Strategy) throws {
      var strategy = strategy
      var count = 0
      while count < 2_500 {
        let points = strategy.ask()
        count += points.count
        // The minimum of the sum of squares where the sum is at least 4: (1, 1, 1, 1).
        try strategy.tell(points.map { x in Outcome(sphere(x), violation: max(0, 4 - x.reduce(0, +))) })
      }
      let best = try #require(strategy.best)
      #expect(best.outcome.isFeasible && best.outcome.value < 4.6, "\(Strategy.self): \(best)")
    }
    for strategy in try Self.strategies() where !(strategy is OnePlusOneES) { try check(strategy) }
  }

  @Test func outcomesAreComparedByDebsRules() {
    let order = [Outcome(1), Outcome(2), Outcome(-5, violation: 0.1), Outcome(-9, violation: 3), Outcome(.nan)]
    for (a, b) in zip(order, order.dropFirst()) {
      #expect(a.isBetter(than: b) && !b.isBetter(than: a))
    }
    #expect(Outcome(1, violation: -3) == Outcome(1))
    #expect(!Outcome(1, violation: .nan).isFeasible)
  }

  @Test func mistakesAreTold() throws {
    #expect(throws: SearchError.self) { try XNES(from: [], sigma: 1) }
    #expect(throws: SearchError.self) { try SNES(from: [0], sigma: -1) }
    #expect(throws: SearchError.self) { try SNES(from: [0], sigma: 1, scales: [0]) }
    #expect(throws: SearchError.self) { try OpenAIES(from: [0], populationSize: 1) }
    #expect(throws: SearchError.self) { try OpenAIES(from: [0], weightDecay: 2) }
    #expect(throws: SearchError.self) { try PGPE(from: [0], mostSpeed: 0) }
    #expect(throws: SearchError.self) { try OnePlusOneES(from: [0], sigma: 1, offspring: 0) }
    #expect(throws: SearchError.self) { try DifferentialEvolution(within: [0...1], populationSize: 3) }
    #expect(throws: SearchError.self) { try DifferentialEvolution(within: [0...(.infinity)]) }
    #expect(throws: SearchError.self) { try DifferentialEvolution(within: [0...1], evaluations: 3) }
    #expect(throws: SearchError.self) { try ParticleSwarm(within: []) }
    #expect(throws: SearchError.self) { try ParticleSwarm(within: [1...1]) }
    #expect(throws: SearchError.self) { try ParticleSwarm(within: [0...1], neighborhood: .ring(0)) }
  }
}

@Suite struct DifferentialEvolutionTests {
  @Test func populationsShrinkAsEvaluationsAreUsedUp() throws {
    var method = try DifferentialEvolution(
      within: EvolutionTests.bounds, populationSize: 60, evaluations: 1_500, seed: 1)
    try method.minimize(evaluations: 1_500) { rosenbrock($0) }
    #expect(method.populationSize == 4)
    #expect(method.evaluations >= 1_500 && method.evaluations < 1_560)
  }

  @Test func manyMinimaAreOvercome() throws {
    var method = try DifferentialEvolution(
      within: EvolutionTests.bounds, populationSize: 60, evaluations: 8_000, seed: 1)
    try method.minimize(evaluations: 8_000, target: 1e-8, rastrigin)
    #expect(try #require(method.best).outcome.value < 1e-8)
  }
}
