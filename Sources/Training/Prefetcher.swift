import Foundation

/// Makes elements ahead of their use on a thread of its own, a few at most.
final class Prefetcher<Element: Sendable>: @unchecked Sendable {
  // Everything mutable is guarded by the condition.
  private let condition = NSCondition()
  private var ready: [Result<Element, any Error>] = []
  private var isFinished = false
  private var isStopped = false

  /// Starts making elements.
  ///
  /// - Parameters:
  ///   - count: How many elements there are.
  ///   - depth: How many may wait to be used.
  ///   - make: Makes the element of a number; after it throws, no further one is made.
  init(count: Int, depth: Int = 2, make: @escaping @Sendable (Int) throws -> Element) {
    let thread = Thread { [self] in
      for index in 0..<count {
        let element = Result { try make(index) }
        guard offer(element, depth), case .success = element else { break }
      }
      condition.withLock {
        isFinished = true
        condition.broadcast()
      }
    }
    thread.name = "descent.prefetch"
    // The default of half a megabyte is little for user code that makes batches.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Waits for room; returns whether elements are still wanted.
  private func offer(_ element: Result<Element, any Error>, _ depth: Int) -> Bool {
    condition.withLock {
      while ready.count >= depth && !isStopped { condition.wait() }
      ready.append(element)
      condition.broadcast()
      return !isStopped
    }
  }

  /// The next element, or `nil` behind the last.
  ///
  /// - Throws: what making the element threw.
  func next() throws -> Element? {
    let element: Result<Element, any Error>? = condition.withLock {
      while ready.isEmpty && !isFinished { condition.wait() }
      guard !ready.isEmpty else { return nil }
      condition.broadcast()
      return ready.removeFirst()
    }
    return try element?.get()
  }

  /// Lets the thread end; elements that wait are dropped.
  func stop() {
    condition.withLock {
      isStopped = true
      ready.removeAll()
      condition.broadcast()
    }
  }
}
