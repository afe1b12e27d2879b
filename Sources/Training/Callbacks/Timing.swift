import DescentFiles
import Foundation

/// Where the time of a training went, in seconds.
public struct TrainingTiming: Sendable, Hashable, Codable {
  /// Waiting for batches that were not ready.
  public var batches = 0.0
  /// Compiling and running steps.
  public var steps = 0.0
  /// Validation.
  public var validation = 0.0
  /// Callbacks.
  public var callbacks = 0.0
  /// Writing checkpoints.
  public var checkpoints = 0.0

  /// No time yet.
  public init() {}

  /// All of it.
  public var total: Double { batches + steps + validation + callbacks + checkpoints }
}

extension TrainingTiming: CustomStringConvertible {
  /// A table with the share of each part.
  public var description: String {
    let parts = [
      ("steps", steps), ("waiting for batches", batches), ("validation", validation), ("callbacks", callbacks),
      ("checkpoints", checkpoints),
    ]
    let lines = parts.map { name, seconds in
      let share = total > 0 ? 100 * seconds / total : 0
      let padded = name.padding(toLength: 20, withPad: " ", startingAt: 0)
      return padded + String(format: "%10.3f s %5.1f %%", seconds, share)
    }
    return lines.joined(separator: "\n")
  }
}

extension Callback {
  /// Says on standard error in the end where the time went; see `TrainingReport.timing` for the same as numbers.
  public static let timing = Callback(TimingTable())
}

struct TimingTable: TrainingCallback {
  typealias State = StatelessCallback
  let name = "timing"

  func end(_ training: TrainingContext, error: (any Error)?, state: inout State) throws {
    Notices.say("\(training.report.timing)")
  }
}
