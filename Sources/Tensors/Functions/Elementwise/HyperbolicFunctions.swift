import DescentGraph

/// The hyperbolic sine of each element.
public func sinh(_ x: Tensor) -> Tensor {
  .odd("sinh", x) { size in
    // (eˣ − 1 + (eˣ − 1)/eˣ)/2 keeps the digits near 0 that eˣ − e⁻ˣ loses.
    let isLarge = size .> size.number(largestOrdinary(size))
    let power = expm1(`where`(isLarge, size.number(0), size))
    let near = size.number(0.5) * (power + power / (power + size.number(1)))
    return `where`(isLarge, halfExponential(size, isLarge), near)
  }
}

/// The hyperbolic cosine of each element.
public func cosh(_ x: Tensor) -> Tensor {
  .composed("cosh", x) { x in
    let size = `where`(x .< x.number(0), -x, x)
    let isLarge = size .> x.number(largestOrdinary(x))
    let power = exp(`where`(isLarge, x.number(0), size))
    let near = x.number(0.5) * (power + x.number(1) / power)
    return `where`(isLarge, halfExponential(size, isLarge), near)
  }
}

/// The hyperbolic tangent of each element.
public func tanh(_ x: Tensor) -> Tensor { .record(Tanh(), [x]) }

/// The number whose hyperbolic sine each element is.
public func asinh(_ x: Tensor) -> Tensor {
  .odd("asinh", x) { size in
    // log(x + √(x² + 1)) without the loss near 0; far out log 2x, whose square would overflow.
    let isLarge = size .> size.number(largestSquared(size))
    let x = `where`(isLarge, size.number(1), size)
    let squared = square(x)
    let near = log1p(x + squared / (size.number(1) + sqrt(squared + size.number(1))))
    let far = log(`where`(isLarge, size, size.number(1))) + size.number(0.6931471805599453)
    return `where`(isLarge, far, near)
  }
}

/// The number from 0 to ∞ whose hyperbolic cosine each element is; NaN below 1.
public func acosh(_ x: Tensor) -> Tensor {
  .composed("acosh", x) { x in
    // log(x + √(x² − 1)), in terms of x − 1, which is exact near 1.
    let isLarge = x .> x.number(largestSquared(x))
    let above = `where`(isLarge, x.number(1), x - x.number(1))
    // Below −1 the product of the two negative factors has a root all the same.
    let factor = `where`(above .< x.number(0), x.number(.nan), above)
    let near = log1p(factor + rootOfProduct(factor, factor + x.number(2)))
    let far = log(`where`(isLarge, x, x.number(1))) + x.number(0.6931471805599453)
    return `where`(isLarge, far, near)
  }
}

/// The number whose hyperbolic tangent each element is; ±∞ at ±1, NaN outside.
public func atanh(_ x: Tensor) -> Tensor {
  // log((1 + x)/(1 − x))/2 as a difference whose two parts add up, so that no digit is lost near 0.
  .composed("atanh", x) { $0.number(0.5) * (log1p($0) - log1p(-$0)) }
}

/// Beyond it e⁻ˣ is below the rounding of eˣ.
private func largestOrdinary(_ x: Tensor) -> Double { x.elementType == .float16 ? 8 : 20 }

/// Beyond it 1 is below the rounding of x², which up to there does not overflow.
private func largestSquared(_ x: Tensor) -> Double { x.elementType == .float16 ? 200 : 1e9 }

/// eˣ/2 for large x, finite up to where the half is: x − 3 is exact, and e³/2 all but a number of Float32.
private func halfExponential(_ x: Tensor, _ isLarge: Tensor) -> Tensor {
  exp(`where`(isLarge, x - x.number(3), x.number(0))) * x.number(10.042768461593834)
}
