import CNative
import DescentGraph

/// An operation that is one instruction of a fused kernel.
protocol FusedOperation: Operation {
  /// The instruction.
  var opcode: dn_opcode { get }
  /// The number that is part of the instruction, where it has one.
  var immediate: Int64 { get }
}

extension FusedOperation {
  var immediate: Int64 { 0 }
}

extension Add: FusedOperation { var opcode: dn_opcode { DN_ADD } }
extension Subtract: FusedOperation { var opcode: dn_opcode { DN_SUB } }
extension Multiply: FusedOperation { var opcode: dn_opcode { DN_MUL } }
extension Divide: FusedOperation { var opcode: dn_opcode { DN_DIV } }
extension Remainder: FusedOperation { var opcode: dn_opcode { DN_REM } }
extension Power: FusedOperation { var opcode: dn_opcode { DN_POW } }
extension Maximum: FusedOperation { var opcode: dn_opcode { DN_MAX } }
extension Minimum: FusedOperation { var opcode: dn_opcode { DN_MIN } }
extension Atan2: FusedOperation { var opcode: dn_opcode { DN_ATAN2 } }

extension Negate: FusedOperation { var opcode: dn_opcode { DN_NEG } }
extension Abs: FusedOperation { var opcode: dn_opcode { DN_ABS } }
extension Sign: FusedOperation { var opcode: dn_opcode { DN_SIGN } }
extension Floor: FusedOperation { var opcode: dn_opcode { DN_FLOOR } }
extension Ceil: FusedOperation { var opcode: dn_opcode { DN_CEIL } }
extension Round: FusedOperation { var opcode: dn_opcode { DN_ROUND } }
extension IsFinite: FusedOperation { var opcode: dn_opcode { DN_IS_FINITE } }

extension Exp: FusedOperation { var opcode: dn_opcode { DN_EXP } }
extension Expm1: FusedOperation { var opcode: dn_opcode { DN_EXPM1 } }
extension Log: FusedOperation { var opcode: dn_opcode { DN_LOG } }
extension Log1p: FusedOperation { var opcode: dn_opcode { DN_LOG1P } }
extension Tanh: FusedOperation { var opcode: dn_opcode { DN_TANH } }
extension Logistic: FusedOperation { var opcode: dn_opcode { DN_LOGISTIC } }
extension Erf: FusedOperation { var opcode: dn_opcode { DN_ERF } }
extension Erfc: FusedOperation { var opcode: dn_opcode { DN_ERFC } }
extension ErfInverse: FusedOperation { var opcode: dn_opcode { DN_ERF_INVERSE } }
extension LogGamma: FusedOperation { var opcode: dn_opcode { DN_LGAMMA } }
extension Digamma: FusedOperation { var opcode: dn_opcode { DN_DIGAMMA } }
extension Polygamma: FusedOperation {
  var opcode: dn_opcode { DN_POLYGAMMA }
  var immediate: Int64 { Int64(order) }
}
extension Sqrt: FusedOperation { var opcode: dn_opcode { DN_SQRT } }
extension Rsqrt: FusedOperation { var opcode: dn_opcode { DN_RSQRT } }
extension Cbrt: FusedOperation { var opcode: dn_opcode { DN_CBRT } }
extension Square: FusedOperation { var opcode: dn_opcode { DN_SQUARE } }
extension IntegerPower: FusedOperation {
  var opcode: dn_opcode { DN_INTEGER_POWER }
  var immediate: Int64 { Int64(exponent) }
}
extension Sin: FusedOperation { var opcode: dn_opcode { DN_SIN } }
extension Cos: FusedOperation { var opcode: dn_opcode { DN_COS } }
extension Tan: FusedOperation { var opcode: dn_opcode { DN_TAN } }

extension Popcount: FusedOperation { var opcode: dn_opcode { DN_POPCOUNT } }
extension Not: FusedOperation { var opcode: dn_opcode { DN_NOT } }
extension And: FusedOperation { var opcode: dn_opcode { DN_AND } }
extension Or: FusedOperation { var opcode: dn_opcode { DN_OR } }
extension Xor: FusedOperation { var opcode: dn_opcode { DN_XOR } }
extension ShiftLeft: FusedOperation { var opcode: dn_opcode { DN_SHIFT_LEFT } }
extension ShiftRight: FusedOperation { var opcode: dn_opcode { DN_SHIFT_RIGHT_LOGICAL } }
extension ShiftRightArithmetic: FusedOperation { var opcode: dn_opcode { DN_SHIFT_RIGHT_ARITHMETIC } }

extension Convert: FusedOperation { var opcode: dn_opcode { DN_CONVERT } }
extension Bitcast: FusedOperation { var opcode: dn_opcode { DN_BITCAST } }
extension Select: FusedOperation { var opcode: dn_opcode { DN_SELECT } }
extension Clamp: FusedOperation { var opcode: dn_opcode { DN_CLAMP } }
extension Compare: FusedOperation {
  var opcode: dn_opcode {
    switch relation {
    case .equal: DN_EQ
    case .notEqual: DN_NE
    case .less: DN_LT
    case .lessOrEqual: DN_LE
    case .greater: DN_GT
    case .greaterOrEqual: DN_GE
    }
  }
}

extension Reduce {
  /// The reducer of a fused kernel.
  var reducerCode: dn_reducer {
    switch reducer {
    case .sum: DN_REDUCE_SUM
    case .product: DN_REDUCE_PRODUCT
    case .maximum: DN_REDUCE_MAX
    case .minimum: DN_REDUCE_MIN
    case .and: DN_REDUCE_AND
    case .or: DN_REDUCE_OR
    }
  }
}

extension ElementType {
  /// The element type as the C floor knows it.
  var native: dn_type { dn_type(rawValue: UInt32(rawValue)) }
}
