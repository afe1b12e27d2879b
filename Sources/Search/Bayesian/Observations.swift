import Foundation

/// What a model learns from: the trials that have all parameters of a space, in numbers.
struct Observations: Sendable {
  /// Settings as features, a row for each trial.
  var points: Posterior.Points
  /// The results of each trial, all to be minimized: the objectives.
  var values: [[Double]]
  /// How far each trial is from meeting each measured constraint.
  var violations: [[Double]]
  /// The features of trials whose results are not known yet.
  var pending: [[Double]]
  /// How many trials have completed with results.
  var completed: Int

  /// Reads a history.
  ///
  /// A trial that failed or was pruned counts with the worst result of those that completed, so that the search keeps away
  /// from where it was; infinite results count with the worst, or best, finite one.
  ///
  /// - Parameters:
  ///   - history: The trials.
  ///   - space: The parameters.
  ///   - count: How many of the ended trials count, from the first; all where it is `nil`.
  init(_ history: History, in space: [(name: String, domain: Domain)], objectives: Int) {
    var rows: [Double] = []
    var results: [[Double]?] = []
    var limits: [[Double]?] = []
    for trial in history.ended {
      guard let features = Self.features(trial.settings, in: space) else { continue }
      let isWhole =
        trial.state == .complete && trial.values.count == objectives && !trial.values.contains(where: \.isNaN)
      rows += features
      results.append(
        isWhole ? zip(trial.values, history.isMinimized).map { $1 ? $0 : -$0 } : nil)
      limits.append(trial.violations.isEmpty ? nil : trial.violations)
    }
    completed = results.count { $0 != nil }
    points = Posterior.Points(flat: rows, count: results.count)
    values = Self.filled(results, width: objectives)
    let constraints = limits.compactMap { $0?.count }.max() ?? 0
    violations =
      constraints == 0
      ? [] : Self.filled(limits.map { $0.flatMap { $0.count == constraints ? $0 : nil } }, width: constraints)
    pending = history.pending.compactMap { Self.features($0.settings, in: space) }
  }

  /// The features of settings; `nil` where one is missing or not of its domain.
  private static func features(_ settings: Settings, in space: [(name: String, domain: Domain)]) -> [Double]? {
    var features: [Double] = []
    for (name, domain) in space {
      guard let setting = settings[name], domain.contains(setting) else { return nil }
      features += domain.features(of: setting)
    }
    return features
  }

  /// Rows without gaps: what is missing or not finite is the worst of its column, −∞ the best.
  private static func filled(_ rows: [[Double]?], width: Int) -> [[Double]] {
    let ranges = (0..<width).map { column in
      let finite = rows.compactMap { $0?[column] }.filter(\.isFinite)
      return (least: finite.min() ?? 0, most: finite.max() ?? 0)
    }
    return rows.map { row in
      (0..<width).map { column in
        guard let value = row?[column], !value.isNaN else { return ranges[column].most }
        return min(max(value, ranges[column].least), ranges[column].most)
      }
    }
  }

  /// The first of the trials that have ended.
  func prefix(_ count: Int) -> Observations {
    var copy = self
    copy.points = points.prefix(count)
    copy.values = Array(values.prefix(count))
    copy.violations = Array(violations.prefix(count))
    return copy
  }

  /// One column of the objectives.
  func objective(_ column: Int) -> [Double] { values.map { $0[column] } }

  /// One column of the constraints.
  func violation(_ column: Int) -> [Double] { violations.map { $0[column] } }

  /// Whether each trial met all measured constraints.
  var isFeasible: [Bool] {
    violations.isEmpty ? values.map { _ in true } : violations.map { $0.allSatisfy { $0 <= 0 } }
  }
}
