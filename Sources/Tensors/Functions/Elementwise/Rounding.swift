import DescentGraph

/// The largest whole number not above each element; integers stay.
public func floor(_ x: Tensor) -> Tensor { x.isWhole ? x : .record(Floor(), [x]) }

/// The smallest whole number not below each element; integers stay.
public func ceil(_ x: Tensor) -> Tensor { x.isWhole ? x : .record(Ceil(), [x]) }

/// The nearest whole number to each element, halves to the even one; integers stay.
public func round(_ x: Tensor) -> Tensor { x.isWhole ? x : .record(Round(), [x]) }

/// Each element without its fraction, toward 0; integers stay.
public func trunc(_ x: Tensor) -> Tensor {
  x.isWhole ? x : .composed("trunc", x) { `where`(signBit($0), ceil($0), floor($0)) }
}

extension Tensor {
  /// Whether the elements are integers, which rounding leaves as they are.
  fileprivate var isWhole: Bool { error == nil && elementType.isInteger }
}

/// The fraction of each element, with its sign: x − trunc(x).
public func frac(_ x: Tensor) -> Tensor { .composed("frac", x) { $0 - trunc($0) } }

/// The fraction and the whole part of each element, both with its sign; the fraction of ±∞ is 0.
public func modf(_ x: Tensor) -> (fraction: Tensor, whole: Tensor) {
  let whole = Tensor.calling { trunc(x) }
  if whole.error != nil { return (whole, whole) }
  let fraction = Tensor.composed("modf", x) { `where`(isInfinite($0), $0.number(0), $0 - whole) }
  return (fraction, whole)
}

/// x / y rounded down, of each pair of elements. Integers divided by 0 give −1 (all bits set).
public func floorDivide(_ x: Tensor, _ y: Tensor) -> Tensor {
  numbers("floorDivide", x, y) { x, y in
    if x.elementType.isFloatingPoint {
      // What is left of x after the exact remainder is a multiple of y, so that its quotient is whole but for rounding;
      // rounding down x / y would be one off where x / y itself rounds up. A quotient of 0 has the sign of x / y.
      let (ratio, rest) = (x / y, fmod(x, y))
      let whole = round((x - rest) / y)
      let signed = `where`(whole .== whole.number(0), ratio * ratio.number(0), whole)
      let lowered = `where`(leadsBelow(rest, y), whole - whole.number(1), signed)
      return `where`(isFinite(ratio), lowered, floor(ratio))
    }
    let quotient = Tensor.record(Divide(), [x, y])
    guard x.elementType.isSigned else { return quotient }
    let isBelow = leadsBelow(fmod(x, y), y) .& (y .!= x.number(0))
    return `where`(isBelow, quotient - x.number(1), quotient)
  }
}

/// The remainder of `floorDivide`, of each pair of elements: with the sign of y, as `%` in Python and NumPy.
public func remainder(_ x: Tensor, _ y: Tensor) -> Tensor {
  numbers("remainder", x, y) { x, y in
    let rest = fmod(x, y)
    guard x.elementType.isSigned else { return rest }
    let moved = `where`(leadsBelow(rest, y), rest + y, rest)
    return x.elementType.isFloatingPoint ? `where`(rest .== rest.number(0), copySign(rest, y), moved) : moved
  }
}

/// Whether a remainder with the sign of the dividend has the other sign than the divisor.
private func leadsBelow(_ rest: Tensor, _ y: Tensor) -> Tensor {
  let zero = rest.number(0)
  return (rest .!= zero) .& ((rest .< zero) .!= (y .< zero))
}

/// The remainder of x divided by y, rounded toward 0, of each pair of elements: with the sign of x.
public func fmod(_ x: Tensor, _ y: Tensor) -> Tensor { .elementwise(Remainder(), x, y) }

/// Whether the sign bit of each element is set: of negative numbers, −0 and some NaN.
public func signBit(_ x: Tensor) -> Tensor {
  .composed("signBit", x) { x in
    let bits = x.bitcast(to: x.elementType.bits)
    return bits .< bits.number(0)
  }
}

/// The magnitude of x with the sign of y, of each pair of elements; −0 counts as negative.
public func copySign(_ x: Tensor, _ y: Tensor) -> Tensor {
  .composed("copySign", x, y) { x, y in `where`(signBit(x) .== signBit(y), x, -x) }
}

/// The number next to x on the way to y, of each pair of elements; y where they are equal. No derivative passes.
public func nextAfter(_ x: Tensor, _ y: Tensor) -> Tensor {
  .composed("nextAfter", x, y) { x, y in
    guard x.elementType.isFloatingPoint else {
      return .failure("nextAfter", "takes floating-point numbers, not \(x.elementType); convert with converted(to:)")
    }
    let bits = x.bitcast(to: x.elementType.bits)
    // Numbers of either sign lie in the order of their sizes, and bits count sizes.
    let grows = (x .< y) .== (x .> x.number(0))
    let moved = (bits + `where`(grows, bits.number(1), bits.number(-1))).bitcast(to: x.elementType)
    let least = copySign(bits.number(1).bitcast(to: x.elementType).broadcast(to: x.shape), y)
    let next = `where`(x .== x.number(0), least, moved)
    return `where`((x .!= x) .| (y .!= y), x.number(.nan), `where`(x .== y, y, next))
  }
}

/// Whether each element is NaN.
public func isNaN(_ x: Tensor) -> Tensor { .composed("isNaN", x) { $0 .!= $0 } }

/// Whether each element is ∞ or −∞.
public func isInfinite(_ x: Tensor) -> Tensor { .composed("isInfinite", x) { abs($0) .== $0.number(.infinity) } }

/// Whether each element is ∞.
public func isPositiveInfinity(_ x: Tensor) -> Tensor {
  .composed("isPositiveInfinity", x) { $0 .== $0.number(.infinity) }
}

/// Whether each element is −∞.
public func isNegativeInfinity(_ x: Tensor) -> Tensor {
  .composed("isNegativeInfinity", x) { $0 .== $0.number(-.infinity) }
}

/// Whether each element is neither infinite nor NaN.
public func isFinite(_ x: Tensor) -> Tensor { .record(IsFinite(), [x]) }

/// Each element, with numbers in the place of NaN and, where they are given, of ∞ and −∞.
public func nanToNum(
  _ x: Tensor, nan: Double = 0, infinity: Double? = nil, negativeInfinity: Double? = nil
) -> Tensor {
  .composed("nanToNum", x) { x in
    let largest: Double =
      switch x.elementType {
      case .float16: 65504
      case .bfloat16: 0x1.fep127
      case .float32: Double(Float.greatestFiniteMagnitude)
      default: .greatestFiniteMagnitude
      }
    let raised = `where`(x .== x.number(.infinity), x.number(infinity ?? largest), x)
    let finite = `where`(x .== x.number(-.infinity), x.number(negativeInfinity ?? -largest), raised)
    return `where`(isNaN(x), x.number(nan), finite)
  }
}

extension ElementType {
  /// The integers with as many bits.
  fileprivate var bits: ElementType {
    switch byteCount {
    case 2: .int16
    case 4: .int32
    default: .int64
    }
  }
}

/// A function of two tensors of numbers of any kind.
private func numbers(_ name: String, _ x: Tensor, _ y: Tensor, _ body: (Tensor, Tensor) -> Tensor) -> Tensor {
  .composed(name, x, y) { x, y in
    x.elementType == .bool ? .failure(name, "takes numbers, not bool; convert with converted(to:)") : body(x, y)
  }
}
