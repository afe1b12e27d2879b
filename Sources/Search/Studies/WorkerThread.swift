import DescentBackends
import Foundation

/// A thread that does one piece of work after the other, on the backend of the one that made it.
final class WorkerThread: @unchecked Sendable {
  // Everything mutable is guarded by the condition.
  private let condition = NSCondition()
  private var work: (@Sendable () -> Void)?
  private var isEnded = false
  /// Its place among the workers of its study.
  let index: Int

  init(_ index: Int) {
    self.index = index
    let backend = Backend.current
    let thread = Thread { [self] in
      while let work = next() { withBackend(backend) { work() } }
    }
    thread.name = "descent.trial.\(index)"
    // The default of half a megabyte is little for the user's functions.
    thread.stackSize = 16 << 20
    thread.start()
  }

  private func next() -> (@Sendable () -> Void)? {
    condition.lock()
    defer { condition.unlock() }
    while work == nil, !isEnded { condition.wait() }
    defer { work = nil }
    return work
  }

  /// Does a piece of work; the last one is done.
  func `do`(_ body: @escaping @Sendable () -> Void) {
    condition.lock()
    work = body
    condition.signal()
    condition.unlock()
  }

  /// Ends, as soon as its work is done.
  func end() {
    condition.lock()
    isEnded = true
    condition.signal()
    condition.unlock()
  }
}
