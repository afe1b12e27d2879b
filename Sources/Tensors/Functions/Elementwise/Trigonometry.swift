import DescentGraph

/// The sine of each element, an angle in radians.
public func sin(_ x: Tensor) -> Tensor { .record(Sin(), [x]) }

/// The cosine of each element, an angle in radians.
public func cos(_ x: Tensor) -> Tensor { .record(Cos(), [x]) }

/// The tangent of each element, an angle in radians.
public func tan(_ x: Tensor) -> Tensor { .record(Tan(), [x]) }

/// The angle from −π/2 to π/2 whose sine each element is; NaN outside −1…1.
public func asin(_ x: Tensor) -> Tensor {
  .composed("asin", x) { atan2($0, cosineOfSine($0)) }
}

/// The angle from 0 to π whose cosine each element is; NaN outside −1…1.
public func acos(_ x: Tensor) -> Tensor {
  .composed("acos", x) { atan2(cosineOfSine($0), $0) }
}

/// The angle from −π/2 to π/2 whose tangent each element is.
public func atan(_ x: Tensor) -> Tensor {
  .composed("atan", x) { atan2($0, $0.number(1)) }
}

/// The angle from −π to π of the point (x, y) of each pair of elements, in radians; 0 at the origin, where the derivative
/// is 0 too.
public func atan2(_ y: Tensor, _ x: Tensor) -> Tensor { .elementwise(Atan2(), y, x) }

/// √(x² + y²) of each pair of elements, without overflow; the derivative at the origin is 0.
public func hypot(_ x: Tensor, _ y: Tensor) -> Tensor {
  .composed("hypot", x, y) { x, y in
    let scale = unitOfSize(maximum(abs(x), abs(y)))
    let total = square(x / scale) + square(y / scale)
    // An infinite side makes the other one's length, even an unknown one, count nothing.
    let isInfinite = isInfinite(x) .| isInfinite(y)
    return `where`(isInfinite, x.number(.infinity), scale * rootOrZero(total))
  }
}

/// sin(πx) / (πx) of each element, 1 at 0: the normalized form of signal processing.
public func sinc(_ x: Tensor) -> Tensor {
  .composed("sinc", x) { x in
    // Near 0 the series, since the quotient's derivative cancels there; its first term left out is below the rounding
    // of Float64.
    let isSmall = abs(x) .< x.number(0.15)
    let z = square(`where`(isSmall, x, x.number(0)) * x.number(.pi))
    var series = x.number(1)
    for k in (1...8).reversed() {
      let ratio = 1 / Double(2 * k * (2 * k + 1))
      series = x.number(1) - z * x.number(ratio) * series
    }
    // sin(πx) = ±sin(π(x − n)) for the nearest whole n, which is exactly 0 where x is whole.
    let large = `where`(isSmall, x.number(1), x)
    let whole = round(large)
    let odd = whole - x.number(2) * floor(whole * x.number(0.5))
    let sign = x.number(1) - x.number(2) * odd
    let sine = sin((large - whole) * x.number(.pi))
    let quotient = sign * sine / (large * x.number(.pi))
    return `where`(isSmall, series, quotient)
  }
}

/// Angles in radians as degrees.
public func degrees(_ x: Tensor) -> Tensor { .composed("degrees", x) { $0 * $0.number(180 / .pi) } }

/// Angles in degrees as radians.
public func radians(_ x: Tensor) -> Tensor { .composed("radians", x) { $0 * $0.number(.pi / 180) } }

/// √(1 − x²), from factors that keep the digits near ±1.
private func cosineOfSine(_ x: Tensor) -> Tensor { rootOfProduct(x.number(1) - x, x.number(1) + x) }

/// √(x · y). Where one factor is 0, the root's infinite derivative would meet the derivative of the product with respect to
/// the other one, which is 0: there the product of the factors' roots is taken.
func rootOfProduct(_ x: Tensor, _ y: Tensor) -> Tensor {
  let product = x * y
  let isZero = product .== product.number(0)
  return `where`(isZero, sqrt(x) * sqrt(y), sqrt(`where`(isZero, product.number(1), product)))
}

/// A size to divide by before squaring, 1 where it is 0 or not finite. What is computed does not depend on it, so no
/// derivative passes through it.
func unitOfSize(_ size: Tensor) -> Tensor {
  let isUsable = isFinite(size) .& (size .> size.number(0))
  return stopGradient(`where`(isUsable, size, size.number(1)))
}

/// √x, with the derivative 0 at 0.
func rootOrZero(_ x: Tensor) -> Tensor {
  let isZero = x .== x.number(0)
  return `where`(isZero, x.number(0), sqrt(`where`(isZero, x.number(1), x)))
}
