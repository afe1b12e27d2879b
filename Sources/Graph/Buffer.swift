/// A handle of a backend's memory: what tensors hold, and what plans take and give.
///
/// A storage has one handle, so that whoever holds the only reference to that owns the memory, and may give it up for a
/// result. Asking this of the storage itself would not do: a backend may well keep it in its own tables.
package final class Buffer: Sendable {
  /// The memory.
  package let storage: any Storage

  /// The handle of new memory.
  package init(_ storage: any Storage) { self.storage = storage }

  /// Allocates uninitialized memory of the host's, which takes part in every backend's plans.
  ///
  /// - Throws: `OperationError` where the system refuses the memory.
  package convenience init(byteCount: Int) throws(OperationError) {
    self.init(try HostMemory(byteCount: byteCount))
  }

  /// The bytes of a value, in the host's memory.
  ///
  /// - Throws: `OperationError` where the system refuses the memory.
  package convenience init<Value: BitwiseCopyable>(bytesOf value: Value) throws(OperationError) {
    let memory = try HostMemory(byteCount: MemoryLayout<Value>.size)
    memory.pointer.storeBytes(of: value, as: Value.self)
    self.init(memory)
  }

  /// The size in bytes.
  package var byteCount: Int { storage.byteCount }

  /// The same bytes in other memory of the same backend.
  ///
  /// - Throws: `OperationError` where there is no memory left.
  package func copied() throws(OperationError) -> Buffer { Buffer(try storage.copied()) }
}
