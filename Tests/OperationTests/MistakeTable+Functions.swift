import DescentGraph

extension MistakeTable {
  static func powers(_ kind: OperationKind) -> [Mistake] {
    if kind == .integerPower {
      return [
        Mistake(IntegerPower(2), booleans(2), message: "integerPower: takes numbers, not bool"),
        Mistake(
          IntegerPower(-2), integers(2),
          message: "integerPower: a negative power (-2) of int32 is not a whole number; convert with converted(to:)"),
      ]
    }
    return [
      Mistake(Polygamma(order: 1), integers(2), message: "polygamma: takes floating-point numbers, not int32"),
      Mistake(
        Polygamma(order: 0), floats(2), message: "polygamma: supports the orders 1 to 170, not 0"),
      Mistake(
        Polygamma(order: 171), floats(2), message: "polygamma: supports the orders 1 to 170, not 171"),
    ]
  }

  static var clamps: [Mistake] {
    [
      Mistake(Clamp(), floats(2), floats(3), floats(3), message: "clamp: shapes differ: [2] and [3]"),
      Mistake(Clamp(), floats(3), floats(3), floats(), message: "clamp: shapes differ: [3] and []"),
      Mistake(
        Clamp(), integers(2), floats(2), floats(2),
        message: "clamp: element types differ: int32 and float32; convert one of them with converted(to:)"),
      Mistake(Clamp(), booleans(2), booleans(2), booleans(2), message: "clamp: takes numbers, not bool"),
    ]
  }

  static var bitcasts: [Mistake] {
    [
      Mistake(
        Bitcast(to: .float64), integers(2),
        message: "bitcast: int32 has 4 bytes, float64 has 8; the sizes must be equal"),
      Mistake(
        Bitcast(to: .bool), TensorType([2], .uint8),
        message: "bitcast: takes and gives numbers, not bool; convert with converted(to:)"),
    ]
  }

  static var cumulations: [Mistake] {
    [
      Mistake(
        Cumulative(.sum, axis: 2), floats(2, 3), message: "cumulativeSum: axis 2 does not exist in shape [2, 3]"),
      Mistake(
        Cumulative(.product, axis: 0), booleans(2),
        message: "cumulativeProduct: takes numbers, not bool; convert with converted(to:)"),
      Mistake(
        Cumulative(.logSumExp, axis: 0), integers(2),
        message: "cumulativeLogSumExp: takes floating-point numbers, not int32; convert with converted(to:)"),
    ]
  }
}
