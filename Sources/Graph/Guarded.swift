import Synchronization

/// A value that one thread at a time may use.
///
/// The standard library's mutex, whose order the thread sanitizer sees as well: on Linux that mutex waits in code that
/// is not instrumented, so that the sanitizer would take everything it guards for a race. What a thread publishes when
/// it leaves and the next one reads when it enters says the same order in instrumented code, for two moves.
package struct Guarded<Value: ~Copyable>: ~Copyable, Sendable {
  private let mutex: Mutex<Value>
  private let turn = Atomic<Bool>(false)

  /// Guards a value.
  package init(_ value: consuming sending Value) { mutex = Mutex(value) }

  /// Calls a function with the value, while no other thread uses it.
  package borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    try mutex.withLock { value throws(Failure) -> sending Result in
      _ = turn.load(ordering: .acquiring)
      defer { turn.store(true, ordering: .releasing) }
      return try body(&value)
    }
  }
}
