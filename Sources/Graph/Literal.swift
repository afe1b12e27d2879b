/// A computed tensor: its type, and the handle of the memory in which its elements lie, packed and in row-major order.
///
/// The memory may be any backend's. What a graph's constants hold is a `HostLiteral`, since compiling reads them.
package struct Literal: Sendable {
  /// The shape and the element type.
  package let type: TensorType
  /// The elements in row-major order.
  package private(set) var buffer: Buffer

  /// Wraps a buffer that holds at least `type.byteCount` bytes.
  package init(type: TensorType, buffer: Buffer) {
    self.type = type
    self.buffer = buffer
  }

  /// The same tensor, whichever backend asks.
  package init(_ literal: HostLiteral) { self.init(type: literal.type, buffer: literal.buffer) }

  /// Whether nothing else holds the elements, so that they may be written over.
  package mutating func isUniquelyHeld() -> Bool { isKnownUniquelyReferenced(&buffer) }

  /// The elements in the host's memory: where they lie, if the host addresses that, and copied elsewhere.
  ///
  /// - Throws: `OperationError` where computing or copying them fails.
  package func host() throws(OperationError) -> HostLiteral {
    if let memory = buffer.storage.hostMemory { return HostLiteral(type: type, buffer: buffer, memory: memory) }
    return HostLiteral(type: type, memory: try buffer.storage.onHost())
  }
}

extension [Literal] {
  /// Makes all elements the literals' own, in memory of the host's: what somebody else holds, or what lies elsewhere, is copied.
  ///
  /// - Returns: The bytes of each literal, which may be written over for as long as the literals are there.
  /// - Throws: `OperationError` where computing or copying elements fails.
  package mutating func takeOver() throws(OperationError) -> [UnsafeMutableRawBufferPointer] {
    var pieces: [UnsafeMutableRawBufferPointer] = []
    for place in indices {
      let isOwn = self[place].isUniquelyHeld()
      var memory = isOwn ? self[place].buffer.storage.hostMemory : nil
      if memory == nil {
        let copy = try self[place].host().memory.copy()
        self[place] = Literal(HostLiteral(type: self[place].type, memory: copy))
        memory = copy
      }
      if let memory { pieces.append(.init(start: memory.pointer, count: self[place].type.byteCount)) }
    }
    return pieces
  }
}
