import DescentGraph

/// The logistic function 1 / (1 + e⁻ˣ) of each element.
public func sigmoid(_ x: Tensor) -> Tensor { .record(Logistic(), [x]) }

/// log(sigmoid(x)) of each element, without overflow.
public func logSigmoid(_ x: Tensor) -> Tensor { .composed("logSigmoid", x) { -softplus(-$0) } }

/// max(x, 0) of each element; NaN stays NaN. The derivative at 0 is 0 by convention.
public func relu(_ x: Tensor) -> Tensor {
  if x.error != nil { return x }
  // A choice rather than a maximum, which would split the derivative at 0 in halves and cost a pass more; asked this
  // way round, so that NaN passes on instead of turning into 0.
  return FunctionNames.result(of: "relu", x) { x, _ in
    let zero = Tensor(repeating: 0, shape: x.shape, x.elementType)
    return .record(Select(), [.record(Compare(.lessOrEqual), [x, zero]), zero, x])
  }
}

/// min(max(x, 0), 6) of each element.
public func relu6(_ x: Tensor) -> Tensor { .calling { x.clamped(0, 6) } }

/// x where it is positive, `slope` · x elsewhere.
public func leakyRelu(_ x: Tensor, slope: Double = 0.01) -> Tensor {
  FunctionNames.result(of: "leakyRelu", x) { x, _ in `where`(x .> 0, x, x * slope) }
}

/// x where it is positive, `slope` · x elsewhere, with slopes that may be learned; shapes are repeated to a common one.
/// Source: He et al., 2015.
public func prelu(_ x: Tensor, slope: Tensor) -> Tensor {
  .composed("prelu", x, slope) { x, slope in `where`(x .> x.number(0), x, x * slope) }
}

/// x where it is positive, `alpha` · (eˣ − 1) elsewhere. Source: Clevert et al., 2015.
public func elu(_ x: Tensor, alpha: Double = 1) -> Tensor {
  .composed("elu", x) { x in
    let isPositive = x .> x.number(0)
    // Masked inside, so that the exponential of a large number meets no derivative of 0.
    return `where`(isPositive, x, expm1(`where`(isPositive, x.number(0), x)) * alpha)
  }
}

/// `elu` scaled such that means and variances keep near 0 and 1. Source: Klambauer et al., 2017.
public func selu(_ x: Tensor) -> Tensor {
  .composed("selu", x) { elu($0, alpha: 1.6732632423543772) * $0.number(1.0507009873554805) }
}

/// x where it is positive, `alpha` · (e^(x / alpha) − 1) elsewhere: smooth at 0 for any alpha. Source: Barron, 2017.
public func celu(_ x: Tensor, alpha: Double = 1) -> Tensor {
  .composed("celu", x) { x in
    let isPositive = x .> x.number(0)
    return `where`(isPositive, x, expm1(`where`(isPositive, x.number(0), x) / alpha) * alpha)
  }
}

/// log(1 + eˣ) of each element, without overflow.
public func softplus(_ x: Tensor) -> Tensor {
  // −|x| written as a choice that agrees with relu's at 0: there, both derivatives of an absolute value and a maximum
  // would be conventions, and their sum not the logistic function's ½.
  FunctionNames.result(of: "softplus", x) { x, _ in relu(x) + log1p(exp(`where`(x .> 0, -x, x))) }
}

/// x · sigmoid(x) of each element, also called swish.
public func silu(_ x: Tensor) -> Tensor { FunctionNames.result(of: "silu", x) { x, _ in x * sigmoid(x) } }

/// x · tanh(softplus(x)) of each element. Source: Misra, 2019.
public func mish(_ x: Tensor) -> Tensor { .composed("mish", x) { $0 * tanh(softplus($0)) } }

/// How the Gaussian error linear unit is computed.
public enum GELUForm: Sendable {
  /// By the hyperbolic tangent of a cubic, within 5·10⁻⁴ of the exact form.
  case tanh
  /// By the distribution function of the normal distribution.
  case exact
}

/// The Gaussian error linear unit x · Φ(x) of each element, with the distribution function Φ of the normal distribution.
///
/// Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016.
/// - Parameter form: How it is computed: exactly, or by the approximation that the first models were trained with.
public func gelu(_ x: Tensor, _ form: GELUForm = .exact) -> Tensor {
  .composed("gelu", x) { x in
    switch form {
    case .exact: return x * x.number(0.5) * erfc(x * x.number(-0.7071067811865476))
    case .tanh:
      let cubic = x + 0.044715 * x * x * x
      return 0.5 * x * (1.0 + tanh(0.7978845608028654 * cubic))
    }
  }
}

/// x / (1 + |x|) of each element.
public func softsign(_ x: Tensor) -> Tensor { .composed("softsign", x) { $0 / (abs($0) + $0.number(1)) } }

/// Each element held between two bounds.
public func hardTanh(_ x: Tensor, from lower: Double = -1, to upper: Double = 1) -> Tensor {
  .calling { x.clamped(lower, upper) }
}

/// x/6 + ½ of each element, held between 0 and 1.
public func hardSigmoid(_ x: Tensor) -> Tensor {
  .composed("hardSigmoid", x) { ($0 / $0.number(6) + $0.number(0.5)).clamped(0, 1) }
}

/// x · hardSigmoid(x) of each element. Source: Howard et al., 2019.
public func hardSwish(_ x: Tensor) -> Tensor { .composed("hardSwish", x) { $0 * hardSigmoid($0) } }

/// x − tanh(x) of each element, with all digits near 0.
public func tanhShrink(_ x: Tensor) -> Tensor {
  .composed("tanhShrink", x) { x in
    // (x cosh x − sinh x)/cosh x, whose numerator has a series of positive terms x³/3 + x⁵/30 + x⁷/840 + …
    let isSmall = abs(x) .< x.number(1)
    let inside = `where`(isSmall, x, x.number(0))
    let z = square(inside)
    var series = x.number(1)
    for k in (1...10).reversed() {
      // Term k + 1 is term k times z (k + 1)/k / ((2k + 2)(2k + 3)).
      let ratio = Double(k + 1) / Double(k * (2 * k + 2) * (2 * k + 3))
      series = x.number(1) + z * x.number(ratio) * series
    }
    let near = inside * z * x.number(1.0 / 3) * series / cosh(inside)
    return `where`(isSmall, near, x - tanh(x))
  }
}

/// Each element moved toward 0 by `threshold`, and 0 within it.
public func softShrink(_ x: Tensor, threshold: Double = 0.5) -> Tensor {
  .composed("softShrink", x) { x in
    let inner = `where`(x .< -threshold, x + threshold, x.number(0))
    return `where`(x .> threshold, x - threshold, isNaNOr(inner, x))
  }
}

/// Each element, and 0 where it is not larger than `threshold` in size.
public func hardShrink(_ x: Tensor, threshold: Double = 0.5) -> Tensor {
  .composed("hardShrink", x) { x in `where`(abs(x) .<= threshold, x.number(0), x) }
}

/// Each element that is larger than a threshold, and a number in the place of the others.
public func thresholded(_ x: Tensor, above threshold: Double, otherwise value: Double = 0) -> Tensor {
  .composed("thresholded", x) { x in `where`(x .<= threshold, value, x) }
}

/// The first half of an axis times `sigmoid` of the second. Source: Dauphin et al., 2016.
public func glu(_ x: Tensor, axis: Int = -1) -> Tensor {
  .composed("glu", x) { x in
    x.resolved([axis], "glu") { axes in
      let (axis, size) = (axes[0], x.shape[axes[0]])
      guard size % 2 == 0 else {
        return .failure("glu", "axis \(axis) of \(x.shape) has \(size) elements, not an even number")
      }
      return x.sliced(0..<size / 2, axis: axis) * sigmoid(x.sliced(size / 2..<size, axis: axis))
    }
  }
}

/// NaN where the tested number is NaN, the given one elsewhere.
private func isNaNOr(_ x: Tensor, _ tested: Tensor) -> Tensor { `where`(isNaN(tested), tested, x) }
