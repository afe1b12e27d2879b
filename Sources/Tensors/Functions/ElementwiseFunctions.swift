import DescentGraph

/// eˣ of each element.
public func exp(_ x: Tensor) -> Tensor { .record(Exp(), [x]) }
/// eˣ − 1 of each element, exact near 0.
public func expm1(_ x: Tensor) -> Tensor { .record(Expm1(), [x]) }
/// The natural logarithm of each element.
public func log(_ x: Tensor) -> Tensor { .record(Log(), [x]) }
/// log(1 + x) of each element, exact near 0.
public func log1p(_ x: Tensor) -> Tensor { .record(Log1p(), [x]) }
/// The square root of each element.
public func sqrt(_ x: Tensor) -> Tensor { .record(Sqrt(), [x]) }
/// 1/√x of each element.
public func rsqrt(_ x: Tensor) -> Tensor { .record(Rsqrt(), [x]) }
/// x² of each element.
public func square(_ x: Tensor) -> Tensor { .record(Square(), [x]) }
/// The sine of each element, an angle in radians.
public func sin(_ x: Tensor) -> Tensor { .record(Sin(), [x]) }
/// The cosine of each element, an angle in radians.
public func cos(_ x: Tensor) -> Tensor { .record(Cos(), [x]) }
/// The hyperbolic tangent of each element.
public func tanh(_ x: Tensor) -> Tensor { .record(Tanh(), [x]) }
/// The logistic function 1 / (1 + e⁻ˣ) of each element.
public func sigmoid(_ x: Tensor) -> Tensor { .record(Logistic(), [x]) }
/// The error function of each element.
public func erf(_ x: Tensor) -> Tensor { .record(Erf(), [x]) }
/// |x| of each element.
public func abs(_ x: Tensor) -> Tensor { .record(Abs(), [x]) }
/// −1, 0 or 1 by the sign of each element.
public func sign(_ x: Tensor) -> Tensor { .record(Sign(), [x]) }
/// The largest whole number not above each element.
public func floor(_ x: Tensor) -> Tensor { .record(Floor(), [x]) }
/// The smallest whole number not below each element.
public func ceil(_ x: Tensor) -> Tensor { .record(Ceil(), [x]) }
/// The nearest whole number to each element, halves to the even one.
public func round(_ x: Tensor) -> Tensor { .record(Round(), [x]) }
/// Whether each element is neither infinite nor NaN.
public func isFinite(_ x: Tensor) -> Tensor { .record(IsFinite(), [x]) }

/// xʸ of each pair of elements.
public func pow(_ x: Tensor, _ y: Tensor) -> Tensor { .elementwise(Power(), x, y) }
/// xʸ of each element.
public func pow(_ x: Tensor, _ y: Double) -> Tensor { pow(x, x.scalar(y)) }
/// The larger of each pair of elements.
public func maximum(_ x: Tensor, _ y: Tensor) -> Tensor { .elementwise(Maximum(), x, y) }
/// The larger of each element and a number.
public func maximum(_ x: Tensor, _ y: Double) -> Tensor { maximum(x, x.scalar(y)) }
/// The smaller of each pair of elements.
public func minimum(_ x: Tensor, _ y: Tensor) -> Tensor { .elementwise(Minimum(), x, y) }
/// The smaller of each element and a number.
public func minimum(_ x: Tensor, _ y: Double) -> Tensor { minimum(x, x.scalar(y)) }

/// max(x, 0) of each element; NaN stays NaN. The derivative at 0 is 0, as everywhere in the field.
public func relu(_ x: Tensor) -> Tensor {
  if x.error != nil { return x }
  // A choice rather than a maximum, which would split the derivative at 0 in halves and cost a pass more; asked this
  // way round, so that NaN passes on instead of turning into 0.
  let zero = Tensor(repeating: 0, shape: x.shape, x.elementType)
  return .record(Select(), [.record(Compare(.lessOrEqual), [x, zero]), zero, x])
}

/// x where it is positive, `slope` · x elsewhere.
public func leakyRelu(_ x: Tensor, slope: Double = 0.01) -> Tensor { `where`(x .> 0, x, x * slope) }

/// log(1 + eˣ) of each element, without overflow.
public func softplus(_ x: Tensor) -> Tensor {
  // −|x| written as a choice that agrees with relu's at 0: there, both derivatives of an absolute value and a maximum
  // would be conventions, and their sum not the logistic function's ½.
  relu(x) + log1p(exp(`where`(x .> 0, -x, x)))
}

/// x · sigmoid(x) of each element, also called swish.
public func silu(_ x: Tensor) -> Tensor { x * sigmoid(x) }

/// The Gaussian error linear unit x · Φ(x), by its tanh approximation. Source: Hendrycks and Gimpel, 2016.
public func gelu(_ x: Tensor) -> Tensor {
  0.5 * x * (1.0 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))
}

extension Tensor {
  /// The elements in another type: from real numbers to integers towards zero, saturating, NaN to 0.
  public func converted(to elementType: ElementType) -> Tensor {
    error != nil || self.elementType == elementType ? self : .record(Convert(to: elementType), [self])
  }

  /// Each element held between two bounds; derivatives pass strictly inside.
  public func clamped(_ lower: Double, _ upper: Double) -> Tensor {
    // A tie of a maximum would pass half of the derivative on.
    `where`((self .> lower) .& (self .< upper), self, stopGradient(minimum(maximum(self, lower), upper)))
  }
}

/// The same value, through which no derivative passes.
public func stopGradient(_ x: Tensor) -> Tensor { .record(StopGradient(), [x]) }
