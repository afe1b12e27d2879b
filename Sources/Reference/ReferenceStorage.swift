import DescentGraph

/// Memory that is only copied to and from, as that of an accelerator is.
///
/// A transfer copies when it is waited for: who reads bytes without waiting finds none, which tests notice.
final class ReferenceStorage: Storage {
  let byteCount: Int
  /// Replaced as a whole and never written over, so that a transfer that was begun keeps the bytes of its time.
  private let contents: Guarded<HostMemory>

  /// Storage with the bytes of some memory, which nobody else writes to from now on.
  init(_ memory: HostMemory) {
    byteCount = memory.byteCount
    contents = Guarded(memory)
  }

  /// Storage with the bytes of another backend's.
  ///
  /// - Throws: `OperationError` where they cannot be had, or the system has no memory left.
  convenience init(copying other: any Storage) throws(OperationError) {
    self.init(try HostMemory(byteCount: other.byteCount))
    try write(from: try other.onHost()).wait()
  }

  var hostMemory: HostMemory? { nil }

  func read(into target: HostMemory) -> Transfer {
    let memory = contents.withLock { $0 }
    return Transfer { () throws(OperationError) in try memory.read(into: target).wait() }
  }

  func write(from source: HostMemory) -> Transfer {
    Transfer { [self] () throws(OperationError) in
      let memory = try HostMemory(byteCount: byteCount)
      try memory.write(from: source).wait()
      replace(by: memory)
    }
  }

  func copied() throws(OperationError) -> any Storage {
    ReferenceStorage(try contents.withLock { memory in memory }.copy())
  }

  /// Takes other bytes in place of those that were there.
  func replace(by memory: HostMemory) { contents.withLock { $0 = memory } }
}
