import DescentPlotting

/// Ends a trial whose intermediate values have not become better for some steps, or lets another rule decide then.
public struct PatiencePruner: Pruner {
  /// How many further reports a trial has to become better.
  public var patience: Int
  /// By how much a value may be worse than the best before and still count as good.
  public var tolerance: Double
  /// The rule that decides about trials that have not become better; `nil` where they all end.
  public var rule: (any Pruner)?

  init(patience: Int, tolerance: Double, rule: (any Pruner)?) {
    (self.patience, self.tolerance, self.rule) = (patience, tolerance, rule)
  }

  /// Such as `patience(3, tolerance: 0)`.
  public var name: String {
    "patience(\(patience), tolerance: \(NumberText.short(tolerance))" + (rule.map { ", then: \($0.name))" } ?? ")")
  }

  /// That of the other rule.
  public var width: Int? { rule?.width }

  /// Refuses negative numbers.
  public func check() throws {
    guard patience >= 0, tolerance >= 0 else {
      throw SearchError(name, "a patience of \(patience) and a tolerance of \(tolerance), where 0 or more is needed")
    }
    try rule?.check()
  }

  /// Since when the values have not become better.
  public func reason(toPrune trial: TrialRecord, at step: Int, given history: History) -> String? {
    let sign = history.sign
    let ordered = trial.reports.sorted { $0.key < $1.key }.map { (step: $0.key, value: sign * $0.value) }
    guard ordered.count > patience + 1 else { return nil }
    let before = ordered.dropLast(patience + 1).filter { !$0.value.isNaN }.min { $0.value < $1.value }
    let after = ordered.suffix(patience + 1).filter { !$0.value.isNaN }.map(\.value).min()
    guard let before, before.value + tolerance < after ?? .infinity else { return nil }
    guard let rule else { return "no better than \(NumberText.short(sign * before.value)) since step \(before.step)" }
    return rule.reason(toPrune: trial, at: step, given: history)
  }
}

extension Pruner where Self == PatiencePruner {
  /// Ends a trial whose values have not become better for some reports.
  ///
  /// - Parameters:
  ///   - patience: How many further reports a trial has to become better.
  ///   - tolerance: By how much a value may be worse than the best before and still count as good.
  ///   - rule: The rule that decides then; otherwise the trial ends.
  public static func patience(_ patience: Int, tolerance: Double = 0, then rule: (any Pruner)? = nil) -> PatiencePruner
  {
    PatiencePruner(patience: patience, tolerance: tolerance, rule: rule)
  }
}
