import DescentGraph
import Foundation
import Synchronization

/// What tells workers apart: `host:process:study.thread`.
///
/// The process tells others on the same machine at once whether a worker is gone.
enum WorkerName {
  private static let studies = Atomic<Int>(0)

  /// The beginning of the names of a study's workers in this process.
  static func ofStudy() -> String {
    let number = studies.wrappingAdd(1, ordering: .relaxed).oldValue
    return "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier):\(number)"
  }
}
