/// The memory of a tensor's elements, which belongs to the backend that made it.
///
/// A storage is written by whoever creates it and not changed after it has been shared, except by a plan that owns it
/// alone: see `Buffer`, the handle by which owners are told apart. It may be far away (on an accelerator, in another
/// process), so that bytes come and go by transfers, which need not be over when they are begun; and it may still be
/// in the making, since a plan may return before its results are computed: whoever reads them waits.
package protocol Storage: AnyObject, Sendable {
  /// The size in bytes.
  var byteCount: Int { get }

  /// The same bytes as memory of the host, `nil` where the host cannot address them.
  var hostMemory: HostMemory? { get }

  /// Begins to copy the first bytes to the host's memory, as many as that takes.
  func read(into target: HostMemory) -> Transfer

  /// Begins to replace the first bytes by those of the host's memory.
  func write(from source: HostMemory) -> Transfer

  /// The same bytes in other memory of the same backend.
  ///
  /// - Throws: `OperationError` where there is no memory left.
  func copied() throws(OperationError) -> any Storage
}

extension Storage {
  /// The bytes as memory of the host: this very memory where the host addresses it, a copy elsewhere.
  ///
  /// - Throws: `OperationError` where computing or copying the bytes fails, or the system has no memory left.
  package func onHost() throws(OperationError) -> HostMemory {
    if let hostMemory { return hostMemory }
    let copy = try HostMemory(byteCount: byteCount)
    try read(into: copy).wait()
    return copy
  }
}

/// Bytes on their way between a backend's memory and the host's.
package struct Transfer: Sendable {
  private let finish: (@Sendable () throws(OperationError) -> Void)?

  /// A transfer that is over.
  package static let finished = Transfer(nil)

  /// A transfer that is over when a function returns.
  package init(finish: @escaping @Sendable () throws(OperationError) -> Void) { self.init(finish) }

  private init(_ finish: (@Sendable () throws(OperationError) -> Void)?) { self.finish = finish }

  /// Waits until the bytes are there.
  ///
  /// - Throws: `OperationError` where they cannot be had, such as that of the plan which was to compute them.
  package func wait() throws(OperationError) { try finish?() }
}
