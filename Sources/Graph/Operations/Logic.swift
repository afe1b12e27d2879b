/// Both, as logic of booleans and bitwise of integers.
package struct And: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .and }
  package static var domain: ElementDomain { .integral }
  package static func value(_ x: Double, _ y: Double) -> Double { .nan }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 { x & y }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}

/// Either, as logic of booleans and bitwise of integers.
package struct Or: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .or }
  package static var domain: ElementDomain { .integral }
  package static func value(_ x: Double, _ y: Double) -> Double { .nan }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 { x | y }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}

/// Either but not both, as logic of booleans and bitwise of integers.
package struct Xor: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .xor }
  package static var domain: ElementDomain { .integral }
  package static func value(_ x: Double, _ y: Double) -> Double { .nan }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 { x ^ y }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}

/// Bits moved up by y places, zeros entering; 0 where y is not below the width.
package struct ShiftLeft: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .shiftLeft }
  package static var domain: ElementDomain { .integer }
  package static func value(_ x: Double, _ y: Double) -> Double { .nan }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    y < 0 || y >= Int64(type.byteCount * 8) ? 0 : x << y
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}

/// Bits moved down by y places, zeros entering; 0 where y is not below the width.
package struct ShiftRight: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .shiftRight }
  package static var domain: ElementDomain { .integer }
  package static func value(_ x: Double, _ y: Double) -> Double { .nan }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    let width = type.byteCount * 8
    guard y >= 0, y < Int64(width) else { return 0 }
    let bits = UInt64(bitPattern: x) & (width == 64 ? .max : (1 << UInt64(width)) - 1)
    return Int64(bitPattern: bits >> UInt64(y))
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}

/// Bits moved down by y places, copies of the highest one entering; nothing but copies where y is not below the width.
///
/// The highest bit is read as a sign, whether the type has one or not.
package struct ShiftRightArithmetic: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .shiftRightArithmetic }
  package static var domain: ElementDomain { .integer }
  package static func value(_ x: Double, _ y: Double) -> Double { .nan }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    let width = Int64(type.byteCount * 8)
    let signed = (x << (64 - width)) >> (64 - width)
    return signed >> (y < 0 || y >= width ? width - 1 : y)
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}
