import DescentPlotting

/// What came of a study.
public struct StudyReport: Sendable {
  /// The study's name.
  public let name: String
  /// What it looks for.
  public let objectives: [StudyObjective]
  /// Its method and pruner in words.
  public let method: String
  /// All trials, by their numbers.
  public let trials: [TrialRecord]
  /// The best trial that has completed: the first with the best value of the first objective, among those that violate no
  /// constraint; where all do, the one that violates them the least.
  public let best: TrialRecord
  /// Why the run ended.
  public let end: StudyEnd

  /// Makes a report of trials.
  ///
  /// - Throws: `SearchError` where none of them has completed.
  public init(
    name: String, objectives: [StudyObjective], method: String, trials: [TrialRecord], end: StudyEnd = .trials
  ) throws {
    guard let best = Self.best(trials, objectives) else {
      let failed = trials.last { $0.state == .failed }
      let words = failed.map { "; trial \($0.number) failed: \($0.message)" } ?? ""
      let counts = Self.counts(trials)
      throw SearchError(name, "no trial has completed\(counts.isEmpty ? "" : ", of \(counts)")\(words)")
    }
    self.name = name
    self.objectives = objectives
    self.method = method
    self.trials = trials
    self.best = best
    self.end = end
  }

  static func best(_ trials: some Sequence<TrialRecord>, _ objectives: [StudyObjective]) -> TrialRecord? {
    guard let sign = objectives.first.map({ $0.isMinimized ? 1.0 : -1.0 }) else { return nil }
    let complete = trials.filter { $0.state == .complete && $0.values.count == objectives.count }
    // The first of equal ones, so that more trials change the best only where they are better.
    return complete.min { first, second in
      let (one, other) = (first.totalViolation, second.totalViolation)
      if one != other { return one < other }
      return (sign * first.values[0], first.number) < (sign * second.values[0], second.number)
    }
  }

  /// The trials that no other is better than in all objectives, by number, among those that violate no constraint.
  public var front: [TrialRecord] {
    let allowed = trials.filter { $0.state == .complete && $0.isFeasible && $0.values.count == objectives.count }
    let points = allowed.map { trial in zip(trial.values, objectives).map { $1.isMinimized ? $0 : -$0 } }
    return (nonDominatedFronts(of: points).first ?? []).map { allowed[$0] }
  }

  /// The best value of the first objective after each trial, among those that violate no constraint; NaN before the first.
  public var bestSoFar: [Double] {
    guard let objective = objectives.first else { return [] }
    var best = Double.nan
    return trials.map { trial in
      if trial.state == .complete, trial.isFeasible, let value = trial.values.first,
        best.isNaN || (objective.isMinimized ? value < best : value > best)
      {
        best = value
      }
      return best
    }
  }

  static func counts(_ trials: [TrialRecord]) -> String {
    TrialRecord.State.allCases.compactMap { state in
      let count = trials.count { $0.state == state }
      return count == 0 ? nil : "\(count) \(state.rawValue)"
    }.joined(separator: ", ")
  }
}

extension StudyReport: CustomStringConvertible {
  /// A few lines: how many trials there were, and the best as a table.
  public var description: String {
    var lines = ["\(name), by \(method): \(Self.counts(trials)); \(end)"]
    let shown = objectives.count == 1 ? Array(ranked.prefix(5)) : Array(front.prefix(20))
    lines.append(objectives.count == 1 ? "the best trials:" : "the front, \(front.count) trials:")
    lines.append(Self.table(shown, objectives))
    if !best.isFeasible {
      lines.append("no trial meets all constraints; the best violates them by \(NumberText.short(best.totalViolation))")
    }
    return lines.joined(separator: "\n")
  }

  private var ranked: [TrialRecord] {
    let sign = objectives[0].isMinimized ? 1.0 : -1.0
    let complete = trials.filter { $0.state == .complete && $0.values.count == objectives.count }
    return complete.sorted { first, second in
      let (one, other) = (first.totalViolation, second.totalViolation)
      if one != other { return one < other }
      return (sign * first.values[0], first.number) < (sign * second.values[0], second.number)
    }
  }

  private static func table(_ trials: [TrialRecord], _ objectives: [StudyObjective]) -> String {
    var names: [String] = []
    for trial in trials { for name in trial.settings.keys.sorted() where !names.contains(name) { names.append(name) } }
    var rows = [["trial"] + objectives.map(\.name) + names]
    for trial in trials {
      let values = trial.values.map { NumberText.short($0, digits: 6) }
      let settings = names.map { name -> String in
        guard let setting = trial.settings[name] else { return "" }
        if case .real(let value) = setting { return NumberText.short(value, digits: 5) }
        return trial.domains[name]?.text(of: setting) ?? "\(setting)"
      }
      rows.append(["\(trial.number)"] + values + settings)
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension Study {
  /// What has come of the study so far.
  ///
  /// - Throws: `SearchError` where no trial has completed; what the storage throws.
  public func report() throws -> StudyReport { try report(.trials) }

  func report(_ end: StudyEnd) throws -> StudyReport {
    let method = sampler.name + (pruner is NoPruner ? "" : ", \(pruner.name)")
    return try StudyReport(name: name, objectives: objectives, method: method, trials: try trials(), end: end)
  }
}
