/// A computed tensor: its type and its densely packed row-major elements.
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

  /// A scalar of the given element type, rounded or truncated to it.
  package init(_ value: Double, _ elementType: ElementType) throws(OperationError) {
    self = try ReferenceArray(TensorType([], elementType), repeating: value).literal()
  }

  /// The elements as bytes.
  package var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: buffer.pointer, count: type.byteCount)
  }
}

extension Literal {
  /// Whether nothing else holds the elements, so that they may be written over.
  package mutating func isUniquelyHeld() -> Bool { isKnownUniquelyReferenced(&buffer) }
}

extension Literal: Hashable {
  /// Small literals are equal when their bytes are; larger ones when they share their memory, so that comparing
  /// graphs never reads a data set.
  private static let comparedBytes = 64

  package static func == (a: Literal, b: Literal) -> Bool {
    guard a.type == b.type else { return false }
    if a.buffer === b.buffer { return true }
    return a.type.byteCount <= comparedBytes && a.bytes.elementsEqual(b.bytes)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    if type.byteCount <= Self.comparedBytes {
      hasher.combine(bytes: bytes)
    } else {
      hasher.combine(ObjectIdentifier(buffer))
    }
  }
}
