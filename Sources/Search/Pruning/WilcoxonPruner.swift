import DescentPlotting

/// Ends a trial that is worse than the best one on the same cases, by Wilcoxon's signed-rank test.
///
/// For functions whose value is the mean over cases, such as folds or problems: each case's value is reported, with the
/// case's number as the step. The best trial's mean has to be better than the trial's, too.
public struct WilcoxonPruner: Pruner {
  /// The probability of differences as large by chance below which a trial is ended.
  public var probability: Double
  /// How many cases are needed.
  public var startupSteps: Int
  /// How many trials, at most, run at once in a study that keeps to its order.
  public let width: Int?

  init(probability: Double, startupSteps: Int, width: Int) {
    (self.probability, self.startupSteps, self.width) = (probability, startupSteps, width)
  }

  /// Such as `wilcoxon(probability: 0.1, startupSteps: 2)`.
  public var name: String { "wilcoxon(probability: \(NumberText.short(probability)), startupSteps: \(startupSteps))" }

  /// Refuses what is not a probability, and negative numbers.
  public func check() throws {
    guard (0...1).contains(probability) else {
      throw SearchError(name, "a probability of \(probability), where 0 to 1 is needed")
    }
    guard startupSteps >= 0, (width ?? 1) >= 1 else {
      throw SearchError(name, "startupSteps \(startupSteps) and width \(width ?? 1), where 0 and 1 or more are needed")
    }
  }

  /// How unlikely the differences from the best trial are.
  public func reason(toPrune trial: TrialRecord, at step: Int, given history: History) -> String? {
    let sign = history.sign
    let complete = history.ended.filter { $0.state == .complete && $0.isFeasible && !$0.values.isEmpty }
    guard let best = complete.min(by: { (sign * $0.values[0], $0.number) < (sign * $1.values[0], $1.number) }),
      !best.reports.isEmpty, !trial.reports.isEmpty
    else { return nil }
    guard (Array(trial.reports.values) + best.reports.values).allSatisfy(\.isFinite) else { return nil }
    // In one order, so that ranks and sums are the same in every process.
    let steps = trial.reports.keys.filter { best.reports[$0] != nil }.sorted()
    let differences = steps.map { sign * ((trial.reports[$0] ?? 0) - (best.reports[$0] ?? 0)) }
    guard differences.count >= max(2, startupSteps) else { return nil }
    let found = SignedRanks.probability(ofLarger: differences)
    guard found < probability, sign * Self.mean(best) < sign * Self.mean(trial) else { return nil }
    return "worse than trial \(best.number) on \(differences.count) cases, p = \(NumberText.short(found, digits: 3))"
  }

  private static func mean(_ trial: TrialRecord) -> Double {
    trial.reports.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value } / Double(max(trial.reports.count, 1))
  }
}

extension Pruner where Self == WilcoxonPruner {
  /// Ends a trial that is worse than the best one on the same cases, by Wilcoxon's signed-rank test.
  ///
  /// - Parameters:
  ///   - probability: The probability of differences as large by chance below which a trial is ended.
  ///   - startupSteps: How many cases are needed.
  ///   - width: How many trials, at most, run at once in a study that keeps to its order.
  public static func wilcoxon(probability: Double = 0.1, startupSteps: Int = 2, width: Int = 4) -> WilcoxonPruner {
    WilcoxonPruner(probability: probability, startupSteps: startupSteps, width: width)
  }
}
