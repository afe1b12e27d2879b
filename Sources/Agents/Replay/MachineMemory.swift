import DescentTensors
import Foundation

/// What the machine has room for.
enum MachineMemory {
  /// Refuses what the machine's memory does not hold.
  ///
  /// - Parameters:
  ///   - bytes: The size of one item.
  ///   - count: The number of items.
  ///   - operation: What is asked.
  ///   - items: How the error names them.
  static func check(_ bytes: Int, times count: Int, _ operation: String, _ items: String) throws {
    let (total, overflow) = bytes.multipliedReportingOverflow(by: count)
    let limit = ProcessInfo.processInfo.physicalMemory
    guard overflow || UInt64(max(0, total)) > limit else { return }
    let size = overflow ? "more than can be counted" : "\(total / 1_000_000) MB"
    throw TensorError(
      operation,
      "\(items) of \(bytes) bytes take \(size), and the machine has \(limit / 1_000_000) MB of memory; take a smaller number"
    )
  }
}
