import DescentSearch
import Testing

@Suite struct PrunerTests {
  /// The value of a trial at a step: a start that dies away, and a wave.
  @Sendable static func value(_ trial: Int, _ step: Int) -> Double {
    let base = Double((trial * 37 + 11) % 29) / 29
    let fading = Double((trial * 17 + 5) % 13) / 13 / Double(step + 1)
    return base + fading + Double((trial * 7 + step * 5) % 11 - 5) / 40
  }

  /// The step at which each of 40 trials was ended, or −1.
  static func ends(_ pruner: some Pruner, minimizing: Bool, workers: Int = 1) throws -> [Int] {
    let sign = minimizing ? 1.0 : -1.0
    let study = try Study(
      objectives: [minimizing ? .minimizing("loss") : .maximizing("score")], by: .random(), pruning: pruner)
    let report = try study.run(trials: 40, workers: workers) { trial in
      for step in 1...16 { try trial.report(sign * value(trial.number, step), at: step) }
      return sign * (1...16).reduce(0) { $0 + value(trial.number, $1) } / 16
    }
    return report.trials.map { $0.state == .pruned ? $0.reports.keys.max() ?? 0 : -1 }
  }

  static let pruners: [any Pruner] = [
    PercentilePruner.median(width: 1),
    PercentilePruner.median(startupTrials: 3, warmupSteps: 4, interval: 3, width: 1),
    PercentilePruner.percentile(25, startupTrials: 2, minimumTrials: 3, width: 1),
    HalvingPruner.successiveHalving(reductionFactor: 2, width: 1),
    HalvingPruner.successiveHalving(minimumSteps: 2, reductionFactor: 3, delay: 1, width: 1),
    PatiencePruner.patience(2, tolerance: 0.02),
    PatiencePruner.patience(1, then: PercentilePruner.median(startupTrials: 2, width: 1)),
    WilcoxonPruner.wilcoxon(width: 1),
  ]

  /// What Optuna 5.0.0 does with the same values, one trial after the other.
  static let expected: [[Int]] = [
    [
      -1, -1, -1, -1, -1, 1, -1, 1, 1, 1, -1, 1, 1, 1, -1, 5, 1, -1, 1, 1, 1, 1, 3, 1, -1, -1, 1, 1, -1, 1, 1, 1, -1, 1,
      1, -1, 1, 1, 1, -1,
    ],
    [
      -1, -1, -1, -1, -1, 4, -1, -1, 4, 4, -1, 4, 4, 4, -1, 7, 4, -1, 4, 4, 4, -1, 4, 4, -1, -1, 4, 4, -1, 4, 4, 4, -1,
      4, 4, -1, 4, 4, 4, -1,
    ],
    [
      -1, -1, -1, -1, 1, 1, -1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, -1, 1, 1, 1, 1, 1, 1,
      -1, 1, 1, 1, 1,
    ],
    [
      -1, 1, 1, -1, 1, 1, -1, 1, 1, 1, 16, 1, 2, 1, 2, 2, 1, 4, 1, 1, 1, 4, 2, 1, 8, 4, 2, 1, -1, 2, 1, 1, 8, 1, 1, 8,
      2, 1, 1, 4,
    ],
    [
      -1, 6, 6, -1, 6, 6, -1, 6, 6, 6, -1, 6, 6, 6, -1, 6, 6, -1, 6, 6, 6, -1, 6, 6, -1, -1, 6, 6, -1, -1, 6, 6, -1, 6,
      6, -1, 6, 6, 6, -1,
    ],
    [
      14, 6, 9, 12, 15, 7, 10, 13, 16, 8, 11, 14, 6, 9, 12, 4, 7, 10, 13, 5, 8, 11, 14, 6, 9, 12, 15, 7, 10, 13, 16, 8,
      11, 14, -1, 9, 12, 15, 7, 10,
    ],
    [
      -1, -1, 8, -1, 3, 6, -1, -1, 4, 7, -1, 13, 5, 8, -1, 3, 6, -1, 12, 4, 7, -1, 13, 5, -1, -1, 3, 6, -1, 12, 4, 7,
      -1, 13, 5, -1, 11, 14, 6, -1,
    ],
    [
      -1, 4, 4, -1, 4, 4, -1, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 8, 4, 4, 4, 9, 4, 4, 4, 4, 4, 4, -1, 4,
      4, 4, 4,
    ],
  ]

  @Test(arguments: 0..<8, [true, false]) func trialsEndWhereThoseOfOptunaDo(index: Int, minimizing: Bool) throws {
    let (pruner, ends) = (Self.pruners[index], Self.expected[index])
    #expect(try Self.ends(pruner, minimizing: minimizing) == ends, "\(pruner.name)")
  }

  @Test func valuesThatLeaveARangeEndATrialWhereThoseOfOptunaDo() throws {
    let ends = [
      -1, 2, 3, -1, -1, 2, -1, -1, -1, 2, -1, -1, -1, 2, -1, -1, 6, -1, -1, -1, 2, -1, -1, 2, -1, -1, -1, 2, -1, -1, 4,
      2,
      -1, -1, 2, -1, -1, 3, 3, -1,
    ]
    #expect(try Self.ends(.threshold(upper: 0.9, warmupSteps: 2), minimizing: true) == ends)
  }

  @Test(
    arguments: [
      .median(), .successiveHalving(), .hyperband(maximumSteps: 16, reductionFactor: 2), .wilcoxon(),
    ] as [any Pruner]) func anyNumberOfWorkersEndsTheSameTrials(pruner: any Pruner) throws
  {
    let one = try Self.ends(pruner, minimizing: true)
    #expect(one.contains { $0 > 0 } && one.contains(-1))
    #expect(try Self.ends(pruner, minimizing: true, workers: 2) == one)
    #expect(try Self.ends(pruner, minimizing: true, workers: 4) == one)
  }

  @Test func aPrunedTrialSaysWhy() throws {
    let study = try Study(minimizing: "loss", by: .random(), pruning: .median(startupTrials: 1, width: 1))
    let report = try study.run(trials: 2) { trial in
      try trial.report(Double(trial.number) + 0.25, at: 3)
      return 0
    }
    #expect(report.trials[1].state == .pruned)
    #expect(
      report.trials[1].message
        == "median(startupTrials: 1, warmupSteps: 0, interval: 1): 1.25 is worse than the median of 1 trials, 0.25")
    #expect("\(report.trials[1])".hasPrefix("trial 1: pruned (median("))
  }

  @Test func laddersOfHyperbandShareTrialsOut() {
    let pruner: HalvingPruner = .hyperband(maximumSteps: 81, seed: 2)
    #expect(pruner.bracketCount == 5)
    var counts = [Int](repeating: 0, count: 5)
    for number in 0..<4_000 { counts[pruner.bracket(of: number)] += 1 }
    // Shares 81, 34, 15, 8, 5 of 143: ⌈5·3ˢ/(s + 1)⌉.
    for (count, share) in zip(counts, [81, 34, 15, 8, 5]) {
      let expected = 4_000 * Double(share) / 143
      #expect(abs(Double(count) - expected) < 5 * expected.squareRoot())
    }
    #expect((.hyperband(minimumSteps: 3, maximumSteps: 26) as HalvingPruner).bracketCount == 2)
  }

  @Test func aLadderThatBeginsLateEndsNobodyBefore() {
    let pruner: HalvingPruner = .hyperband(maximumSteps: 81, seed: 2)
    let late = (0..<1_000).first { pruner.bracket(of: $0) == 4 } ?? 0
    let others = (0..<1_000).filter { $0 != late }.map {
      TrialRecord(number: $0, state: .complete, reports: [1: 0, 81: 0])
    }
    let history = History(isMinimized: [true], ended: others)
    var trial = TrialRecord(number: late, reports: [1: 1, 27: 1])
    #expect(pruner.reason(toPrune: trial, at: 27, given: history) == nil)
    trial.reports[81] = 1
    #expect(pruner.reason(toPrune: trial, at: 81, given: history)?.contains("at the rung of step 81") == true)
  }

  @Test func whatIsNotANumberEndsATrial() {
    let history = History(isMinimized: [true], ended: [TrialRecord(number: 0, state: .complete, reports: [1: 0])])
    let trial = TrialRecord(number: 1, reports: [1: .nan])
    let median: PercentilePruner = .median(startupTrials: 1)
    #expect(median.reason(toPrune: trial, at: 1, given: history) == "all values are NaN")
    let halving: HalvingPruner = .successiveHalving()
    #expect(halving.reason(toPrune: trial, at: 1, given: history) == "NaN at the rung of step 1")
    let threshold: ThresholdPruner = .threshold()
    #expect(threshold.reason(toPrune: trial, at: 1, given: history) == "the value is NaN")
  }

  @Test func prunersThatMakeNoSenseAreRefused() {
    let wrong: [any Pruner] = [
      PercentilePruner.percentile(101), PercentilePruner.median(startupTrials: -1),
      PercentilePruner.median(interval: 0),
      PercentilePruner.median(width: 0), HalvingPruner.successiveHalving(minimumSteps: 0),
      HalvingPruner.successiveHalving(reductionFactor: 1), HalvingPruner.hyperband(minimumSteps: 9, maximumSteps: 3),
      PatiencePruner.patience(-1), ThresholdPruner.threshold(lower: 1, upper: 0),
      WilcoxonPruner.wilcoxon(probability: 2),
      PatiencePruner.patience(1, then: PercentilePruner.percentile(-1)),
    ]
    for pruner in wrong { #expect(throws: SearchError.self, "\(pruner.name)") { try pruner.check() } }
    #expect {
      try Study(objectives: [.minimizing("a"), .minimizing("b")], by: .random(), pruning: .median())
    } throws: { "\($0)".contains("compares values of one objective, and there are 2: a, b") }
  }
}
