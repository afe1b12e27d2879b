import DescentBackends
import Foundation

/// Makes elements ahead of their use on a thread of its own, a few at most.
///
/// The thread ends when the last element has been made, when making one has failed, and when nobody holds the
/// prefetcher any longer.
package final class Prefetcher<Element: Sendable>: Sendable {
  private let queue: Queue

  /// Starts making elements.
  ///
  /// - Parameters:
  ///   - count: How many elements there are.
  ///   - depth: How many may wait to be used; the thread sleeps until half of them are.
  ///   - make: Makes the element of a number; after it throws, no further one is made.
  package init(count: Int, depth: Int = 4, make: @escaping @Sendable (Int) throws -> Element) {
    let queue = Queue(depth: max(1, depth))
    self.queue = queue
    // Holds the queue and not the prefetcher, whose end is the thread's.
    let backend = Backend.current
    let thread = Thread {
      defer { queue.finish() }
      for index in 0..<max(0, count) {
        let element = Result { try withBackend(backend) { try make(index) } }
        guard queue.offer(element), case .success = element else { return }
      }
    }
    thread.name = "descent.prefetch"
    // The default of half a megabyte is little for user code that makes batches.
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit { queue.stop() }

  /// The next element, or `nil` after the last.
  ///
  /// - Throws: what making the element threw.
  package func next() throws -> Element? { try queue.take()?.get() }

  /// Lets the thread end; elements that wait are dropped.
  package func stop() { queue.stop() }

  /// What waits between the thread that makes elements and the one that uses them.
  private final class Queue: @unchecked Sendable {
    // Everything mutable is guarded by the condition.
    private let condition = NSCondition()
    private let depth: Int
    private var ready: [Result<Element, any Error>] = []
    /// Whether the thread sleeps until there is room for several elements: waking it for each one costs a small step
    /// more than the step itself.
    private var isFull = false
    private var isFinished = false
    private var isStopped = false

    init(depth: Int) { self.depth = depth }

    /// Waits for room; returns whether elements are still wanted.
    func offer(_ element: Result<Element, any Error>) -> Bool {
      condition.withLock {
        while isFull && !isStopped { condition.wait() }
        if isStopped { return false }
        ready.append(element)
        isFull = ready.count >= depth
        if ready.count == 1 { condition.broadcast() }
        return true
      }
    }

    func take() -> Result<Element, any Error>? {
      condition.withLock {
        while ready.isEmpty && !isFinished && !isStopped { condition.wait() }
        guard !ready.isEmpty else { return nil }
        let element = ready.removeFirst()
        if isFull && ready.count <= depth / 2 {
          isFull = false
          condition.broadcast()
        }
        return element
      }
    }

    func finish() {
      condition.withLock {
        isFinished = true
        condition.broadcast()
      }
    }

    func stop() {
      condition.withLock {
        isStopped = true
        ready.removeAll()
        condition.broadcast()
      }
    }
  }
}
