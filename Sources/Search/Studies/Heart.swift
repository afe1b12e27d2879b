import DescentGraph
import Foundation

/// Tells a shared storage that the trials which were handed out here are still being run, from a thread of its own that ends
/// with the last of them.
final class Heart: Sendable {
  private let isBeating = Guarded(false)

  /// Begins to beat, where it does not.
  ///
  /// - Parameters:
  ///   - seconds: How long from one beat to the next.
  ///   - trials: Gives the trials that are being run, with their workers.
  ///   - beat: Tells it.
  func begin(
    every seconds: Double, trials: @escaping @Sendable () -> [(number: Int, worker: String)],
    _ beat: @escaping @Sendable (Int, String) throws -> Void
  ) {
    let isNew = isBeating.withLock { isBeating in
      defer { isBeating = true }
      return !isBeating
    }
    guard isNew else { return }
    let thread = Thread { [self] in
      var last = ContinuousClock.now
      while true {
        // In short steps, so that the thread ends soon after the last trial.
        Thread.sleep(forTimeInterval: min(seconds, 0.25))
        // Asked under the lock, so that a trial that comes now finds the heart beating or begins it anew.
        let running = isBeating.withLock { isBeating in
          let running = trials()
          isBeating = !running.isEmpty
          return running
        }
        guard !running.isEmpty else { return }
        guard (ContinuousClock.now - last) / .seconds(1) >= seconds else { continue }
        last = .now
        // A storage that cannot be reached is told of by the calls that matter.
        for (number, worker) in running { try? beat(number, worker) }
      }
    }
    thread.name = "descent.heart"
    thread.start()
  }
}
