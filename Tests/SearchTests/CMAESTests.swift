import DescentData
import DescentSearch
import Foundation
import Testing

@Suite struct CMAESTests {
  /// The digits of Hansen's tutorial and of pycma.
  @Test func parametersAreThoseOfTheReference() {
    let expected: [(n: Int, size: Int, numbers: [Double])] = [
      (5, 8, [2.600179, 0.450200, 0.365088, 0.047292, 0.038169, 1.365088]),
      (10, 10, [3.167299, 0.294990, 0.284429, 0.015284, 0.020154, 1.284429]),
      (20, 12, [3.729459, 0.171767, 0.199428, 0.004372, 0.008191, 1.199428]),
      (40, 15, [4.540915, 0.093009, 0.132031, 0.001169, 0.003123, 1.132031]),
    ]
    for (n, size, numbers) in expected {
      let p = CMAES.Parameters(dimension: n)
      #expect(p.populationSize == size)
      let found = [
        p.effectiveCount, p.pathRate, p.stepPathRate, p.rankOneRate, p.rankMuRate, p.stepDamping,
      ]
      for (value, number) in zip(found, numbers) {
        #expect(abs(value - number) < 5.1e-7, "n = \(n): \(found)")
      }
      #expect(abs(p.weights.filter { $0 > 0 }.reduce(0, +) - 1) < 1e-15)
      #expect(p.weights.count == size && p.weights.contains { $0 < 0 })
    }
  }

  /// What pycma 4.5.0 computes.
  @Test func parametersOfPycmaAreItsOwn() throws {
    let expected: [(n: Int, numbers: [Double])] = [
      (5, [0.433972, 0.047292, 0.047859, 1.433972, -1.988158]),
      (10, [0.319614, 0.015284, 0.023552, 1.319614, -1.648946]),
      (20, [0.214350, 0.004372, 0.009217, 1.214350, -1.474402]),
      (40, [0.137585, 0.001169, 0.003405, 1.137585, -1.343424]),
    ]
    for (n, numbers) in expected {
      let p = try CMAES(from: [Double](repeating: 0, count: n), sigma: 1, rates: .pycma).parameters
      let negative = p.weights.filter { $0 < 0 }.reduce(0, +)
      for (value, number) in zip([p.stepPathRate, p.rankOneRate, p.rankMuRate, p.stepDamping, negative], numbers) {
        #expect(abs(value - number) < 5.1e-7, "n = \(n): \(value), \(number)")
      }
    }
  }

  @Test func benchmarksHaveTheValuesOfTheReference() {
    let expected: [(BBOB.Kind, Double)] = [
      (.sphere, -77.2745459), (.ellipsoid, 6_180_022.8217), (.rosenbrock, 33_355.792472),
      (.rotatedEllipsoid, 4_374_717.4934),
    ]
    for (kind, value) in expected {
      let found = BBOB(kind, instance: 0, dimension: 4)([0, 0, 0, 0])
      #expect(abs(found - value) < 1e-8 * abs(value), "\(kind): \(found)")
    }
  }

  /// The bounds of pycma's own tests.
  @Test func knownFunctionsTakeNoMoreThanPycmaAllows() throws {
    var cma = try CMAES(from: [Double](repeating: 0.1, count: 10), sigma: 0.3, seed: 3)
    try cma.minimize(evaluations: 8_000, target: 1e-12, rosenbrock)
    #expect(try #require(cma.best).outcome.value < 1e-12)
    cma = try CMAES(from: [1, 1, 1], sigma: 1, seed: 4)
    try cma.minimize(evaluations: 2_000, target: 1e-6, ellipsoid)
    #expect(try #require(cma.best).outcome.value < 1e-6)
    for n in 2...4 {
      cma = try CMAES(from: [Double](repeating: 1, count: n), sigma: 0.5, seed: 5)
      try cma.minimize(evaluations: 1_000, target: 1e-11, sphere)
      #expect(try #require(cma.best).outcome.value < 1e-11)
    }
  }

  /// The minimum lies on the bounds, and a third of the values are missing.
  @Test func boundsAndFailuresAreMet() throws {
    var cma = try CMAES(
      from: [Double](repeating: 0.2, count: 10), sigma: 0.5,
      bounds: [ClosedRange](repeating: 0...(.infinity), count: 10),
      seed: 6)
    try cma.minimize(evaluations: 9_000, target: 1e-9) { x in
      #expect(x.allSatisfy { $0 >= 0 })
      return (x[0] * 1e4).truncatingRemainder(dividingBy: 1) < 0.3 && x[0] > 1e-3 ? .nan : ellipsoid(x)
    }
    #expect(try #require(cma.best).outcome.value < 1e-9)
  }

  @Test func separableCovariancesServeManyCoordinates() throws {
    var cma = try CMAES(from: [Double](repeating: 1, count: 30), sigma: 0.5, covariance: .separable, seed: 7)
    #expect(cma.isSeparable)
    try cma.minimize(evaluations: 8_000, target: 1e-6, ellipsoid)
    #expect(try #require(cma.best).outcome.value < 1e-6)
    #expect(try CMAES(from: [Double](repeating: 0, count: 300), sigma: 1).isSeparable)
  }

  @Test func wholeNumbersKeepMoving() throws {
    // Without a margin, a coordinate is stuck once σ is small.
    let center = [3.0, -7.0, 12.0, 0.0, 1.0]
    for seed in 1...3 as ClosedRange<UInt64> {
      var cma = try CMAES(
        from: [0, 0, 0, 0, 0], sigma: 2, bounds: [-20...20, -20...20, -20...20, 0...1, 0...1],
        wholeNumbers: [1, 2, 3, 4], seed: seed)
      try cma.minimize(evaluations: 4_000, target: 1e-10) { x in
        #expect(x[1...].allSatisfy { $0 == $0.rounded() })
        #expect((0...1).contains(x[3]) && (0...1).contains(x[4]))
        return ellipsoid(zip(x, center).map { $0 - $1 }.reversed())
      }
      #expect(try #require(cma.best).outcome.value < 1e-10)
    }
  }

  @Test func searchesStopAndSayWhy() throws {
    var cma = try CMAES(from: [1, 1], sigma: 0.5, seed: 1)
    while cma.stop == nil, cma.generation < 1_000 { try cma.tell(cma.ask().map(sphere)) }
    #expect(cma.stop == .flatValues || cma.stop == .smallSteps)
    cma = try CMAES(from: [1, 1], sigma: 1e-3, seed: 1)
    while cma.stop == nil, cma.generation < 1_000 { try cma.tell(cma.ask().map { $0[0] }) }
    #expect(cma.stop == .divergence)
    cma = try CMAES(from: [1, 1], sigma: 1, seed: 1)
    while cma.stop == nil, cma.generation < 1_000 { try cma.tell(cma.ask().map { _ in 1 }) }
    #expect(cma.stop == .flatValues)
  }

  @Test func restartsFindTheLowestOfManyMinima() throws {
    let bounds = [ClosedRange](repeating: -5.0...5, count: 2)
    for policy in [RestartedCMAES.Policy.increasing(), .twoPopulations] {
      var cma = try RestartedCMAES(from: [3.2, -3.4], sigma: 1, policy: policy, bounds: bounds, seed: 2)
      try cma.minimize(evaluations: 20_000, target: 1e-8, rastrigin)
      #expect(try #require(cma.best).outcome.value < 1e-8)
      #expect(cma.restarts > 0)
    }
    #expect(throws: SearchError.self) { try RestartedCMAES(from: [0], sigma: 1, policy: .increasing(factor: 1)) }
  }

  @Test func mistakesAreTold() throws {
    #expect(throws: SearchError.self) { try CMAES(from: [], sigma: 1) }
    #expect(throws: SearchError.self) { try CMAES(from: [.nan], sigma: 1) }
    #expect(throws: SearchError.self) { try CMAES(from: [0], sigma: 0) }
    #expect(throws: SearchError.self) { try CMAES(from: [0], sigma: 1, scales: [1, 2]) }
    #expect(throws: SearchError.self) { try CMAES(from: [0], sigma: 1, bounds: [1...2]) }
    #expect(throws: SearchError.self) { try CMAES(from: [0], sigma: 1, bounds: []) }
    #expect(throws: SearchError.self) { try CMAES(from: [0], sigma: 1, wholeNumbers: [1]) }
    #expect(throws: SearchError.self) { try CMAES(from: [0], sigma: 1, populationSize: 1) }
    var cma = try CMAES(from: [0, 0], sigma: 1)
    #expect(throws: SearchError.self) { try cma.tell([1, 2]) }
    #expect(throws: SearchError.self) { try cma.tell(cma.ask().map { _ in [1, 2, 3] }, cma.ask().map { _ in 1 }) }
    #expect(throws: SearchError.self) { try cma.tell(cma.ask().map { _ in [.nan, 0] }, cma.ask().map { _ in 1 }) }
    #expect(cma.generation == 0)
  }
}

@Suite struct CMAESInvarianceTests {
  private let start = [0.4, -1.3, 2.1]

  private func run(
    _ start: [Double], sigma: Double = 0.7, scales: [Double]? = nil, generations: Int = 30,
    _ function: ([Double]) -> Double
  ) throws -> CMAES {
    var cma = try CMAES(from: start, sigma: sigma, scales: scales, seed: 11)
    for _ in 0..<generations { try cma.tell(cma.ask().map(function)) }
    return cma
  }

  @Test func increasingFunctionsOfTheValuesChangeNothing() throws {
    let plain = try run(start, ellipsoid)
    let bent = try run(start) { exp(ellipsoid($0) / 1e5) - 3 }
    #expect(plain.ask() == bent.ask())
    #expect(plain.sigma == bent.sigma)
  }

  @Test func translationsMoveTheWay() throws {
    let shift = [1024.0, -512.0, 64.0]
    let plain = try run(start, ellipsoid)
    let moved = try run(zip(start, shift).map(+)) { x in ellipsoid(zip(x, shift).map(-)) }
    for (a, b) in zip(plain.ask(), moved.ask()) {
      for place in a.indices { #expect(abs(a[place] + shift[place] - b[place]) < 1e-7) }
    }
  }

  @Test func scalesOfSpaceScaleTheWay() throws {
    // Powers of two change no digit.
    let plain = try run(start, ellipsoid)
    let scaled = try run(start.map { 8 * $0 }, sigma: 8 * 0.7) { x in ellipsoid(x.map { $0 / 8 }) }
    #expect(scaled.ask() == plain.ask().map { $0.map { 8 * $0 } })
    let each = [4.0, 0.5, 2.0]
    let stretched = try run(zip(start, each).map(*), scales: each) { x in ellipsoid(zip(x, each).map(/)) }
    for (a, b) in zip(plain.ask(), stretched.ask()) {
      for place in a.indices { #expect(abs(a[place] * each[place] - b[place]) < 1e-6) }
    }
  }

  /// The draws cannot be turned with space, but what a function needs does not depend on the turn: so many generations
  /// from turned draws, which turned steps told as foreign points make.
  @Test func rotationsTurnTheWay() throws {
    let rotation = [[0.6, -0.8, 0], [0.8, 0.6, 0], [0, 0, 1]]
    func turned(_ x: [Double]) -> [Double] { rotation.map { row in zip(row, x).reduce(0) { $0 + $1.0 * $1.1 } } }
    var plain = try CMAES(from: start, sigma: 0.3, seed: 11)
    var other = try CMAES(from: turned(start), sigma: 0.3, seed: 12)
    for _ in 0..<25 {
      let points = plain.ask()
      let values = points.map(ellipsoid)
      // Both learn from the same points as foreign ones, in turned coordinates.
      try plain.tell(points.map { $0.map { $0.nextUp } }, values)
      try other.tell(points.map { turned($0.map { $0.nextUp }) }, values)
    }
    for (a, b) in zip(turned(plain.mean), other.mean) { #expect(abs(a - b) < 1e-8) }
    #expect(abs(plain.sigma / other.sigma - 1) < 1e-8)
  }

  @Test func rotatedValleysTakeAboutAsManyEvaluations() throws {
    var counts: [BBOB.Kind: [Int]] = [:]
    for kind in [BBOB.Kind.ellipsoid, .rotatedEllipsoid] {
      for instance in 1...5 {
        let function = BBOB(kind, instance: instance, dimension: 5)
        var cma = try CMAES(from: [1, -1, 2, 0, 3], sigma: 2, seed: UInt64(instance))
        try cma.minimize(evaluations: 4_000, target: function.minimum + 1e-7) { function($0) }
        counts[kind, default: []].append(cma.generation * cma.populationSize)
      }
    }
    let medians = counts.mapValues { Double($0.sorted()[2]) }
    let ratio = try #require(medians[.rotatedEllipsoid]) / #require(medians[.ellipsoid])
    #expect(ratio < 1.3 && ratio > 1 / 1.3)
  }

  @Test func theOrderOfResultsDoesNotMatter() throws {
    var plain = try CMAES(from: start, sigma: 0.7, seed: 3)
    var shuffled = plain
    var random = ElementRandom(seed: 1, epoch: 0, index: 0)
    for _ in 0..<20 {
      let points = plain.ask()
      // Few distinct values, so that there are ties.
      let values = points.map { ellipsoid($0).rounded() }
      try plain.tell(values)
      let order = points.indices.shuffled(using: &random)
      try shuffled.tell(order.map { points[$0] }, order.map { values[$0] })
      #expect(plain == shuffled)
    }
  }

  @Test func covariancesStayPositiveDefinite() throws {
    var cma = try CMAES(from: start, sigma: 0.7, populationSize: 40, seed: 3)
    var random = ElementRandom(seed: 5, epoch: 0, index: 0)
    for _ in 0..<200 {
      try cma.tell(cma.ask().map { _ in random.unit() })
      #expect(cma.deviations.allSatisfy { $0 > 0 && $0.isFinite })
    }
  }
}

func sphere(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } }

func ellipsoid(_ x: [Double]) -> Double {
  x.enumerated().reduce(0) { sum, element in
    sum + pow(1e6, Double(element.offset) / Double(max(x.count - 1, 1))) * element.element * element.element
  }
}

func rosenbrock(_ x: [Double]) -> Double {
  zip(x, x.dropFirst()).reduce(0) { sum, pair in
    let (this, next) = pair
    return sum + 100 * (this * this - next) * (this * this - next) + (1 - this) * (1 - this)
  }
}

func rastrigin(_ x: [Double]) -> Double {
  x.reduce(0) { $0 + $1 * $1 - 10 * cos(2 * Double.pi * $1) + 10 }
}
