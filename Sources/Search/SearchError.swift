import DescentTypes

/// A search that cannot be made or go on as it was asked for.
public struct SearchError: DescentError {
  /// The study, space, parameter or function that was asked.
  public let subject: String
  /// What was asked, what was found, and what to do about it.
  public let message: String
  /// What the user's function or a storage threw, where that is why.
  public let underlying: (any Error)?

  /// Makes an error.
  public init(_ subject: String, _ message: String, underlying: (any Error)? = nil) {
    self.subject = subject
    self.message = message
    self.underlying = underlying
  }
}

/// What a trial throws to the function that it measures when it need not go on: hand it on.
public struct TrialPruned: DescentError {
  /// The trial's number.
  public let trial: Int
  /// The step of the last report.
  public let step: Int
  /// Why it ends: which pruner, and what it compared.
  public let reason: String

  /// The trial.
  public var subject: String { "trial \(trial)" }
  /// Why it ends.
  public var message: String { "pruned at step \(step): \(reason)" }
}
