/// Both, as logic of booleans and bitwise of integers.
public struct And: BinaryOperation {
  public init() {}
  public static var kind: OperationKind { .and }
  public static var domain: ElementDomain { .integral }
  public static func value(_ x: Double, _ y: Double) -> Double { .nan }
  public static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 { x & y }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}

/// Either, as logic of booleans and bitwise of integers.
public struct Or: BinaryOperation {
  public init() {}
  public static var kind: OperationKind { .or }
  public static var domain: ElementDomain { .integral }
  public static func value(_ x: Double, _ y: Double) -> Double { .nan }
  public static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 { x | y }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}

/// Either but not both, as logic of booleans and bitwise of integers.
public struct Xor: BinaryOperation {
  public init() {}
  public static var kind: OperationKind { .xor }
  public static var domain: ElementDomain { .integral }
  public static func value(_ x: Double, _ y: Double) -> Double { .nan }
  public static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 { x ^ y }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}

/// Bits moved up by y places, zeros entering; 0 where y is not below the width.
public struct ShiftLeft: BinaryOperation {
  public init() {}
  public static var kind: OperationKind { .shiftLeft }
  public static var domain: ElementDomain { .integer }
  public static func value(_ x: Double, _ y: Double) -> Double { .nan }
  public static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    y < 0 || y >= Int64(type.byteCount * 8) ? 0 : x << y
  }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}

/// Bits moved down by y places, zeros entering; 0 where y is not below the width.
public struct ShiftRight: BinaryOperation {
  public init() {}
  public static var kind: OperationKind { .shiftRight }
  public static var domain: ElementDomain { .integer }
  public static func value(_ x: Double, _ y: Double) -> Double { .nan }
  public static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    let width = type.byteCount * 8
    guard y >= 0, y < Int64(width) else { return 0 }
    let bits = UInt64(bitPattern: x) & (width == 64 ? .max : (1 << UInt64(width)) - 1)
    return Int64(bitPattern: bits >> UInt64(y))
  }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}

/// Bits moved down by y places, copies of the highest one entering; nothing but copies where y is not below the width.
///
/// The highest bit is read as a sign, whether the type has one or not.
public struct ShiftRightArithmetic: BinaryOperation {
  public init() {}
  public static var kind: OperationKind { .shiftRightArithmetic }
  public static var domain: ElementDomain { .integer }
  public static func value(_ x: Double, _ y: Double) -> Double { .nan }
  public static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    let width = Int64(type.byteCount * 8)
    let signed = (x << (64 - width)) >> (64 - width)
    return signed >> (y < 0 || y >= width ? width - 1 : y)
  }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
}
