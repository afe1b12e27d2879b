/// The number of bits that are set in each integer.
package struct Popcount: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .popcount }
  package static var domain: ElementDomain { .integer }
  package static func value(_ x: Double) -> Double { x }
  package static func value(_ x: Int64, _ type: ElementType) -> Int64 {
    let bits = UInt64(bitPattern: x) << UInt64(64 - 8 * type.byteCount)
    return Int64(bits.nonzeroBitCount)
  }
}

/// The same bits read as another element type of the same size. No derivative passes through it.
package struct Bitcast: Operation {
  /// The element type that the bits are read as.
  package let target: ElementType

  /// Reads bits as an element type.
  package init(to target: ElementType) { self.target = target }

  package static var kind: OperationKind { .bitcast }
  package var attributes: String { "to: \(target)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let source = operands[0].elementType
    guard source != .bool, target != .bool else {
      throw OperationError(name, "takes and gives numbers, not bool; convert with converted(to:)")
    }
    guard source.byteCount == target.byteCount else {
      throw OperationError(
        name, "\(source) has \(source.byteCount) bytes, \(target) has \(target.byteCount); the sizes must be equal")
    }
    return [operands[0].with(elementType: target)]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  package func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let source = operands[0]
    let type = source.type.elementType
    let bits = type.isFloatingPoint ? source.reals.map { Self.bits(of: $0, type) } : source.integers
    return target.isFloatingPoint
      ? [ReferenceArray(results[0], reals: bits.map { Self.real($0, target) })]
      : [ReferenceArray(results[0], integers: bits)]
  }

  private static func bits(of x: Double, _ type: ElementType) -> Int64 {
    switch type {
    case .float16: Int64(HalfPrecision.float16(x))
    case .bfloat16: Int64(HalfPrecision.bfloat16(x))
    case .float32: Int64(Float(x).bitPattern)
    default: Int64(bitPattern: x.bitPattern)
    }
  }

  private static func real(_ bits: Int64, _ type: ElementType) -> Double {
    switch type {
    case .float16: HalfPrecision.double(float16: UInt16(truncatingIfNeeded: bits))
    case .bfloat16: HalfPrecision.double(bfloat16: UInt16(truncatingIfNeeded: bits))
    case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    default: Double(bitPattern: UInt64(bitPattern: bits))
    }
  }
}
