import CNative

/// Memory that the host addresses, freed with its last reference: what constants and the reference evaluation's arrays are
/// written to, and the CPU backend's storage.
///
/// Its pointer is for backends, and for the two scoped calls of `HostLiteral`; floors above them have no use for it.
package final class HostMemory: Storage, @unchecked Sendable {
  /// The first byte, aligned to 64 bytes.
  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int

  /// Allocates uninitialized memory.
  ///
  /// - Throws: `OperationError` where the system refuses the memory.
  package init(byteCount: Int) throws(OperationError) {
    guard byteCount >= 0, let pointer = dn_allocate(byteCount) else {
      throw OperationError("allocate", "the system has no \(byteCount) bytes to give")
    }
    self.pointer = pointer
    self.byteCount = byteCount
  }

  deinit { dn_free(pointer) }

  package var hostMemory: HostMemory? { self }

  package func read(into target: HostMemory) -> Transfer {
    target.pointer.copyMemory(from: pointer, byteCount: min(byteCount, target.byteCount))
    return .finished
  }

  package func write(from source: HostMemory) -> Transfer { source.read(into: self) }

  package func copied() throws(OperationError) -> any Storage { try copy() }

  /// The same bytes in other memory.
  ///
  /// - Throws: `OperationError` where the system refuses the memory.
  package func copy() throws(OperationError) -> HostMemory {
    let copy = try HostMemory(byteCount: byteCount)
    copy.pointer.copyMemory(from: pointer, byteCount: byteCount)
    return copy
  }
}
