/// A condition at which a study ends before all of its trials are done.
public struct StudyStop: Sendable {
  enum Kind: Sendable {
    case seconds(Double)
    case target(Double)
    case patience(Int)
    case condition(@Sendable ([TrialRecord]) -> Bool)
  }

  let kind: Kind

  /// So many seconds have passed. Trials that still run are given up at once, and tried again when the study goes on.
  public static func seconds(_ seconds: Double) -> StudyStop { StudyStop(kind: .seconds(seconds)) }

  /// An allowed trial has a value of the first objective that is at least as good.
  public static func target(_ value: Double) -> StudyStop { StudyStop(kind: .target(value)) }

  /// The best has not become better for so many trials.
  public static func patience(_ trials: Int) -> StudyStop { StudyStop(kind: .patience(trials)) }

  /// A condition of one's own on the trials that have ended, by number, which is asked after each.
  public static func condition(_ holds: @escaping @Sendable ([TrialRecord]) -> Bool) -> StudyStop {
    StudyStop(kind: .condition(holds))
  }

  func check() throws {
    switch kind {
    case .seconds(let seconds):
      guard seconds >= 0 else {
        throw SearchError("run", "stopping after \(seconds) seconds, where 0 or more is needed")
      }
    case .target(let value):
      guard !value.isNaN else { throw SearchError("run", "stopping at a target that is not a number") }
    case .patience(let trials):
      guard trials >= 1 else {
        throw SearchError("run", "stopping after \(trials) trials without a better one, where 1 or more is needed")
      }
    case .condition: return
    }
  }
}

/// Why a study's run ended.
public enum StudyEnd: String, Sendable, Hashable, Codable, CustomStringConvertible {
  /// All trials are done.
  case trials
  /// Nothing is left to try.
  case exhausted
  /// The time is over.
  case time
  /// The target is reached.
  case target
  /// The best has not become better for so many trials.
  case patience
  /// The user's own condition holds.
  case condition
  /// The task was canceled.
  case canceled

  /// The reason in words.
  public var description: String {
    switch self {
    case .trials: "all trials are done"
    case .exhausted: "all settings have been tried"
    case .time: "the time is over"
    case .target: "the target is reached"
    case .patience: "the best has not become better for long enough"
    case .condition: "the user's condition holds"
    case .canceled: "the task was canceled"
    }
  }
}
