import CNative

/// A block of native memory, freed with its last reference.
///
/// A buffer is written by whoever creates it and not changed after it has been shared, except by a plan that owns it
/// alone; this is why it may cross threads.
package final class Buffer: @unchecked Sendable {
  /// The first byte, aligned to 64 bytes.
  package let pointer: UnsafeMutableRawPointer
  /// The size in bytes.
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

  /// The memory as bytes.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: pointer, count: byteCount) }
}
