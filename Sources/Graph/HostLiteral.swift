/// A tensor whose elements are known to the host: what constants of graphs hold, and what the reference evaluation gives.
///
/// A graph is printed, compared, hashed and folded on any thread, and none of that may wait for a device or fail; so its
/// constants lie in the host's memory, and each backend writes them into its plan in its own way.
package struct HostLiteral: Sendable {
  /// The shape and the element type.
  package let type: TensorType
  /// The handle of the elements' memory, by which it counts as shared.
  package let buffer: Buffer
  /// The elements in row-major order.
  package let memory: HostMemory

  /// Wraps memory that a handle is known of.
  init(type: TensorType, buffer: Buffer, memory: HostMemory) {
    (self.type, self.buffer, self.memory) = (type, buffer, memory)
  }

  /// Wraps new memory that holds at least `type.byteCount` bytes.
  package init(type: TensorType, memory: HostMemory) { self.init(type: type, buffer: Buffer(memory), memory: memory) }

  /// A tensor in memory of its own, to be filled before anybody else sees it.
  ///
  /// - Throws: `OperationError` where the system has no memory left.
  package init(uninitialized type: TensorType) throws(OperationError) {
    self.init(type: type, memory: try HostMemory(byteCount: type.byteCount))
  }

  /// A scalar of the given element type, rounded or truncated to it.
  package init(_ value: Double, _ elementType: ElementType) throws(OperationError) {
    self = try ReferenceArray(TensorType([], elementType), repeating: value).literal()
  }

  /// Calls a function with the elements as bytes.
  package func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(memory) {} }
    return try body(UnsafeRawBufferPointer(start: memory.pointer, count: type.byteCount))
  }

  /// Lets a function write the elements' bytes.
  package func fill<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(memory) {} }
    return try body(UnsafeMutableRawBufferPointer(start: memory.pointer, count: type.byteCount))
  }
}

extension HostLiteral: Hashable {
  /// Small literals are equal when their bytes are; larger ones when they share their memory, so that comparing
  /// graphs never reads a data set.
  private static let comparedBytes = 64

  package static func == (a: HostLiteral, b: HostLiteral) -> Bool {
    guard a.type == b.type else { return false }
    if a.memory === b.memory { return true }
    return a.type.byteCount <= comparedBytes && a.withBytes { a in b.withBytes { b in a.elementsEqual(b) } }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    if type.byteCount <= Self.comparedBytes {
      withBytes { hasher.combine(bytes: $0) }
    } else {
      hasher.combine(ObjectIdentifier(memory))
    }
  }
}
