import DescentPlotting
import Foundation

/// Ends a trial whose best intermediate value so far is worse than a percentile of those of completed trials at the same
/// step.
///
/// Source: Golovin et al., *Google Vizier: A service for black-box optimization*, 2017 (the median stopping rule).
public struct PercentilePruner: Pruner {
  /// How many of a hundred trials go on.
  public var percentile: Double
  /// How many trials have to have completed before any is ended.
  public var startupTrials: Int
  /// The first step at which trials are ended.
  public var warmupSteps: Int
  /// A trial is looked at once in so many steps.
  public var interval: Int
  /// How many values of others at the step are needed.
  public var minimumTrials: Int
  /// How many trials, at most, run at once in a study that keeps to its order.
  public let width: Int?

  init(
    percentile: Double, startupTrials: Int, warmupSteps: Int, interval: Int, minimumTrials: Int, width: Int
  ) {
    self.percentile = percentile
    self.startupTrials = startupTrials
    self.warmupSteps = warmupSteps
    self.interval = interval
    self.minimumTrials = minimumTrials
    self.width = width
  }

  /// Such as `median(startupTrials: 5, warmupSteps: 0, interval: 1)`.
  public var name: String {
    let kind = percentile == 50 ? "median(" : "percentile(\(NumberText.short(percentile)), "
    return kind + "startupTrials: \(startupTrials), warmupSteps: \(warmupSteps), interval: \(interval))"
  }

  /// Refuses percentiles outside 0...100 and negative numbers.
  public func check() throws {
    guard (0...100).contains(percentile) else {
      throw SearchError(name, "a percentile of \(percentile), where 0 to 100 is needed")
    }
    guard startupTrials >= 0, warmupSteps >= 0, interval >= 1, minimumTrials >= 1, (width ?? 1) >= 1 else {
      throw SearchError(
        name,
        "startupTrials \(startupTrials), warmupSteps \(warmupSteps), interval \(interval), minimumTrials "
          + "\(minimumTrials), width \(width ?? 1): the first two are 0 or more, the others 1 or more")
    }
  }

  /// What the trial's best value was compared with.
  public func reason(toPrune trial: TrialRecord, at step: Int, given history: History) -> String? {
    let complete = history.ended.filter { $0.state == .complete }
    guard !complete.isEmpty, complete.count >= startupTrials, step >= warmupSteps else { return nil }
    // Once in each interval: at its first report.
    let begin = warmupSteps + (step - warmupSteps) / max(interval, 1) * max(interval, 1)
    guard !trial.reports.keys.contains(where: { $0 < step && $0 >= begin }) else { return nil }
    let sign = history.sign
    guard let best = trial.reports.values.filter({ !$0.isNaN }).map({ sign * $0 }).min() else {
      return "all values are NaN"
    }
    let values = complete.compactMap { $0.reports[step] }
    guard values.count >= minimumTrials,
      let limit = Self.percentile(percentile, of: values.filter { !$0.isNaN }.map { sign * $0 })
    else { return nil }
    guard best > limit else { return nil }
    let words = percentile == 50 ? "the median" : "percentile \(NumberText.short(percentile))"
    return
      "\(NumberText.short(sign * best)) is worse than \(words) of \(values.count) trials, \(NumberText.short(sign * limit))"
  }

  /// A percentile, linearly between two values.
  static func percentile(_ percentile: Double, of values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let place = percentile / 100 * Double(sorted.count - 1)
    let low = min(max(Int(place), 0), sorted.count - 1)
    let high = min(low + 1, sorted.count - 1)
    let share = place - Double(low)
    return share == 0 ? sorted[low] : sorted[low] + (sorted[high] - sorted[low]) * share
  }
}

extension History {
  /// 1 where the smallest value of the first objective is looked for, otherwise −1.
  var sign: Double { isMinimized.first ?? true ? 1 : -1 }
}

extension Pruner where Self == PercentilePruner {
  /// Ends a trial whose best value so far is worse than the median of those of completed trials at the same step.
  ///
  /// - Parameters:
  ///   - startupTrials: How many trials have to have completed before any is ended.
  ///   - warmupSteps: The first step at which trials are ended.
  ///   - interval: A trial is looked at once in so many steps.
  ///   - minimumTrials: How many values of others at the step are needed.
  ///   - width: How many trials, at most, run at once in a study that keeps to its order.
  public static func median(
    startupTrials: Int = 5, warmupSteps: Int = 0, interval: Int = 1, minimumTrials: Int = 1, width: Int = 4
  ) -> PercentilePruner {
    percentile(
      50, startupTrials: startupTrials, warmupSteps: warmupSteps, interval: interval, minimumTrials: minimumTrials,
      width: width)
  }

  /// Ends a trial whose best value so far is not among so many of a hundred, of those of completed trials at the same step.
  ///
  /// - Parameters:
  ///   - percentile: How many of a hundred trials go on.
  ///   - startupTrials: How many trials have to have completed before any is ended.
  ///   - warmupSteps: The first step at which trials are ended.
  ///   - interval: A trial is looked at once in so many steps.
  ///   - minimumTrials: How many values of others at the step are needed.
  ///   - width: How many trials, at most, run at once in a study that keeps to its order.
  public static func percentile(
    _ percentile: Double, startupTrials: Int = 5, warmupSteps: Int = 0, interval: Int = 1, minimumTrials: Int = 1,
    width: Int = 4
  ) -> PercentilePruner {
    PercentilePruner(
      percentile: percentile, startupTrials: startupTrials, warmupSteps: warmupSteps, interval: interval,
      minimumTrials: minimumTrials, width: width)
  }
}
