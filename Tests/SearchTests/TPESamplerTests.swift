import Foundation
import Testing

@testable import DescentSearch

@Suite struct TPESamplerTests {
  /// The sizes of the good group for so many trials.
  @Test func oneInTenIsGoodUpTo25() {
    #expect([1, 10, 11, 100, 250, 1_000].map(TPESampler.goodCount) == [1, 1, 2, 10, 25, 25])
  }

  /// The weights of Optuna's `default_weights`.
  @Test func oldTrialsCountForLess() {
    #expect(ParzenMixture.weights(3) == [1, 1, 1])
    let weights = ParzenMixture.weights(30)
    #expect(weights.count == 30)
    #expect(abs(weights[0] - 1.0 / 30) < 1e-15)
    #expect(weights[4] == 1)
    #expect(weights.suffix(25).allSatisfy { $0 == 1 })
  }

  /// Over all values that lie apart, probabilities add up to 1.
  @Test(arguments: [
    Domain.integer(1...7), .integer(1...30, scale: .logarithmic), .real(0...1, step: 0.125), .choice(["a", "b", "c"]),
    .toggle, .subset(["a", "b", "c"]), .permutation(["a", "b", "c", "d"]),
  ])
  func probabilitiesAddUpToOne(_ domain: Domain) {
    let space = FeatureSpace([("x", domain)], within: nil)
    let all = (space.all(most: 100) ?? []).compactMap { space.settings($0)["x"] }
    #expect(Double(all.count) == domain.count)
    let mixture = ParzenMixture([domain], around: [[all[1]], [all[0]], [all[1]]])
    let total = all.reduce(0) { $0 + exp(mixture.logDensity([$1])) }
    #expect(abs(total - 1) < 1e-9)
    // What is drawn follows the density.
    var counts = [Setting: Int]()
    var random = TrialRandom(seed: 1, trial: 0, purpose: "draws")
    for _ in 0..<4_000 { counts[mixture.draw(&random)[0], default: 0] += 1 }
    for setting in all {
      let expected = exp(mixture.logDensity([setting]))
      let error = (expected * (1 - expected) / 4_000).squareRoot()
      #expect(abs(Double(counts[setting] ?? 0) / 4_000 - expected) < 5 * error, "\(setting)")
    }
  }

  @Test func densitiesOfNumbersAddUpToOne() {
    let mixture = ParzenMixture([.real(0...1)], around: [[.real(0.1)], [.real(0.12)], [.real(0.9)]])
    let steps = 2_000
    let total = (0..<steps).reduce(0.0) {
      $0 + exp(mixture.logDensity([.real((Double($1) + 0.5) / Double(steps))])) / Double(steps)
    }
    #expect(abs(total - 1) < 1e-6)
  }

  @Test func isBetterThanChance() throws {
    func mean(_ make: (UInt64) -> any Sampler) throws -> Double {
      try (0..<5).reduce(0.0) { total, seed in
        var trials = Trials(space: braninSpace, sampler: make(UInt64(seed)))
        try trials.run(to: 60) { ([branin($0("x"), $0("y"))], []) }
        return total + trials.best / 5
      }
    }
    let (chance, tpe) = (try mean { .random(seed: $0) }, try mean { .tpe(seed: $0) })
    #expect(tpe < chance)
    #expect(tpe < 1)
  }

  @Test func theSameSeedGivesTheSameTrials() throws {
    func settings(seed: UInt64) throws -> [Settings] {
      var trials = Trials(space: braninSpace, sampler: .tpe(seed: seed, batch: 3))
      try trials.run(to: 20) { ([branin($0("x"), $0("y"))], []) }
      return trials.history.map(\.settings)
    }
    #expect(try settings(seed: 4) == settings(seed: 4))
    #expect(try settings(seed: 4) != settings(seed: 5))
  }

  @Test func constraintsComeFirst() throws {
    var trials = Trials(space: [("x", .real(0...1))], sampler: .tpe(seed: 1))
    try trials.run(to: 60) { settings in ([settings("x")], [0.6 - settings("x")]) }
    #expect(trials.history.suffix(30).count { $0.isFeasible } >= 15)
    #expect(trials.best < 0.65)
  }

  @Test func trialsAreRankedByWhatTheyCameTo() {
    func trial(_ number: Int, _ state: TrialRecord.State, _ value: Double?, _ violation: Double = 0) -> TrialRecord {
      TrialRecord(
        number: number, state: state, domains: ["x": .real(0...1)], settings: ["x": .real(0.5)],
        values: value.map { [$0] } ?? [], violations: [violation],
        reports: state == .pruned ? [number: Double(number)] : [:])
    }
    let history = History(
      isMinimized: [true],
      ended: [
        trial(0, .failed, nil), trial(1, .complete, 1, 0.5), trial(2, .complete, 3), trial(3, .pruned, nil),
        trial(4, .pruned, nil), trial(5, .complete, 2), trial(6, .complete, 0, 0.2),
      ])
    let ranked = RankedTrials(history, in: [("x", .real(0...1))])
    #expect(ranked.ranked.map(\.number) == [5, 2, 4, 3, 6, 1, 0])
    #expect(ranked.completed == 6)
  }

  @Test func severalObjectivesAreServed() throws {
    var trials = Trials(
      space: [("x", .real(0...1)), ("y", .real(0...1))], sampler: .tpe(seed: 1), isMinimized: [true, true])
    try trials.run(to: 60) { settings in
      let (x, y) = (settings("x"), settings("y"))
      return ([x * x + y, (x - 1) * (x - 1) + y], [])
    }
    let volume = try hypervolume(of: trials.history.map(\.values), reference: [2, 2])
    #expect(volume > 0.9 * (4 - 1.0 / 6))
  }

  @Test func settingsThatMakeNoSenseAreRefused() {
    #expect(throws: SearchError.self) { try TPESampler(startup: 0).check(nil, objectives: 1) }
    #expect(throws: SearchError.self) { try TPESampler(candidates: 0).check(nil, objectives: 1) }
    #expect(throws: SearchError.self) { try TPESampler(batch: 0).check(nil, objectives: 1) }
  }
}
