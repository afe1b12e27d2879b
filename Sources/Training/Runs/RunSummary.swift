import Foundation

/// What came of a run so far, as its directory keeps it.
public struct RunSummary: Sendable, Hashable, Codable {
  /// How a run stands.
  public enum Status: String, Sendable, Hashable, Codable {
    /// It trains, or was killed: only a process that ends properly says so.
    case running
    /// All epochs are done, or a callback ended it.
    case finished
    /// It ended by an error.
    case failed
  }

  /// How the run stands.
  public var status = Status.running
  /// The error that ended it, where one did.
  public var error: String?
  /// What was done, epoch by epoch.
  public var report = TrainingReport()
  /// The optimizer as it printed itself last.
  public var optimizer = ""
  /// When this was written.
  public var written = Date()

  /// Nothing yet.
  public init() {}

  /// The best value of a number in any epoch, and in which.
  ///
  /// - Returns: `nil` where no epoch has it.
  public func best(_ number: MonitoredNumber) -> (value: Double, epoch: Int)? {
    var best: (value: Double, epoch: Int)?
    for epoch in report.epochs {
      guard let value = try? number.value(in: epoch), number.isBetter(value, than: best?.value) else { continue }
      best = (value, epoch.number)
    }
    return best
  }

  /// The time that training took, validation excluded, in seconds.
  public var seconds: Double { report.epochs.reduce(0) { $0 + $1.seconds } }
}
