import DescentSearch
import DescentTensors
import Foundation
import Testing

/// A method whose choice depends on everything that it is shown, so that any difference in that is seen.
struct WatchfulSampler: Sampler {
  var width: Int?
  /// Whether trials see those that lie `width` before them, in place of whole generations.
  var isSliding = false

  var name: String { "watchful" }

  func seen(by number: Int) -> Int {
    let width = max(width ?? 1, 1)
    return isSliding ? max(number - width + 1, 0) : number / width * width
  }

  private func choose(_ name: String, _ domain: Domain, _ number: Int, _ history: History) -> Setting {
    var words = name
    for record in history.ended {
      words += "\(record.number) \(record.state.rawValue) \(record.values.count) \(Self.text(record))"
    }
    words += "|"
    for record in history.pending { words += "\(record.number) \(Self.text(record))" }
    var random = TrialRandom(seed: 1, trial: number, purpose: words)
    return domain.setting(at: (0..<domain.coordinateCount).map { _ in random.unit() })
  }

  private static func text(_ record: TrialRecord) -> String {
    // Not the whole text, which takes long to make.
    var total = 0.0
    for (name, setting) in record.settings {
      guard let domain = record.domains[name] else { continue }
      total += domain.coordinates(of: setting).reduce(Double(name.utf8.count)) { $0 * 1.7 + $1 }
    }
    return "\(record.settings.count) \((total * 1e9).rounded()) "
  }

  func settings(of number: Int, in space: [(name: String, domain: Domain)], given history: History) -> Settings {
    // Leaves the last one to be asked for by itself.
    var settings: Settings = [:]
    for (name, domain) in space.dropLast() { settings[name] = choose("joint " + name, domain, number, history) }
    return settings
  }

  func setting(
    of name: String, in domain: Domain, for number: Int, with others: Settings, given history: History
  ) -> Setting { choose("single " + name, domain, number, history) }
}

/// Trials as far as they do not depend on time and threads.
struct TrialFacts: Hashable {
  var number: Int
  var state: TrialRecord.State
  var settings: Settings
  var values: [Double]
  var reports: [Int: Double]

  static func all(_ trials: [TrialRecord]) -> [TrialFacts] {
    trials.map {
      TrialFacts(number: $0.number, state: $0.state, settings: $0.settings, values: $0.values, reports: $0.reports)
    }
  }
}

/// A measured function whose parameters depend on each other, and which ends in all ways.
@Sendable func branching(_ trial: Trial) throws -> Double {
  let layers = trial.integer("layers", 1...3)
  var total = trial.real("rate", 1e-5...1e-1, scale: .logarithmic)
  for layer in 0..<layers { total += Double(trial.integer("units\(layer)", 16...512, scale: .logarithmic)) }
  if trial.toggle("noisy") { total += trial.real("noise", 0...1) }
  // Threads take their turns in any order.
  usleep(UInt32(trial.number * 7919 % 13) * 100)
  if trial.number % 11 == 5 { throw SearchError("measuring", "out of order") }
  if trial.number % 13 == 7 { return .nan }
  return total
}

@Suite struct StudyTests {
  static let samplers: [any Sampler & Sendable] = [
    RandomSampler(seed: 4), WatchfulSampler(width: 1), WatchfulSampler(width: 4),
    WatchfulSampler(width: 3, isSliding: true), SequenceSampler.sobol(seed: 4),
    SequenceSampler.latinHypercube(count: 8), TPESampler.tpe(seed: 4, startup: 5, batch: 4),
  ]

  static func trials(
    _ sampler: some Sampler, workers: Int, count: Int = 30, over space: Space? = nil, pruning: some Pruner = .none,
    _ objective: @escaping @Sendable (Trial) throws -> Double = branching
  ) throws -> [TrialFacts] {
    let study = try Study(over: space, minimizing: "error", by: sampler, pruning: pruning)
    return TrialFacts.all(try study.run(trials: count, workers: workers, objective).trials)
  }

  @Test(arguments: samplers) func anyNumberOfWorkersGivesTheSameTrials(sampler: any Sampler) throws {
    let one = try Self.trials(sampler, workers: 1)
    #expect(one.count == 30 && Set(one.map(\.settings)).count == 30)
    #expect(try Self.trials(sampler, workers: 2) == one)
    #expect(try Self.trials(sampler, workers: 4) == one)
  }

  @Test(arguments: samplers) func aStudyGoesOnAsIfItHadNotEnded(sampler: any Sampler) throws {
    let one = try Self.trials(sampler, workers: 1)
    let storage = MemoryStorage()
    for (count, workers) in [(3, 1), (4, 4), (9, 2), (11, 3), (30, 4)] {
      // Each makes the study anew, as another process would.
      let study = try Study(storage: storage, minimizing: "error", by: sampler)
      _ = try study.run(trials: count, workers: workers, branching)
    }
    let study = try Study(storage: storage, minimizing: "error", by: sampler)
    #expect(try TrialFacts.all(study.trials()) == one)
  }

  /// Methods that breed from results: they tell settings apart by a space that is declared.
  static let breeders: [any Sampler & Sendable] = [
    EvolutionSampler.cmaES(seed: 4), EvolutionSampler.differentialEvolution(seed: 4),
    EvolutionSampler.particleSwarm(seed: 4),
  ]

  @Test(arguments: samplers + breeders) func aDeclaredSpaceGivesTheSameTrialsToo(sampler: any Sampler) throws {
    let space = Space(
      [
        .init("x", .real(-5...10)), .init("kind", .choice(["a", "b"])),
        .init("y", .real(0...15), when: .choice("kind", among: ["a"])), .init("z", .integer(0...9)),
      ], allowing: [.sum(["x": 1, "z": 1], atMost: 4)])
    let objective: @Sendable (Trial) throws -> Double = { trial in
      usleep(UInt32(trial.number * 7919 % 13) * 100)
      return trial.real("x", -5...10) + (trial.choice("kind", ["a", "b"]) == "a" ? trial.real("y", 0...15) : 1)
    }
    let one = try Self.trials(sampler, workers: 1, over: space, objective)
    #expect(one.count == 30 && one.allSatisfy { space.contains($0.settings) })
    #expect(try Self.trials(sampler, workers: 4, over: space, objective) == one)
  }

  @Test func aModelOfResultsGivesTheSameTrialsToo() throws {
    let sampler: BayesianSampler = .bayesian(seed: 4, startup: 6, batch: 2)
    let objective: @Sendable (Trial) throws -> Double = { trial in
      usleep(UInt32(trial.number * 7919 % 13) * 100)
      let x = trial.real("x", -5...10)
      return trial.toggle("isShifted") ? x * x + trial.real("shift", 0...1) : x * x
    }
    let one = try Self.trials(sampler, workers: 1, count: 10, objective)
    #expect(one.count == 10 && Set(one.map(\.settings)).count == 10)
    let storage = MemoryStorage()
    for count in [7, 9, 10] {
      let study = try Study(storage: storage, minimizing: "error", by: sampler)
      let report = try study.run(trials: count, workers: 3, objective)
      #expect(TrialFacts.all(report.trials) == Array(one.prefix(count)))
    }
  }

  @Test func aTrialAsksForParametersAndAStudyFindsTheBest() throws {
    let study = try Study("digits", minimizing: "error", by: .random(seed: 1))
    let report = try study.run(trials: 60, workers: 2) { trial in
      let rate = trial.real("learningRate", 1e-5...1e-1, scale: .logarithmic)
      let layers = trial.integer("layers", 1...4)
      let widths = (0..<layers).map { trial.integer("units\($0)", 16...512, scale: .logarithmic) }
      let activation = trial.choice("activation", ["relu", "gelu", "tanh"])
      return abs(log10(rate) + 3) + Double(widths.reduce(0, +)) / 512 + (activation == "gelu" ? 0 : 1)
    }
    #expect(report.trials.count == 60 && report.end == .trials)
    let values = report.trials.map { $0.values[0] }
    #expect(report.best.values[0] == values.min() && report.best.settings["activation"] == .choice(1))
    #expect(report.bestSoFar.last == report.best.values[0])
    #expect("\(report)".contains("digits, by random(seed: 1): 60 complete; all trials are done"))
    // The best settings give the same value again, without a study.
    let again = Trial(report.best.settings)
    #expect(again.real("learningRate", 1e-5...1e-1, scale: .logarithmic) > 0)
    #expect(again.settings["learningRate"] == report.best.settings["learningRate"])
  }

  @Test func aLoopOfOnesOwnAsksAndTells() throws {
    let study = try Study(over: ["x": .real(-5...10)], minimizing: "y", by: WatchfulSampler(width: 2))
    for _ in 0..<3 {
      let (first, second) = (try study.ask(), try study.ask())
      #expect { _ = try study.ask() } throws: {
        "\($0)".contains(
          "needs the results of those before it: tell what came of trials \(first.number), \(second.number) first")
      }
      #expect { try study.run(trials: 9) { _ in 1.0 } } throws: { "\($0)".contains("asked for and not told") }
      try study.tell(second, 2.0)
      try study.tell(first, Tensor(first.real("x", -5...10), .float64))
      #expect { try study.tell(first, 3.0) } throws: { "\($0)" == "trial \(first.number): it was told before" }
    }
    try study.tell(try study.ask(), failed: "the bench is cold")
    let trials = try study.trials()
    #expect(trials.map(\.state) == [.complete, .complete, .complete, .complete, .complete, .complete, .failed])
    #expect(trials[6].message == "the bench is cold")
    #expect(trials[0].settings["x"] == .real(trials[0].values[0]))
  }

  @Test func wishesComeFirst() throws {
    let study = try Study(minimizing: "y", by: .random(seed: 2))
    try study.enqueue(["x": .real(0.25), "nowhere": .toggle(true)])
    try study.enqueue(["x": .real(7)])
    let report = try study.run(trials: 4, workers: 2) { $0.real("x", 0...1) }
    #expect(report.trials[0].values == [0.25])
    #expect(report.trials[1].values != [7] && report.trials.count == 4)
    let declared = try Study(over: ["x": .real(0...1)], minimizing: "y", by: .random(seed: 2))
    #expect { try declared.enqueue(["x": .real(7)]) } throws: { "\($0)" == "x: 7.0 is not in 0.0...1.0" }
    #expect { try declared.enqueue(["z": .real(7)]) } throws: {
      "\($0)" == "z: the space has no such parameter; it has x"
    }
  }

  @Test func severalObjectivesHaveAFront() throws {
    let study = try Study(
      objectives: [.minimizing("cost"), .maximizing("speed")], by: .random(seed: 3))
    let report = try study.run(trials: 30) { trial in
      let x = trial.real("x", 0...1)
      let y = trial.real("y", 0...1)
      trial.report(violations: [0.2 - x])
      return [x + y, x]
    }
    let front = report.front
    #expect(front.allSatisfy { $0.isFeasible } && front.count > 1)
    for one in front {
      #expect(!report.trials.contains { $0.isFeasible && $0.values[0] < one.values[0] && $0.values[1] > one.values[1] })
    }
    let feasible = report.trials.filter { $0.isFeasible }
    #expect(report.best.values[0] == feasible.map { $0.values[0] }.min())
  }

  @Test func whereNothingMeetsTheConstraintsTheNearestIsTheBest() throws {
    let study = try Study(minimizing: "cost", by: .random(seed: 3))
    let report = try study.run(trials: 20) { trial in
      let x = trial.real("x", 0...1)
      trial.report(violations: [2 - x, -1])
      return x
    }
    #expect(report.best.values == report.trials.map(\.values).max { $0[0] < $1[0] })
    #expect("\(report)".contains("no trial meets all constraints"))
  }

  @Test func resultsThatComeCountInThatOrderIfAsked() throws {
    let study = try Study(
      "free", objectives: [.minimizing("error")], by: WatchfulSampler(width: 1), order: .asTheyCome)
    let report = try study.run(trials: 20, workers: 4) { trial in
      usleep(UInt32(trial.number * 7919 % 13) * 100)
      return trial.real("x", 0...1)
    }
    #expect(report.trials.count == 20 && report.trials.allSatisfy { $0.state == .complete })
  }

  @Test func notesAndReportsAreKept() throws {
    let study = try Study(maximizing: "score", by: .random(seed: 2))
    let report = try study.run(trials: 2) { trial in
      try trial.note("warm", as: "bench")
      for step in 0..<3 { try trial.report(Double(step), at: step) }
      try trial.report(9, at: 1)
      return Double(trial.number)
    }
    #expect(report.best.number == 1 && report.best.notes == ["bench": "warm"])
    #expect(report.best.reports == [0: 0, 1: 1, 2: 2])
    #expect(report.trials.allSatisfy { ($0.seconds ?? -1) >= 0 })
  }
}
