import Descent
import DescentGraph
import Foundation

/// A function of one number, its true value, and how far it may be off.
struct AccuracyFunction: Sendable {
  let name: String
  let function: @Sendable (Tensor) -> Tensor
  /// The value in Float64, within a unit in the last place there, which is 2⁻²⁹ of one of Float32.
  let reference: @Sendable (Double) -> Double
  /// In units in the last place.
  let limit: Double
  /// The least input that counts: below it a factor of the result is subnormal and has lost its digits, where the result
  /// itself is below 10⁻³⁵.
  let lowest: Float

  init(
    _ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor,
    _ reference: @escaping @Sendable (Double) -> Double, limit: Double = 2, lowest: Float = -.infinity
  ) {
    self.name = name
    self.function = function
    self.reference = reference
    self.limit = limit
    self.lowest = lowest
  }

  /// Operations first, then what is composed of them.
  static let all = operations + compositions

  private static let operations: [AccuracyFunction] = [
    AccuracyFunction("exp", { exp($0) }, { exp($0) }),
    AccuracyFunction("expm1", { expm1($0) }, { expm1($0) }),
    AccuracyFunction("log", { log($0) }, { log($0) }),
    AccuracyFunction("log1p", { log1p($0) }, { log1p($0) }),
    AccuracyFunction("sqrt", { sqrt($0) }, { $0.squareRoot() }, limit: 0.5),
    AccuracyFunction("rsqrt", { rsqrt($0) }, { 1 / $0.squareRoot() }),
    AccuracyFunction("cbrt", { cbrt($0) }, { cbrt($0) }),
    AccuracyFunction("square", { square($0) }, { $0 * $0 }, limit: 0.5),
    AccuracyFunction("pow(x, 3)", { pow($0, 3) }, { $0 * $0 * $0 }),
    AccuracyFunction("pow(x, 7)", { pow($0, 7) }, { pow($0, 7) }),
    AccuracyFunction("pow(x, -3)", { pow($0, -3) }, { pow($0, -3) }),
    AccuracyFunction("sin", { sin($0) }, { sin($0) }),
    AccuracyFunction("cos", { cos($0) }, { cos($0) }),
    AccuracyFunction("tan", { tan($0) }, { tan($0) }),
    AccuracyFunction("tanh", { tanh($0) }, { tanh($0) }),
    AccuracyFunction("sigmoid", { sigmoid($0) }, { logistic($0) }),
    AccuracyFunction("erf", { erf($0) }, { erf($0) }),
    AccuracyFunction("erfc", { erfc($0) }, { erfc($0) }),
    AccuracyFunction("erfInverse", { erfInverse($0) }, { ErfInverse.value($0) }),
    AccuracyFunction("lgamma", { lgamma($0) }, { lgamma($0) }),
    AccuracyFunction("digamma", { digamma($0) }, { Digamma.value($0) }),
    AccuracyFunction("polygamma(1, x)", { polygamma(1, $0) }, { Polygamma(order: 1).value($0) }),
    AccuracyFunction("polygamma(2, x)", { polygamma(2, $0) }, { Polygamma(order: 2).value($0) }),
  ]

  private static let compositions: [AccuracyFunction] = [
    AccuracyFunction("asin", { asin($0) }, { asin($0) }),
    AccuracyFunction("acos", { acos($0) }, { acos($0) }),
    AccuracyFunction("atan", { atan($0) }, { atan($0) }),
    AccuracyFunction("sinh", { sinh($0) }, { sinh($0) }, limit: 4),
    AccuracyFunction("cosh", { cosh($0) }, { cosh($0) }, limit: 4),
    AccuracyFunction("asinh", { asinh($0) }, { asinh($0) }, limit: 4),
    AccuracyFunction("acosh", { acosh($0) }, { acosh($0) }, limit: 4),
    AccuracyFunction("atanh", { atanh($0) }, { atanh($0) }, limit: 4),
    AccuracyFunction("exp2", { exp2($0) }, { exp2($0) }),
    AccuracyFunction("log2", { log2($0) }, { log2($0) }),
    AccuracyFunction("log10", { log10($0) }, { log10($0) }),
    AccuracyFunction("logit", { logit($0) }, { logOdds($0) }, limit: 4),
    AccuracyFunction("sinc", { sinc($0) }, { sineRatio($0) }, limit: 8),
    AccuracyFunction("softplus", { softplus($0) }, { logOfOnePlusExp($0) }, limit: 4),
    AccuracyFunction("elu", { elu($0) }, { $0 > 0 ? $0 : expm1($0) }, limit: 4),
    AccuracyFunction("silu", { silu($0) }, { $0 * logistic($0) }, limit: 4, lowest: -87),
    AccuracyFunction("mish", { mish($0) }, { $0 * tanh(logOfOnePlusExp($0)) }, limit: 8, lowest: -87),
    AccuracyFunction("tanhShrink", { tanhShrink($0) }, { tanhRest($0) }, limit: 8),
  ]

  private static func logistic(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

  private static func logOfOnePlusExp(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }

  private static func logOdds(_ x: Double) -> Double {
    (x - 0.5).magnitude < 0.25 ? 2 * atanh(2 * x - 1) : log(x) - log1p(-x)
  }

  /// x − tanh x; near 0 by its series, since the difference cancels.
  private static func tanhRest(_ x: Double) -> Double {
    guard x.magnitude < 0.05 else { return x - tanh(x) }
    let z = x * x
    let tail = 17.0 / 315 - z * (62.0 / 2835 - z * 1382 / 155925)
    return x * z * (1.0 / 3 - z * (2.0 / 15 - z * tail))
  }

  /// sin(πx)/(πx); the sine of the rest of x to the nearest whole number, which is exact.
  private static func sineRatio(_ x: Double) -> Double {
    if x == 0 { return 1 }
    let whole = x.rounded()
    let sine = sin(.pi * (x - whole))
    return (fmod(whole, 2) == 0 ? sine : -sine) / (.pi * x)
  }
}
