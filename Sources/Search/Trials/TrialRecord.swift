import Foundation

/// What is known of a trial.
public struct TrialRecord: Hashable, Sendable {
  /// How far a trial has come.
  public enum State: String, Hashable, Sendable, Codable, CaseIterable {
    /// Wished for by the user, or left by a worker that died: the next worker takes it.
    case waiting
    /// Asked for, and not told yet.
    case running
    /// Ended with its results.
    case complete
    /// Ended early, because its intermediate values fell behind those of other trials.
    case pruned
    /// Ended without a result.
    case failed

    /// Whether nothing of the trial changes any more.
    public var isEnded: Bool { self == .complete || self == .pruned || self == .failed }
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
  /// Values that the user wished for, by parameter; they are taken where a parameter of that name can have them.
  public var wishes: Settings
  /// What the user wrote down about it, by name.
  public var notes: [String: String]
  /// Why it was pruned or failed; empty otherwise.
  public var message: String
  /// Who runs or ran it.
  public var worker: String
  /// How many times it was begun: more than once where a worker died.
  public var attempts: Int
  /// When the last attempt began; `nil` while it waits.
  public var start: Date?
  /// When it ended; `nil` before.
  public var end: Date?

  /// Makes a record.
  public init(
    number: Int, state: State = .running, domains: [String: Domain] = [:], settings: Settings = [:],
    values: [Double] = [], violations: [Double] = [], reports: [Int: Double] = [:], wishes: Settings = [:],
    notes: [String: String] = [:], message: String = "", worker: String = "", attempts: Int = 0, start: Date? = nil,
    end: Date? = nil
  ) {
    self.number = number
    self.state = state
    self.domains = domains
    self.settings = settings
    self.values = values
    self.violations = violations
    self.reports = reports
    self.wishes = wishes
    self.notes = notes
    self.message = message
    self.worker = worker
    self.attempts = attempts
    self.start = start
    self.end = end
  }

  /// Whether no measured constraint is violated. A violation that is not a number counts as one.
  public var isFeasible: Bool { violations.allSatisfy { $0 <= 0 } }

  /// The sum of what is above zero in the violations.
  public var totalViolation: Double {
    violations.reduce(0) { $0 + ($1.isNaN ? .infinity : max($1, 0)) }
  }

  /// The seconds that it took; `nil` before it has ended.
  public var seconds: Double? {
    guard let start, let end else { return nil }
    return end.timeIntervalSince(start)
  }
}

extension TrialRecord: CustomStringConvertible {
  /// One line: the number, the results and the settings.
  public var description: String {
    let parts = settings.sorted { $0.key < $1.key }.map { name, setting in
      "\(name) \(domains[name]?.text(of: setting) ?? "\(setting)")"
    }
    let result: String
    switch state {
    case .complete: result = values.map { "\($0)" }.joined(separator: ", ")
    case .pruned, .failed: result = state.rawValue + (message.isEmpty ? "" : " (\(message))")
    case .waiting, .running: result = state.rawValue
    }
    return "trial \(number): \(result)" + (parts.isEmpty ? "" : " at " + parts.joined(separator: ", "))
  }
}
