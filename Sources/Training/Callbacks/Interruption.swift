import Foundation
import Synchronization

/// The signal that asked for an end: all that a signal handler may safely touch.
private let received = Atomic<CInt>(0)

/// Listens to the signals that ask a process to end, SIGINT (Ctrl-C) and SIGTERM, from its making to its end.
///
/// The first signal is only remembered. A second one of the same kind does what it always does.
final class Interruption {
  private typealias Handler = @convention(c) (CInt) -> Void

  /// What the signals did before.
  private var previous: [(number: CInt, handler: Handler?)] = []

  init() {
    received.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      let before = Foundation.signal(number) { number in
        received.store(number, ordering: .relaxed)
        _ = Foundation.signal(number, SIG_DFL)
      }
      if Self.isIgnored(before) {
        // Whoever started the process wants it left alone: nohup, or a shell that runs it in the background.
        _ = Foundation.signal(number, before)
      } else {
        previous.append((number, before))
      }
    }
  }

  deinit { for (number, handler) in previous { _ = Foundation.signal(number, handler) } }

  /// The name of the signal that came, if one did.
  var signal: String? {
    switch received.load(ordering: .relaxed) {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    default: nil
    }
  }

  private static func isIgnored(_ handler: Handler?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
