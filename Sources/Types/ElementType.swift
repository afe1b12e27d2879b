/// The type of one element of a tensor.
///
/// The raw values are shared with the C floor (`dn_type`), so their order is part of the contract.
public enum ElementType: UInt8, Sendable, Hashable, Codable, CaseIterable {
  /// IEEE 754 single precision: 24 bits of significand, magnitudes up to 3.4·10³⁸.
  case float32
  /// IEEE 754 double precision: 53 bits of significand, magnitudes up to 1.8·10³⁰⁸.
  case float64
  /// The upper half of float32: 8 bits of significand, magnitudes up to 3.4·10³⁸.
  case bfloat16
  /// IEEE 754 half precision: 11 bits of significand, magnitudes up to 65,504.
  case float16
  /// Integers from −128 to 127.
  case int8
  /// Integers from −32,768 to 32,767.
  case int16
  /// Integers from −2³¹ to 2³¹ − 1.
  case int32
  /// Integers from −2⁶³ to 2⁶³ − 1.
  case int64
  /// Integers from 0 to 255.
  case uint8
  /// Integers from 0 to 65,535.
  case uint16
  /// Integers from 0 to 2³² − 1.
  case uint32
  /// Integers from 0 to 2⁶⁴ − 1.
  case uint64
  /// Booleans, one byte each.
  case bool

  /// The size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .bfloat16, .float16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// Whether elements are floating-point numbers, the only ones that have derivatives.
  public var isFloatingPoint: Bool {
    switch self {
    case .float32, .float64, .bfloat16, .float16: true
    default: false
    }
  }

  /// Whether elements are signed or unsigned integers.
  public var isInteger: Bool { !isFloatingPoint && self != .bool }

  /// The type in which sums over many elements of this type are taken: Float32 for the floating-point types of 16 bits,
  /// this type itself elsewhere.
  public var accumulator: ElementType {
    switch self {
    case .bfloat16, .float16: .float32
    default: self
    }
  }

  /// Whether elements can be negative.
  public var isSigned: Bool {
    switch self {
    case .uint8, .uint16, .uint32, .uint64, .bool: false
    default: true
    }
  }
}

extension ElementType: CustomStringConvertible {
  public var description: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .bfloat16: "bfloat16"
    case .float16: "float16"
    case .int8: "int8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .uint8: "uint8"
    case .uint16: "uint16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .bool: "bool"
    }
  }
}
