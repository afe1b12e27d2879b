import DescentData
import DescentSearch
import Foundation
import Testing

@Suite struct EvolutionSamplerTests {
  private let space: Space = [
    "x": .real(-5...10), "rate": .real(1e-4...1, scale: .logarithmic), "n": .integer(1...12),
    "kind": .choice(["a", "b", "c"]), "bias": .toggle, "order": .permutation(["p", "q", "r"]),
  ]

  static func samplers(seed: UInt64) -> [EvolutionSampler] {
    [
      .cmaES(seed: seed), .cmaES(restarts: .increasing, seed: seed), .cmaES(restarts: .twoPopulations, seed: seed),
      .cmaES(populationSize: 10, covariance: .separable, seed: seed), .xnes(seed: seed), .snes(seed: seed),
      .openAIES(seed: seed), .pgpe(seed: seed), .onePlusOne(seed: seed), .onePlusOne(offspring: 3, seed: seed),
      .differentialEvolution(seed: seed), .differentialEvolution(populationSize: 12, trials: 60, seed: seed),
      .particleSwarm(populationSize: 10, seed: seed), .genetic(populationSize: 10, seed: seed),
      .annealing(trials: 50, chains: 2, seed: seed), .nsga2(populationSize: 10, seed: seed),
    ]
  }

  private static func value(_ settings: Settings) -> Double {
    guard case .real(let x)? = settings["x"], case .real(let rate)? = settings["rate"],
      case .integer(let n)? = settings["n"], case .choice(let kind)? = settings["kind"],
      case .toggle(let bias)? = settings["bias"], case .permutation(let order)? = settings["order"]
    else { return .nan }
    let place = log10(rate) + 2
    return (x - 3) * (x - 3) + place * place + abs(Double(n) - 4) + (kind == 1 ? 0 : 1) + (bias ? 0 : 1)
      + Double(order[0])
  }

  @Test func trialsAreTheSameWithAnyNumberOfWorkers() throws {
    for number in Self.samplers(seed: 1).indices {
      let ways = try [1, 3].map { workers in
        let study = try Study(over: space, minimizing: "value", by: Self.samplers(seed: 1)[number])
        _ = try study.run(trials: 44, workers: workers) { trial in Self.value(trial.settings) }
        return try study.trials().map(\.settings)
      }
      #expect(ways[0] == ways[1], "\(Self.samplers(seed: 1)[number].name)")
      #expect(Set(ways[0]).count > 10)
    }
  }

  @Test func samplersFindWhatTheyLookFor() throws {
    for sampler in Self.samplers(seed: 2) where !sampler.name.hasPrefix("openAI") && !sampler.name.hasPrefix("pgpe") {
      let study = try Study(over: space, minimizing: "value", by: sampler)
      _ = try study.run(trials: 200) { trial in Self.value(trial.settings) }
      let best = try study.trials().compactMap(\.values.first).min()
      #expect(try #require(best) < 3.5, "\(sampler.name): \(best ?? .nan)")
    }
  }
}

@Suite struct EvolutionReplayTests {
  private let domains: [(name: String, domain: Domain)] = [("x", .real(-1...1)), ("y", .real(-1...1))]

  private func record(_ number: Int, _ settings: Settings, _ value: Double?) -> TrialRecord {
    TrialRecord(
      number: number, state: value == nil ? .failed : .complete,
      domains: Dictionary(uniqueKeysWithValues: domains.map { ($0.name, $0.domain) }), settings: settings,
      values: value.map { [$0] } ?? [])
  }

  private func value(_ settings: Settings) -> Double {
    guard case .real(let x)? = settings["x"], case .real(let y)? = settings["y"] else { return .nan }
    return x * x + 10 * y * y
  }

  /// Asked in any order and with any memory, a sampler gives what a strategy gives that is asked and told by itself.
  @Test func samplersAreTheStrategyThatIsToldTheHistory() throws {
    let sampler: EvolutionSampler = .cmaES(sigma: 0.2, populationSize: 6, seed: 4)
    var cma = try CMAES(
      from: [0.5, 0.5], sigma: 0.2, bounds: [0...1, 0...1], populationSize: 6, seed: 4)
    var ended: [TrialRecord] = []
    var histories: [[TrialRecord]] = []
    var chosen: [Settings] = []
    for generation in 0..<8 {
      histories.append(ended)
      let settings = try (0..<6).map { index in
        try sampler.settings(
          of: 6 * generation + index, in: domains, given: History(isMinimized: [true], ended: ended))
      }
      let expected = cma.ask().map { ["x": Setting.real(2 * $0[0] - 1), "y": .real(2 * $0[1] - 1)] }
      for (found, wanted) in zip(settings, expected) {
        for name in ["x", "y"] {
          guard case .real(let a)? = found[name], case .real(let b)? = wanted[name] else { continue }
          #expect(abs(a - b) < 1e-12)
        }
      }
      // One of each generation fails.
      let values = settings.map(value).enumerated().map { $0.offset == 2 ? Double?.none : $0.element }
      ended += settings.enumerated().map { record(6 * generation + $0.offset, $0.element, values[$0.offset]) }
      chosen += settings
      try cma.tell(values.map { $0 ?? .nan })
    }
    let fresh: EvolutionSampler = .cmaES(sigma: 0.2, populationSize: 6, seed: 4)
    for number in [47, 3, 30, 29, 12] {
      let history = History(isMinimized: [true], ended: histories[number / 6])
      #expect(try fresh.settings(of: number, in: domains, given: history) == chosen[number])
    }
    // Another history under the same numbers gives another answer.
    var other = histories[7]
    other[40].values = [1e9]
    #expect(
      try fresh.settings(of: 47, in: domains, given: History(isMinimized: [true], ended: other)) != chosen[47])
    #expect(
      try fresh.settings(of: 47, in: domains, given: History(isMinimized: [true], ended: histories[7])) == chosen[47])
  }

  @Test func largestValuesAreLookedForWhereAsked() throws {
    let sampler: EvolutionSampler = .cmaES(populationSize: 8, seed: 1)
    let study = try Study(over: ["x": .real(-1...1)], objectives: [.maximizing("height")], by: sampler)
    let report = try study.run(trials: 160) { trial in
      guard case .real(let x)? = trial.settings["x"] else { return Double.nan }
      return -(x - 0.3) * (x - 0.3)
    }
    #expect(try #require(report.best.values.first) > -1e-4)
  }

  @Test func wishesAndConditionalPartsAreLearnedFrom() throws {
    let space = Space([
      .init("kind", .choice(["a", "b"])), .init("x", .real(-1...1)),
      .init("depth", .real(0...1), when: .choice("kind", among: ["b"])),
    ])
    let study = try Study(over: space, minimizing: "value", by: .cmaES(seed: 3))
    try study.enqueue(["kind": .choice(1), "x": .real(0.5), "depth": .real(0.25)])
    let report = try study.run(trials: 200) { trial in
      guard case .real(let x)? = trial.settings["x"] else { return Double.nan }
      guard case .real(let depth)? = trial.settings["depth"] else { return 1 + x * x }
      return x * x + (depth - 0.7) * (depth - 0.7)
    }
    #expect(report.trials[0].settings["depth"] == .real(0.25))
    #expect(try #require(report.best.values.first) < 0.02)
  }

  @Test func parametersThatTrialsAskForAreFound() throws {
    let study = try Study(minimizing: "value", by: .cmaES(seed: 1))
    let report = try study.run(trials: 160) { trial in
      let (x, n) = (trial.real("x", -3...3), trial.integer("n", 0...20))
      return (x - 1) * (x - 1) + abs(Double(n) - 13)
    }
    #expect(try #require(report.best.values.first) < 0.1)
  }

  @Test func severalObjectivesAndConstraintsAreForNSGA2() throws {
    let objectives = [StudyObjective.minimizing("u"), .maximizing("v")]
    #expect(throws: SearchError.self) {
      try Study(over: ["x": .real(0...1)], objectives: objectives, by: .cmaES(seed: 1))
    }
    let study = try Study(
      over: ["x": .real(-2...2)], objectives: objectives, by: .nsga2(populationSize: 12, seed: 1))
    let report = try study.run(trials: 180) { trial in
      guard case .real(let x)? = trial.settings["x"] else { return [Double.nan, .nan] }
      trial.report(violations: [x - 1.2])
      // The front lies between 0 and 1.5, of which 1.2 is allowed.
      return [x * x, -(x - 1.5) * (x - 1.5)]
    }
    let places = report.front.compactMap { trial -> Double? in
      guard case .real(let x)? = trial.settings["x"] else { return nil }
      return x
    }
    #expect(places.count > 8 && places.allSatisfy { $0 > -0.05 && $0 <= 1.2 })
  }

  @Test func mistakesAreTold() {
    func study(_ sampler: EvolutionSampler) throws { _ = try Study(minimizing: "value", by: sampler) }
    #expect(throws: SearchError.self) { try study(.cmaES(sigma: 0)) }
    #expect(throws: SearchError.self) { try study(.cmaES(populationSize: 0)) }
    #expect(throws: SearchError.self) { try study(.particleSwarm(populationSize: -1)) }
    #expect(throws: SearchError.self) { try study(.openAIES(populationSize: 0)) }
    #expect(throws: SearchError.self) { try study(.differentialEvolution(populationSize: 2)) }
    #expect(throws: SearchError.self) { try study(.genetic(populationSize: 1)) }
    #expect(throws: SearchError.self) { try study(.annealing(chains: 0)) }
    #expect(throws: SearchError.self) { try study(.nsga2(populationSize: 0)) }
    #expect(throws: SearchError.self) { try study(.onePlusOne(offspring: 0)) }
  }
}
