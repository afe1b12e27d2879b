import Foundation

/// Calls a function on eight threads at once, with the number of the thread.
///
/// - Returns: What they threw.
public func faultsOnEightThreads(_ body: @Sendable (Int) throws -> Void) -> [String] {
  let faults = Faults()
  withoutActuallyEscaping(body) { body in
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      do { try body(thread) } catch { faults.add("thread \(thread): \(error)") }
    }
  }
  return faults.all
}

/// Throws what is wrong unless a condition holds: `#expect` for other threads than the test's own.
public func hold(_ condition: Bool, _ text: @autoclosure () -> String = "it does not hold", line: Int = #line) throws {
  if !condition { throw Wrong(description: "line \(line): \(text())") }
}

private struct Wrong: Error, CustomStringConvertible { let description: String }

private final class Faults: @unchecked Sendable {
  // Of Foundation: the thread sanitizer sees what it orders.
  private let lock = NSLock()
  private var texts: [String] = []
  func add(_ text: String) { lock.withLock { texts.append(text) } }
  var all: [String] { lock.withLock { texts } }
}
