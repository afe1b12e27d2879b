import DescentGraph

/// What one instruction of a fused program does.
///
/// Numbers of 16 bits are computed in float32 and rounded to nearest even. Booleans are 0 and 1; sums and maxima of them
/// are "or", products and minima "and".
package enum Opcode: String, Sendable, Hashable, CaseIterable {
  // Without operands.
  /// The value whose bits are the low ones of the immediate.
  case constant
  /// The index along the axis that the immediate names.
  case iota
  /// Random bits of Threefry-2×32 under the key of two operands, for the row-major number of the point.
  case randomBits

  // Of one operand.
  /// To another type: to a real number to nearest even; to an integer towards zero, saturating, NaN to 0; between
  /// integers wrapping; to a boolean whether it is not 0.
  case convert
  /// The same bits as another type of the same size.
  case bitcast
  case negate, abs, sign, square
  case exp, expm1, log, log1p, sqrt, rsqrt, cbrt, sin, cos, tan, tanh, logistic
  case erf, erfc, erfInverse, lgamma, digamma
  /// The derivative of digamma of the order that the immediate gives.
  case polygamma
  case floor, ceil
  /// To the nearest integer, ties to even.
  case round
  /// A boolean.
  case isFinite
  case not, popcount
  /// To the power that the immediate gives.
  case integerPower

  // Of two operands.
  case add, subtract, multiply, divide, remainder, maximum, minimum, power, atan2
  case and, or, xor, shiftLeft, shiftRight, shiftRightArithmetic
  /// Comparisons give booleans.
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  // Of three operands.
  /// The second where the first, a boolean, is true, and the third elsewhere.
  case select
  /// The second, but not below the first nor above the third.
  case clamp
  /// Random bits of Threefry-2×32 under the key of the first two, for the counter of the third.
  case keyedBits
}

extension Opcode {
  /// What an opcode takes and gives.
  enum Form {
    /// Makes a value of any type.
    case made
    /// From any type to any type.
    case converting
    /// From a type to itself: which types.
    case same(numbers: Bool, integers: Bool, booleans: Bool)
    /// To a boolean.
    case asking
  }

  /// How many operands the opcode takes.
  var operandCount: Int {
    switch self {
    case .constant, .iota: 0
    case .randomBits: 2
    case .convert, .bitcast, .negate, .abs, .sign, .square, .exp, .expm1, .log, .log1p, .sqrt, .rsqrt, .cbrt: 1
    case .sin, .cos, .tan, .tanh, .logistic, .erf, .erfc, .erfInverse, .lgamma, .digamma, .polygamma: 1
    case .floor, .ceil, .round, .isFinite, .not, .popcount, .integerPower: 1
    case .add, .subtract, .multiply, .divide, .remainder, .maximum, .minimum, .power, .atan2: 2
    case .and, .or, .xor, .shiftLeft, .shiftRight, .shiftRightArithmetic: 2
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: 2
    case .select, .clamp, .keyedBits: 3
    }
  }

  /// Whether a number is part of the instruction.
  var hasImmediate: Bool {
    switch self {
    case .constant, .iota, .polygamma, .integerPower: true
    default: false
    }
  }

  private var form: Form {
    switch self {
    case .constant, .iota, .randomBits: .made
    case .convert, .bitcast: .converting
    case .exp, .expm1, .log, .log1p, .sqrt, .rsqrt, .cbrt, .sin, .cos, .tan, .tanh, .logistic, .erf, .erfc, .erfInverse,
      .lgamma, .digamma, .polygamma, .atan2, .floor, .ceil, .round:
      .same(numbers: true, integers: false, booleans: false)
    case .negate, .abs, .sign, .square, .integerPower, .subtract, .divide, .remainder, .power:
      .same(numbers: true, integers: true, booleans: false)
    case .add, .multiply, .maximum, .minimum, .select, .clamp: .same(numbers: true, integers: true, booleans: true)
    case .not, .and, .or, .xor: .same(numbers: false, integers: true, booleans: true)
    case .popcount, .shiftLeft, .shiftRight, .shiftRightArithmetic, .keyedBits:
      .same(numbers: false, integers: true, booleans: false)
    case .isFinite, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: .asking
    }
  }

  /// The types of the operands, where what they have in common is a type.
  func operandTypes(_ sourceType: ElementType) -> [ElementType] {
    switch self {
    case .randomBits: [.uint32, .uint32]
    case .select: [.bool, sourceType, sourceType]
    default: [ElementType](repeating: sourceType, count: operandCount)
    }
  }

  /// What is wrong with an instruction's types, `nil` where nothing is.
  func problem(_ type: ElementType, from sourceType: ElementType) -> String? {
    switch form {
    case .made: return self == .randomBits && type != .uint32 ? "gives uint32, not \(type)" : nil
    case .converting:
      let isFit = self == .convert || type.byteCount == sourceType.byteCount
      return isFit ? nil : "reads the bits of \(sourceType) as \(type), which has another size"
    case .asking: return type == .bool ? nil : "gives bool, not \(type)"
    case .same(let numbers, let integers, let booleans):
      guard type == sourceType else { return "gives \(type) of \(sourceType)" }
      if self == .keyedBits, type != .uint32 { return "takes no \(type)" }
      let isTaken = type.isFloatingPoint ? numbers : type == .bool ? booleans : integers
      return isTaken ? nil : "takes no \(type)"
    }
  }
}
