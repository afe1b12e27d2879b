/// Conversion of the two 16-bit floating-point formats, which not every processor and compiler offers as types.
package enum HalfPrecision {
  /// The value of IEEE 754 binary16 bits.
  package static func double(float16 bits: UInt16) -> Double {
    let sign: Double = bits >> 15 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1f)
    let fraction = Double(bits & 0x3ff)
    if exponent == 0x1f { return fraction == 0 ? sign * .infinity : .nan }
    if exponent == 0 { return sign * fraction * 0x1p-24 }
    return sign * Double(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
  }

  /// The value of bfloat16 bits, the upper half of a Float32.
  package static func double(bfloat16 bits: UInt16) -> Double { Double(Float(bitPattern: UInt32(bits) << 16)) }

  /// The nearest binary16, ties to even, too large values to infinity.
  package static func float16(_ value: Double) -> UInt16 {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    if value.isNaN { return 0x7e00 }
    let magnitude = value.magnitude
    if magnitude >= 65520 { return sign | 0x7c00 }
    if magnitude < 0x1p-14 { return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven)) }
    let exponent = Int(magnitude.exponent)
    let scaled = Double(sign: .plus, exponent: 10 - exponent, significand: magnitude).rounded(.toNearestOrEven)
    // A fraction that rounds up to 2048 carries into the exponent by plain addition.
    return sign | UInt16((exponent + 15) << 10 + (Int(scaled) - 1024))
  }

  /// The nearest bfloat16, ties to even, too large values to infinity.
  package static func bfloat16(_ value: Double) -> UInt16 {
    if value.isNaN { return 0x7fc0 }
    let bits = roundedToOdd(value).bitPattern
    return UInt16((bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }

  /// Float32 rounded to odd: the last bit remembers an inexact conversion, so that rounding again is right.
  private static func roundedToOdd(_ value: Double) -> Float {
    let nearest = Float(value)
    if !nearest.isFinite || Double(nearest) == value { return nearest }
    let truncated = Double(nearest.magnitude) > value.magnitude ? Float(bitPattern: nearest.bitPattern - 1) : nearest
    return Float(bitPattern: truncated.bitPattern | 1)
  }
}
