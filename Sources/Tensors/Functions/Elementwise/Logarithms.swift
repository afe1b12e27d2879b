import DescentGraph

/// eˣ of each element.
public func exp(_ x: Tensor) -> Tensor { .record(Exp(), [x]) }

/// eˣ − 1 of each element, exact near 0.
public func expm1(_ x: Tensor) -> Tensor { .record(Expm1(), [x]) }

/// 2ˣ of each element.
public func exp2(_ x: Tensor) -> Tensor {
  // eˣ ˡᵒᵍ² would multiply the rounding of the exponent by its size.
  .composed("exp2", x) { pow($0.number(2), $0) }
}

/// The natural logarithm of each element.
public func log(_ x: Tensor) -> Tensor { .record(Log(), [x]) }

/// log(1 + x) of each element, exact near 0.
public func log1p(_ x: Tensor) -> Tensor { .record(Log1p(), [x]) }

/// The logarithm to base 2 of each element.
public func log2(_ x: Tensor) -> Tensor { .composed("log2", x) { scaledLogarithm($0, 1.4426950408889634) } }

/// The logarithm to base 10 of each element.
public func log10(_ x: Tensor) -> Tensor { .composed("log10", x) { scaledLogarithm($0, 0.4342944819032518) } }

/// log(eˣ + eʸ) of each pair of elements, without overflow.
public func logAddExp(_ x: Tensor, _ y: Tensor) -> Tensor {
  .composed("logAddExp", x, y) { x, y in
    // Choices that agree where x = y: a maximum and an absolute value have no second derivative there.
    // NaN is the larger one, so that it is not lost next to an infinity.
    let isLarger = (x .> y) .| (x .!= x)
    let larger = `where`(isLarger, x, y)
    let difference = `where`(isLarger, y, x) - larger
    // Two equal infinities would differ by NaN.
    return larger + log1p(exp(`where`(isFinite(larger), difference, x.number(-.infinity))))
  }
}

/// log₂(2ˣ + 2ʸ) of each pair of elements, without overflow.
public func logAddExp2(_ x: Tensor, _ y: Tensor) -> Tensor {
  .composed("logAddExp2", x, y) { x, y in
    let isLarger = (x .> y) .| (x .!= x)
    let larger = `where`(isLarger, x, y)
    let difference = `where`(isLarger, y, x) - larger
    let power = exp2(`where`(isFinite(larger), difference, x.number(-.infinity)))
    return larger + log1p(power) * x.number(1.4426950408889634)
  }
}

/// x · log(1 + y) of each pair of elements, exact near 0; 0 where x is 0, whatever y is, unless that is NaN.
public func xLog1pY(_ x: Tensor, _ y: Tensor) -> Tensor {
  .composed("xLog1pY", x, y) { x, y in
    let isLogarithm = (y .> y.number(-1)) .& isFinite(y)
    let isNothing = (x .== x.number(0)) .& (y .== y) .& .!isLogarithm
    return `where`(isNothing, x.number(0), x * log1p(`where`(isNothing, y.number(0), y)))
  }
}

/// −x · log(x) of each element, what it adds to an entropy: 0 at 0, −∞ of negative numbers.
public func entr(_ x: Tensor) -> Tensor {
  .composed("entr", x) { x in
    // Masked inside, so that no logarithm of a negative number meets a derivative of 0.
    let isNegative = x .< x.number(0)
    let known = `where`(isNegative, x.number(1), x)
    return `where`(isNegative, x.number(-.infinity), -xLogY(known, known))
  }
}

/// x · log(y) of each pair of elements; 0 where x is 0, whatever y is, unless that is NaN.
public func xLogY(_ x: Tensor, _ y: Tensor) -> Tensor {
  .composed("xLogY", x, y) { x, y in
    // Where x is 0 a logarithm that is not finite stays out; one that is belongs to the derivative with respect to x.
    let isLogarithm = (y .> y.number(0)) .& isFinite(y)
    let isNothing = (x .== x.number(0)) .& (y .== y) .& .!isLogarithm
    return `where`(isNothing, x.number(0), x * log(`where`(isNothing, y.number(1), y)))
  }
}

/// log(x / (1 − x)) of each element, the inverse of `sigmoid`; keeps its digits near 0, ½ and 1.
public func logit(_ x: Tensor) -> Tensor {
  .composed("logit", x) { x in
    // With a the nearer of x and 1 − x to 0, exact: log((1 − a)/a) as the logarithm of 1 and a rest.
    let isLow = x .< x.number(0.5)
    let near = `where`(isLow, x, x.number(1) - x)
    // Of tiny numbers the logarithm itself, since the reciprocal overflows.
    let isTiny = near .< x.number(x.elementType == .float16 ? 1e-4 : 1e-20)
    let rest = `where`(isTiny, x.number(0.5), near)
    let inside = log1p((x.number(1) - x.number(2) * rest) / rest)
    let result = `where`(isTiny, -log(near), inside)
    return `where`(isLow, -result, result)
  }
}

/// A multiple of the logarithm, in Float64 where the type is narrower, so that powers of the base give whole numbers.
private func scaledLogarithm(_ x: Tensor, _ factor: Double) -> Tensor {
  let wide = x.converted(to: .float64)
  return (log(wide) * wide.number(factor)).converted(to: x.elementType)
}
