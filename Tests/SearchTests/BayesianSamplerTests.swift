import Foundation
import TestSupport
import Testing

@testable import DescentSearch

/// A loop as a study runs it, without its storage.
struct Trials {
  var history: [TrialRecord] = []
  let space: [(name: String, domain: Domain)]
  let sampler: any Sampler
  var isMinimized = [true]
  var declared: Space?

  /// Runs trials until there are so many.
  mutating func run(to count: Int, _ measure: (Settings) -> (values: [Double], violations: [Double])) throws {
    while history.count < count {
      let number = history.count
      let seen = min(sampler.seen(by: number), number)
      let pending = history[seen...].map { trial in
        var trial = trial
        trial.state = .running
        trial.values = []
        trial.violations = []
        return trial
      }
      let known = History(
        isMinimized: isMinimized, ended: Array(history.prefix(seen)), pending: pending, space: declared)
      let settings = try sampler.settings(of: number, in: space, given: known)
      let (values, violations) = measure(settings)
      history.append(
        TrialRecord(
          number: number, state: values.isEmpty ? .failed : .complete,
          domains: Dictionary(uniqueKeysWithValues: space.map { ($0.name, $0.domain) }), settings: settings,
          values: values, violations: violations))
    }
  }

  var best: Double { history.filter(\.isFeasible).compactMap(\.values.first).min() ?? .infinity }
}

extension Setting {
  var number: Double {
    switch self {
    case .real(let value): value
    case .integer(let value): Double(value)
    case .choice(let place): Double(place)
    case .toggle(let isOn): isOn ? 1 : 0
    case .subset(let places): Double(places.count)
    case .permutation(let order): Double(order.first ?? 0)
    }
  }
}

extension Settings {
  func callAsFunction(_ name: String) -> Double { self[name]?.number ?? .nan }
}

/// Branin's function, whose least value is 0.397887.
func branin(_ x: Double, _ y: Double) -> Double {
  let curve = y - 5.1 / (4 * Double.pi * Double.pi) * x * x + 5 / Double.pi * x - 6
  return curve * curve + 10 * (1 - 1 / (8 * Double.pi)) * cos(x) + 10
}

let braninSpace: [(name: String, domain: Domain)] = [("x", .real(-5...10)), ("y", .real(0...15))]

@Suite(.leftOutOnReference(.longHistories)) struct BayesianSamplerTests {
  @Test func findsTheLowestPlaceOfBranin() throws {
    var trials = Trials(space: braninSpace, sampler: .bayesian(seed: 1))
    try trials.run(to: 28) { ([branin($0("x"), $0("y"))], []) }
    #expect(trials.best < 0.45)
  }

  @Test func theSameSeedGivesTheSameTrials() throws {
    func settings(seed: UInt64) throws -> [Settings] {
      var trials = Trials(space: braninSpace, sampler: .bayesian(seed: seed, startup: 5))
      try trials.run(to: 9) { ([branin($0("x"), $0("y"))], []) }
      return trials.history.map(\.settings)
    }
    let first = try settings(seed: 4)
    #expect(try first == settings(seed: 4))
    #expect(try first != settings(seed: 5))
    #expect(Set(first).count == 9)
  }

  /// What a sampler remembers of other histories must not matter.
  @Test func whatWasAskedBeforeChangesNothing() throws {
    var trials = Trials(space: braninSpace, sampler: .bayesian(seed: 2, startup: 5))
    try trials.run(to: 9) { ([branin($0("x"), $0("y"))], []) }
    let history = History(isMinimized: [true], ended: Array(trials.history.prefix(8)))
    let fresh = try BayesianSampler(seed: 2, startup: 5).settings(of: 8, in: braninSpace, given: history)
    #expect(fresh == trials.history[8].settings)
  }

  @Test func pendingTrialsAreNotAskedForAgain() throws {
    var trials = Trials(space: braninSpace, sampler: .bayesian(seed: 3, startup: 6, batch: 4))
    try trials.run(to: 14) { ([branin($0("x"), $0("y"))], []) }
    let later = trials.history.suffix(4).map { [($0.settings("x") + 5) / 15, $0.settings("y") / 15] }
    for (index, place) in later.enumerated() {
      for other in later[..<index] {
        #expect(abs(place[0] - other[0]) + abs(place[1] - other[1]) > 1e-3)
      }
    }
  }

  @Test(arguments: [
    Acquisition.expectedImprovement, .probabilityOfImprovement, .confidenceBound(2),
    .noisyExpectedImprovement(samples: 8), .thompsonSampling,
  ])
  func everyAcquisitionGoesDown(_ acquisition: Acquisition) throws {
    var trials = Trials(
      space: [("x", .real(0...1))], sampler: .bayesian(seed: 1, startup: 4, acquisition: acquisition))
    try trials.run(to: 13) { settings in ([(settings("x") - 0.3) * (settings("x") - 0.3)], []) }
    #expect(trials.best < 5e-3)
  }

  @Test func largeValuesAreFoundWhereTheyAreLookedFor() throws {
    var trials = Trials(
      space: [("x", .real(0...1))], sampler: .bayesian(seed: 1, startup: 4), isMinimized: [false])
    try trials.run(to: 12) { settings in ([-abs(settings("x") - 0.7)], []) }
    #expect(trials.history.compactMap(\.values.first).max() ?? -1 > -0.02)
  }

  @Test func mixedParametersAreFound() throws {
    let space: [(name: String, domain: Domain)] = [
      ("rate", .real(1e-4...1, scale: .logarithmic)), ("layers", .integer(1...40)), ("kind", .choice(["a", "b", "c"])),
      ("on", .toggle), ("order", .permutation(["p", "q", "r"])), ("parts", .subset(["u", "v"])),
    ]
    var trials = Trials(space: space, sampler: .bayesian(seed: 2))
    try trials.run(to: 34) { settings in
      let rate = log10(settings("rate")) + 2
      var value = rate * rate + pow((settings("layers") - 23) / 10, 2)
      if settings["kind"] != .choice(1) { value += 1 }
      if settings["on"] != .toggle(true) { value += 0.5 }
      if case .permutation(let order)? = settings["order"] { value += order == [2, 0, 1] ? 0 : 0.5 }
      if case .subset(let parts)? = settings["parts"] { value += parts == [1] ? 0 : 0.5 }
      return ([value], [])
    }
    #expect(trials.best < 0.6)
  }

  @Test func everySettingOfASmallSpaceIsTriedOnce() throws {
    let space: [(name: String, domain: Domain)] = [("a", .integer(0...3)), ("b", .choice(["x", "y", "z"]))]
    var trials = Trials(space: space, sampler: .bayesian(seed: 2, startup: 2))
    try trials.run(to: 13) { settings in ([settings("a") * settings("b")], []) }
    #expect(Set(trials.history.dropFirst(2).prefix(10).map(\.settings)).count == 10)
  }

  @Test func measuredConstraintsAreMet() throws {
    var trials = Trials(space: [("x", .real(0...1)), ("y", .real(0...1))], sampler: .bayesian(seed: 1, startup: 6))
    // The lowest place that is allowed is (0.5, 0.5).
    try trials.run(to: 22) { settings in
      ([settings("x") + settings("y")], [0.5 - settings("x"), 0.5 - settings("y")])
    }
    #expect(trials.best < 1.05)
    #expect(trials.history.suffix(8).contains { $0.isFeasible })
  }

  @Test func knownConstraintsAreMet() throws {
    let space = Space(
      [.init("x", .real(0...1)), .init("y", .real(0...1))], allowing: [.sum(["x": 1, "y": 1], atMost: 1)])
    var trials = Trials(
      space: space.parameters.map { ($0.name, $0.domain) }, sampler: .bayesian(seed: 1, startup: 5), declared: space)
    try trials.run(to: 12) { settings in ([-settings("x") - 2 * settings("y")], []) }
    #expect(trials.history.allSatisfy { $0.settings("x") + $0.settings("y") <= 1 + 1e-9 })
    #expect(trials.best < -1.9)
  }

  @Test func frontsGrow() throws {
    var trials = Trials(
      space: [("x", .real(0...1)), ("y", .real(0...1))], sampler: .bayesian(seed: 1, startup: 6, reference: [2, 2]),
      isMinimized: [true, true])
    try trials.run(to: 20) { settings in
      let (x, y) = (settings("x"), settings("y"))
      return ([x * x + y, (x - 1) * (x - 1) + y], [])
    }
    // The front is that of y = 0: f₂ = (1 − √f₁)², whose integral from 0 to 1 is 1/6.
    let volume = try hypervolume(of: trials.history.map(\.values), reference: [2, 2])
    #expect(volume > 0.97 * (4 - 1.0 / 6))
  }

  @Test func failedTrialsAreKeptAwayFrom() throws {
    var trials = Trials(space: [("x", .real(0...1))], sampler: .bayesian(seed: 1, startup: 5))
    try trials.run(to: 14) { settings in settings("x") < 0.5 ? ([], []) : ([settings("x")], []) }
    #expect(trials.best < 0.56)
    #expect(trials.history.suffix(6).count { $0.state == .failed } < 6)
  }

  @Test func settingsThatMakeNoSenseAreRefused() {
    #expect(throws: SearchError.self) { try BayesianSampler(startup: 1).check(nil, objectives: 1) }
    #expect(throws: SearchError.self) { try BayesianSampler(batch: 0).check(nil, objectives: 1) }
    #expect(throws: SearchError.self) { try BayesianSampler(reference: [1]).check(nil, objectives: 2) }
    #expect(throws: SearchError.self) {
      try BayesianSampler(acquisition: .confidenceBound(-1)).check(nil, objectives: 1)
    }
  }
}
