import DescentPlotting

/// Ends a trial whose intermediate values leave a range, or are not numbers.
public struct ThresholdPruner: Pruner {
  /// The smallest value.
  public var lower: Double
  /// The largest value.
  public var upper: Double
  /// The first step at which trials are ended.
  public var warmupSteps: Int

  init(lower: Double, upper: Double, warmupSteps: Int) {
    (self.lower, self.upper, self.warmupSteps) = (lower, upper, warmupSteps)
  }

  /// Such as `threshold(lower: −∞, upper: 10)`.
  public var name: String {
    "threshold(lower: \(NumberText.short(lower)), upper: \(NumberText.short(upper)), warmupSteps: \(warmupSteps))"
  }

  /// Other trials do not matter.
  public var width: Int? { nil }

  /// Refuses a range without values.
  public func check() throws {
    guard lower <= upper else { throw SearchError(name, "no value lies between \(lower) and \(upper)") }
  }

  /// The value that lies outside.
  public func reason(toPrune trial: TrialRecord, at step: Int, given history: History) -> String? {
    guard step >= warmupSteps, let value = trial.reports[step] else { return nil }
    if value.isNaN { return "the value is NaN" }
    if value < lower { return "\(NumberText.short(value)) is below \(NumberText.short(lower))" }
    return value > upper ? "\(NumberText.short(value)) is above \(NumberText.short(upper))" : nil
  }
}

extension Pruner where Self == ThresholdPruner {
  /// Ends a trial whose values leave a range, or are not numbers.
  ///
  /// - Parameters:
  ///   - lower: The smallest value.
  ///   - upper: The largest value.
  ///   - warmupSteps: The first step at which trials are ended.
  public static func threshold(
    lower: Double = -.infinity, upper: Double = .infinity, warmupSteps: Int = 0
  ) -> ThresholdPruner {
    ThresholdPruner(lower: lower, upper: upper, warmupSteps: warmupSteps)
  }
}
