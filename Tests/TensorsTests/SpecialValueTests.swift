import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Signs, infinities and NaN as IEEE 754 and the array API standard prescribe them, function by function: the C library
/// follows Annex F of its own standard, which is where theirs come from.
@Suite("special values")
struct SpecialValueTests {
  struct Unary: Sendable, CustomTestStringConvertible {
    let name: String
    let function: @Sendable (Tensor) -> Tensor
    let wanted: @Sendable (Double) -> Double
    var testDescription: String { name }
  }

  struct Binary: Sendable, CustomTestStringConvertible {
    let name: String
    let function: @Sendable (Tensor, Tensor) -> Tensor
    let wanted: @Sendable (Double, Double) -> Double
    var testDescription: String { name }
  }

  private static func one(
    _ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor, _ wanted: @escaping @Sendable (Double) -> Double
  ) -> Unary { Unary(name: name, function: function, wanted: wanted) }

  private static func two(
    _ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ wanted: @escaping @Sendable (Double, Double) -> Double
  ) -> Binary { Binary(name: name, function: function, wanted: wanted) }

  private static let ones: [Unary] = [
    one("abs", { abs($0) }) { Swift.abs($0) }, one("negate", { -$0 }) { -$0 },
    one("acos", { acos($0) }) { Foundation.acos($0) }, one("acosh", { acosh($0) }) { Foundation.acosh($0) },
    one("asin", { asin($0) }) { Foundation.asin($0) }, one("asinh", { asinh($0) }) { Foundation.asinh($0) },
    one("atan", { atan($0) }) { Foundation.atan($0) }, one("atanh", { atanh($0) }) { Foundation.atanh($0) },
    one("ceil", { ceil($0) }) { Foundation.ceil($0) }, one("floor", { floor($0) }) { Foundation.floor($0) },
    one("round", { round($0) }) { $0.rounded(.toNearestOrEven) }, one("trunc", { trunc($0) }) { Foundation.trunc($0) },
    one("cos", { cos($0) }) { Foundation.cos($0) }, one("cosh", { cosh($0) }) { Foundation.cosh($0) },
    one("sin", { sin($0) }) { Foundation.sin($0) }, one("sinh", { sinh($0) }) { Foundation.sinh($0) },
    one("tan", { tan($0) }) { Foundation.tan($0) }, one("tanh", { tanh($0) }) { Foundation.tanh($0) },
    one("exp", { exp($0) }) { Foundation.exp($0) }, one("expm1", { expm1($0) }) { Foundation.expm1($0) },
    one("exp2", { exp2($0) }) { Foundation.exp2($0) },
    one("log", { log($0) }) { Foundation.log($0) }, one("log1p", { log1p($0) }) { Foundation.log1p($0) },
    one("log2", { log2($0) }) { Foundation.log2($0) }, one("log10", { log10($0) }) { Foundation.log10($0) },
    one("sqrt", { sqrt($0) }) { $0.squareRoot() }, one("cbrt", { cbrt($0) }) { Foundation.cbrt($0) },
    one("square", { square($0) }) { $0 * $0 }, one("reciprocal", { reciprocal($0) }) { 1 / $0 },
    one("sign", { sign($0) }) { $0.isNaN ? .nan : $0 > 0 ? 1 : $0 < 0 ? -1 : $0 },
    one("erf", { erf($0) }) { Foundation.erf($0) }, one("erfc", { erfc($0) }) { Foundation.erfc($0) },
    one("signBit", { signBit($0).converted(to: .float64) }) { $0.sign == .minus ? 1 : 0 },
  ]

  private static let twos: [Binary] = [
    two("add", { $0 + $1 }) { $0 + $1 }, two("subtract", { $0 - $1 }) { $0 - $1 },
    two("multiply", { $0 * $1 }) { $0 * $1 }, two("divide", { $0 / $1 }) { $0 / $1 },
    two("atan2", { atan2($0, $1) }) { Foundation.atan2($0, $1) },
    two("hypot", { hypot($0, $1) }) { Foundation.hypot($0, $1) },
    two("copySign", { copySign($0, $1) }) { Foundation.copysign($0, $1) },
    two("fmod", { fmod($0, $1) }) { Foundation.fmod($0, $1) },
    two("pow", { pow($0, $1) }) { Foundation.pow($0, $1) },
    two("maximum", { maximum($0, $1) }) { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) },
    two("minimum", { minimum($0, $1) }) { $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1) },
    two("logAddExp", { logAddExp($0, $1) }) { x, y in
      let larger = x.isNaN || y.isNaN ? .nan : Swift.max(x, y)
      return larger.isFinite ? larger + Foundation.log1p(Foundation.exp(-Swift.abs(x - y))) : larger
    },
    two("floorDivide", { floorDivide($0, $1) }) { x, y in
      guard x.isFinite, !y.isNaN, y != 0 else { return x / y }
      // Python's way: the exact remainder first.
      let rest = Foundation.fmod(x, y)
      let whole = ((x - rest) / y).rounded()
      if rest != 0, (rest < 0) != (y < 0) { return whole - 1 }
      return whole == 0 ? Foundation.copysign(0, x / y) : whole
    },
    two("remainder", { remainder($0, $1) }) { x, y in
      let rest = Foundation.fmod(x, y)
      if rest.isNaN { return rest }
      if rest == 0 { return Foundation.copysign(0, y) }
      return (rest < 0) != (y < 0) ? rest + y : rest
    },
  ]

  private static let points: [Double] = [
    0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 1.5, -2.5, 1e-3, 100, -100, .infinity, -.infinity, .nan,
  ]

  @Test(arguments: ones) func ofOneNumber(_ one: Unary) throws {
    for type in [ElementType.float64, .float32, .float16, .bfloat16] {
      let found = one.function(Tensor(Self.points, type))
      #expect(found.shape == [Self.points.count])
      for (x, value) in zip(try Tensor(Self.points, type).scalars(), try found.scalars()) {
        let wanted = one.wanted(x)
        #expect(Self.agree(value, wanted, type), "\(one.name)(\(x)) of \(type) is \(value), not \(wanted)")
      }
    }
  }

  @Test(arguments: twos) func ofTwoNumbers(_ two: Binary) throws {
    for type in [ElementType.float64, .float32, .float16, .bfloat16] {
      let row = Tensor(Self.points, type)
      let found = two.function(row.expanded(axis: -1), row)
      #expect(found.shape == [Self.points.count, Self.points.count])
      let (numbers, values) = (try row.scalars(), try found.scalars())
      for (index, value) in values.enumerated() {
        let (x, y) = (numbers[index / numbers.count], numbers[index % numbers.count])
        // Which of two zeros is the larger, nobody prescribes.
        if x == 0, y == 0, two.name == "maximum" || two.name == "minimum" { continue }
        let wanted = two.wanted(x, y)
        #expect(Self.agree(value, wanted, type), "\(two.name)(\(x), \(y)) of \(type) is \(value), not \(wanted)")
      }
    }
  }

  /// To rounding where finite; the sign of zeros, infinities and NaN to the letter. What overflows or vanishes in a
  /// narrower type does so with its sign.
  private static func agree(_ found: Double, _ wanted: Double, _ type: ElementType) -> Bool {
    if wanted.isNaN || found.isNaN { return wanted.isNaN && found.isNaN }
    let (unit, most, least) =
      switch type {
      case .float16: (0x1p-8, 65_504.0, 0x1p-14)
      case .bfloat16: (0x1p-5, 0x1.fep127, 0x1p-126)
      case .float32: (0x1p-20, 0x1.fffffep127, 0x1p-126)
      default: (0x1p-48, Double.greatestFiniteMagnitude, Double.leastNormalMagnitude)
      }
    if wanted == 0 { return found == 0 && found.sign == wanted.sign }
    if wanted.magnitude > most * (1 - unit) { return found.magnitude >= most * (1 - unit) && found.sign == wanted.sign }
    if wanted.magnitude < least * 4 { return found.magnitude < least * 8 }
    return (found - wanted).magnitude <= unit * Swift.max(1, wanted.magnitude)
  }
}
