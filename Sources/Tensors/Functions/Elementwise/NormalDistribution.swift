import DescentGraph

// The standard normal distribution, and the complement of the error function without its exponential part.

/// e^(x²) · erfc(x) of each element, which falls off like 1/(x·√π) where erfc itself is too small to tell from 0.
///
/// Source: Cody, "Rational Chebyshev approximations for the error function", 1969.
public func erfcx(_ x: Tensor) -> Tensor {
  .accumulated("erfcx", x) { x in
    let size = `where`(x .< x.number(0), -x, x)
    let result = ofPositive(size)
    // On the other side erfc(−x) = 2 − erfc(x).
    let isNegative = x .< x.number(0)
    let power = exp(square(`where`(isNegative, x, x.number(0))))
    return `where`(isNegative, x.number(2) * power - result, result)
  }
}

/// e^(x²) · erfc(x) for x ≥ 0.
private func ofPositive(_ x: Tensor) -> Tensor {
  let (small, large) = (x.number(0.46875), x.number(4))
  let (isSmall, isLarge) = (x .<= small, x .> large)
  // Each formula sees numbers of its own range alone, so that nothing overflows on the way, nor do derivatives.
  let near = `where`(isSmall, x, x.number(0))
  let nearSquare = square(near)
  let first = exp(nearSquare) * (x.number(1) - near * quotient(nearSquare, ErfcxTerms.near))
  let second = quotient(`where`(isSmall .| isLarge, x.number(1), x), ErfcxTerms.middle)
  let far = `where`(isLarge, x, x.number(4))
  let inverse = x.number(1) / far
  let squared = square(inverse)
  let third = inverse * (x.number(0.5641895835477563) - squared * quotient(squared, ErfcxTerms.far))
  return `where`(isSmall, first, `where`(isLarge, third, second))
}

/// The standard normal distribution function: the probability of a number up to each element.
public func ndtr(_ x: Tensor) -> Tensor {
  .composed("ndtr", x) { $0.number(0.5) * erfc($0 * $0.number(-0.7071067811865476)) }
}

/// log of `ndtr` of each element, with all digits far below 0, too.
public func logNdtr(_ x: Tensor) -> Tensor {
  .accumulated("logNdtr", x) { x in
    let isLow = x .< x.number(-1)
    let low = `where`(isLow, x, x.number(-1))
    let lower = log(erfcx(low * x.number(-0.7071067811865476)) * x.number(0.5)) - square(low) * x.number(0.5)
    let high = `where`(isLow, x.number(0), x)
    let upper = log1p(erfc(high * x.number(0.7071067811865476)) * x.number(-0.5))
    return `where`(isLow, lower, upper)
  }
}

/// The number up to which a standard normal number lies with the probability of each element, the inverse of `ndtr`: −∞ at 0,
/// ∞ at 1, NaN outside.
///
/// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988.
public func ndtri(_ p: Tensor) -> Tensor {
  .accumulated("ndtri", p) { p in
    let (zero, half, one) = (p.number(0), p.number(0.5), p.number(1))
    let side = p - half
    let isMiddle = abs(side) .<= p.number(0.425)
    let inside = `where`(isMiddle, side, zero)
    let middle = inside * quotient(p.number(0.180625) - square(inside), NdtriTerms.middle)
    let least = `where`(side .< zero, p, one - p)
    let isTail = .!isMiddle .& (least .> zero)
    let root = sqrt(-log(`where`(isTail, least, p.number(0.05))))
    let isFar = root .> p.number(5)
    let near = quotient(`where`(isFar, zero, root - p.number(1.6)), NdtriTerms.near)
    let far = quotient(`where`(isFar, root - p.number(5), zero), NdtriTerms.far)
    let distance = `where`(isFar, far, near)
    let tail = `where`(side .< zero, -distance, distance)
    let end = `where`(p .== zero, p.number(-.infinity), `where`(p .== one, p.number(.infinity), p.number(.nan)))
    return `where`(isMiddle, middle, `where`(isTail, tail, end))
  }
}

/// The quotient of two polynomials, by Horner's rule from the highest power.
private func quotient(_ x: Tensor, _ terms: (over: [Double], under: [Double])) -> Tensor {
  func polynomial(_ terms: [Double]) -> Tensor {
    terms.dropFirst().reduce(x.number(terms[0])) { $0 * x + x.number($1) }
  }
  return polynomial(terms.over) / polynomial(terms.under)
}

/// The coefficients of Cody's approximations, from the highest power.
private enum ErfcxTerms {
  /// erf(x) / x in x², up to 0.46875.
  static let near = (
    over: [
      1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3,
    ],
    under: [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3]
  )
  /// e^(x²) · erfc(x) in x, up to 4.
  static let middle = (
    over: [
      2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
      8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
    ],
    under: [
      1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
      3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
    ]
  )
  /// What is left of 1/√π − x · e^(x²) · erfc(x), times x², in 1/x², from 4 on.
  static let far = (
    over: [
      1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
      1.60837851487422766e-2, 6.58749161529837803e-4,
    ],
    under: [
      1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
      2.33520497626869185e-3,
    ]
  )
}

/// The coefficients of Wichura's approximations, from the highest power.
package enum NdtriTerms {
  package static let middle = (
    over: [
      2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
      1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080,
    ],
    under: [
      5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
      5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1,
    ]
  )
  package static let near = (
    over: [
      7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258,
      3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734,
    ],
    under: [
      1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
      6.89767334985100004550e-1, 1.67638483018380384940, 2.05319162663775882187, 1,
    ]
  )
  package static let far = (
    over: [
      2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
      2.96560571828504891230e-1, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720,
    ],
    under: [
      2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
      1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1,
    ]
  )
}
