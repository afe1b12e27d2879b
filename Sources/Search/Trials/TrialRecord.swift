/// What is known of a trial.
public struct TrialRecord: Hashable, Sendable {
  /// How far a trial has come.
  public enum State: String, Hashable, Sendable, Codable {
    /// Asked for, and not told yet.
    case running
    /// Ended with its results.
    case complete
    /// Ended early, because its intermediate values fell behind those of other trials.
    case pruned
    /// Ended without a result.
    case failed
  }

  /// The trial's number in its study, from 0.
  public var number: Int
  /// How far it has come.
  public var state: State
  /// The domains of its parameters, by name.
  public var domains: [String: Domain]
  /// The values of its parameters, by name.
  public var settings: Settings
  /// The results, one per objective; empty where the trial has not completed.
  public var values: [Double]
  /// How far the trial is from meeting each measured constraint: what is above zero violates it.
  public var violations: [Double]
  /// The intermediate values, by step.
  public var reports: [Int: Double]

  /// Makes a record.
  public init(
    number: Int, state: State = .running, domains: [String: Domain] = [:], settings: Settings = [:],
    values: [Double] = [], violations: [Double] = [], reports: [Int: Double] = [:]
  ) {
    self.number = number
    self.state = state
    self.domains = domains
    self.settings = settings
    self.values = values
    self.violations = violations
    self.reports = reports
  }
}
