import DescentGraph

extension Literal {
  /// Calls a function with the elements as bytes in the host's memory: where they lie, if the host addresses that, or in
  /// a copy that goes when the function returns.
  ///
  /// This is the one way by which floors from here on see elements; it waits for a plan that is still computing them.
  ///
  /// - Throws: `TensorError` where computing or copying the elements fails, and what the function throws.
  package func withHostBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    try derived(host).withBytes(body)
  }

  /// The first element; in the host's memory, this is a load.
  ///
  /// - Throws: `TensorError` where computing or copying the element fails.
  package func firstElement<Value: BitwiseCopyable>(as type: Value.Type) throws -> Value {
    try withHostBytes { $0.load(as: type) }
  }

  /// Copies the elements to where somebody else keeps as many bytes.
  func copyElements(to target: UnsafeMutableRawBufferPointer) throws {
    try withHostBytes { target.copyMemory(from: $0) }
  }
}

extension [Literal] {
  /// Calls a function with the elements of all literals as bytes that it may write over; what somebody else holds, or what does
  /// not lie in the host's memory, is copied first.
  ///
  /// - Throws: `TensorError` where computing or copying elements fails, and what the function throws.
  package mutating func withMutableHostBytes<Result>(
    _ body: ([UnsafeMutableRawBufferPointer]) throws -> Result
  ) throws -> Result {
    let pieces: [UnsafeMutableRawBufferPointer]
    do throws(OperationError) { pieces = try takeOver() } catch { throw TensorError(error) }
    let held = self
    defer { withExtendedLifetime(held) {} }
    return try body(pieces)
  }
}
