import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Every function of one number that is composed of operations, against the C library or its definition.
@Suite("composed functions")
struct ComposedFunctionTests {
  private static let signed: [Double] = [-30, -3, -0.7, -1e-3, -1e-8, 1e-8, 1e-3, 0.3, 0.7, 1.5, 3, 30]
  private static let inside: [Double] = [-0.95, -0.7, -0.3, -1e-3, -1e-8, 1e-8, 1e-3, 0.3, 0.7, 0.95]

  static let trigonometric: [ComposedFunction] = [
    ComposedFunction(name: "tan", function: { tan($0) }, reference: { tan($0) }, points: [-1.2, 1e-8, 0.5, 1.2, 2.5]),
    ComposedFunction(
      name: "asin", function: { asin($0) }, reference: { asin($0) }, points: inside, steepPoints: [-0.999, 0.99999]),
    ComposedFunction(
      name: "acos", function: { acos($0) }, reference: { acos($0) }, points: inside, steepPoints: [-0.999, 0.99999]),
    ComposedFunction(name: "atan", function: { atan($0) }, reference: { atan($0) }, points: signed + [0]),
    ComposedFunction(
      name: "sinc", function: { sinc($0) },
      reference: { (x: Double) -> Double in x == 0 ? 1 : sin(.pi * x) / (.pi * x) },
      points: [-3.3, -0.7, -0.1499, -1e-3, 0, 1e-8, 1e-3, 0.1, 0.1501, 0.5, 1.25, 2.5], roundings: 16),
    ComposedFunction(name: "degrees", function: { degrees($0) }, reference: { $0 * 180 / .pi }, points: signed),
    ComposedFunction(name: "radians", function: { radians($0) }, reference: { $0 * .pi / 180 }, points: signed),
  ]

  static let hyperbolic: [ComposedFunction] = [
    ComposedFunction(name: "sinh", function: { sinh($0) }, reference: { sinh($0) }, points: signed + [0, -20, 20]),
    ComposedFunction(name: "cosh", function: { cosh($0) }, reference: { cosh($0) }, points: signed + [0, -20, 20]),
    ComposedFunction(
      name: "asinh", function: { asinh($0) }, reference: { asinh($0) }, points: signed + [0, 1e5, -1e12]),
    ComposedFunction(
      name: "acosh", function: { acosh($0) }, reference: { acosh($0) }, points: [1.0625, 1.5, 3, 30, 1e5, 1e12]),
    ComposedFunction(
      name: "atanh", function: { atanh($0) }, reference: { atanh($0) }, points: inside + [0],
      steepPoints: [-0.999, 0.99999]),
  ]

  static let exponential: [ComposedFunction] = [
    ComposedFunction(name: "exp2", function: { exp2($0) }, reference: { exp2($0) }, points: signed + [-0.0, 100.5]),
    ComposedFunction(
      name: "log2", function: { log2($0) }, reference: { log2($0) }, points: [0.1, 0.99, 1, 1.01, 7, 1e30],
      steepPoints: [1e-30, 1e-3]),
    ComposedFunction(
      name: "log10", function: { log10($0) }, reference: { log10($0) }, points: [0.1, 0.99, 1, 1.01, 7, 1e30],
      steepPoints: [1e-30, 1e-3]),
    ComposedFunction(
      name: "logit", function: { logit($0) },
      // Near ½ by the area tangent, whose argument is exact there.
      reference: { (x: Double) -> Double in (x - 0.5).magnitude < 0.25 ? 2 * atanh(2 * x - 1) : log(x) - log1p(-x) },
      points: [0.05, 0.25, 0.4999, 0.5, 0.5001, 0.75, 0.95], steepPoints: [1e-20, 1e-3, 0.999]),
    ComposedFunction(
      name: "logSigmoid", function: { logSigmoid($0) },
      reference: { (x: Double) -> Double in x > 0 ? -log1p(exp(-x)) : x - log1p(exp(x)) }, points: signed + [0]),
    ComposedFunction(name: "erfc", function: { erfc($0) }, reference: { erfc($0) }, points: [-3, 0, 0.5, 2, 5, 8]),
    ComposedFunction(name: "cbrt", function: { cbrt($0) }, reference: { cbrt($0) }, points: [-27, -0.3, 0.3, 1, 1e6]),
    ComposedFunction(
      name: "pow(x, 5)", function: { pow($0, 5) }, reference: { pow($0, 5) }, points: [-1.5, -1e-3, 0, 0.7, 2]),
    ComposedFunction(
      name: "pow(x, -3)", function: { pow($0, -3) }, reference: { pow($0, -3) }, points: [-1.5, -0.7, 0.7, 2, 30]),
    ComposedFunction(
      name: "lgamma", function: { lgamma($0) }, reference: { lgamma($0) }, points: [-1.4, 0.3, 1.5, 2.5, 20, 1e5]),
  ]

  static let activations: [ComposedFunction] = [
    ComposedFunction(
      name: "elu", function: { elu($0, alpha: 1) }, reference: { $0 > 0 ? $0 : expm1($0) }, points: signed),
    ComposedFunction(
      name: "selu", function: { selu($0) },
      reference: { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) },
      points: [-30, -3, -0.7, 0.7, 30], steepPoints: [-1e-8, 0, 1e-8]),
    ComposedFunction(
      name: "celu", function: { celu($0, alpha: 2) }, reference: { $0 > 0 ? $0 : 2 * expm1($0 / 2) },
      points: signed),
    ComposedFunction(
      name: "mish", function: { mish($0) },
      reference: { (x: Double) -> Double in x * tanh(x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))) }, points: signed + [0]
    ),
    ComposedFunction(
      name: "gelu", function: { gelu($0, .exact) },
      reference: { (x: Double) -> Double in 0.5 * x * erfc(-x / (2.0).squareRoot()) },
      points: [-5, -2, -1e-8, 0, 0.5, 3, 10], roundings: 64),
    ComposedFunction(name: "softsign", function: { softsign($0) }, reference: { $0 / (1 + abs($0)) }, points: signed),
    ComposedFunction(
      name: "hardSigmoid", function: { hardSigmoid($0) }, reference: { min(max($0 / 6 + 0.5, 0), 1) },
      points: [-5, -1, 0, 1, 5]),
    ComposedFunction(
      name: "hardSwish", function: { hardSwish($0) }, reference: { $0 * min(max($0 / 6 + 0.5, 0), 1) },
      points: [-5, -1, 0, 1, 5]),
    ComposedFunction(
      name: "tanhShrink", function: { tanhShrink($0) },
      // Near 0 by three terms of its series.
      reference: { (x: Double) -> Double in
        let z = x * x
        return abs(x) < 0.01 ? x * z * (1 / 3.0 - z * (2 / 15.0 - z * 17 / 315)) : x - tanh(x)
      }, points: [-3, -1.01, -0.99, -1e-3, -1e-6, 0, 1e-6, 1e-3, 0.5, 0.99, 1.01, 3], roundings: 16),
    ComposedFunction(
      name: "softShrink", function: { softShrink($0) },
      reference: { $0 > 0.5 ? $0 - 0.5 : $0 < -0.5 ? $0 + 0.5 : 0 }, points: [-3, -0.3, 0, 0.3, 3]),
    ComposedFunction(
      name: "hardShrink", function: { hardShrink($0) }, reference: { abs($0) > 0.5 ? $0 : 0 },
      points: [-3, -0.3, 0, 0.3, 3]),
    ComposedFunction(
      name: "relu6", function: { relu6($0) }, reference: { min(max($0, 0), 6) }, points: [-1, 0.5, 5, 7]),
    ComposedFunction(
      name: "frac", function: { frac($0) }, reference: { $0 - $0.rounded(.towardZero) },
      points: [-2.5, -0.3, 0.3, 7.75]),
  ]

  @Test(arguments: trigonometric + hyperbolic + exponential + activations)
  func agreesWithItsDefinition(_ function: ComposedFunction) throws { try function.check() }

  private func values(_ x: Tensor) throws -> [Double] { try x.scalars() }

  @Test func endsOfDomains() throws {
    let inf = Double.infinity
    let ends = Tensor([-1, 1, 1.5, .nan], .float64)
    #expect(try Array(values(asin(ends))[..<2]) == [-Double.pi / 2, .pi / 2])
    #expect(try values(asin(ends))[2...].allSatisfy(\.isNaN))
    #expect(try Array(values(acos(ends))[..<2]) == [.pi, 0])
    #expect(try Array(values(atanh(ends))[..<2]) == [-inf, inf])
    #expect(try values(atanh(ends))[2...].allSatisfy(\.isNaN))
    #expect(try values(acosh(Tensor([1, inf], .float64))) == [0, inf])
    #expect(try acosh(Tensor(0.5)).item().isNaN)
    for type in [ElementType.float32, .float64, .bfloat16, .float16] {
      let far = Tensor([-inf, inf], type)
      #expect(try values(sinh(far)) == [-inf, inf])
      #expect(try values(cosh(far)) == [inf, inf])
      #expect(try values(asinh(far)) == [-inf, inf])
      #expect(try values(tanhShrink(far)) == [-inf, inf])
      #expect(try values(exp2(far)) == [0, inf])
    }
    // Finite up to where the largest numbers are.
    #expect(try (sinh(Tensor(89.41)).item() / 3.3851e38 - 1).magnitude < 1e-3)
    #expect(try (cosh(Tensor(-710.4, .float64)).item() / cosh(710.4) - 1).magnitude < 1e-13)
    #expect(try (asinh(Tensor(3e38)).item() / asinh(3e38) - 1).magnitude < 1e-6)
    #expect(try (sinh(Tensor(11, .float16)).item() / sinh(11) - 1).magnitude < 0.01)
    #expect(try (asinh(Tensor(6e4, .float16)).item() / asinh(6e4) - 1).magnitude < 0.01)
    #expect(try values(logit(Tensor([0, 1], .float64))) == [-inf, inf])
    #expect(try logit(Tensor(1.5)).item().isNaN && acosh(Tensor(-5)).item().isNaN)
    #expect(try (logit(Tensor(1e-40)).item() / log(1e-40) - 1).magnitude < 1e-6)
  }

  @Test func powersOfTheBase() throws {
    let exponents = (-126...127).map(Double.init)
    #expect(try values(log2(exp2(Tensor(exponents)))) == exponents)
    #expect(try values(log10(Tensor([1e-3, 1, 10, 1000, 1e10]))) == [-3, 0, 1, 3, 10])
    #expect(try values(sinc(Tensor([-2, 0, 1, 5, 100]))) == [0, 1, 0, 0, 0])
  }

  @Test func twoNumbers() throws {
    let huge = 1e300
    let (x, y) = (Tensor([3, 0, huge, 1e-300, -5], .float64), Tensor([4, 0, huge, 0, 12], .float64))
    let lengths = try values(hypot(x, y))
    let wanted: [Double] = [5, 0, huge * (2.0).squareRoot(), 1e-300, 13]
    #expect(zip(lengths, wanted).allSatisfy { abs($0 - $1) <= 1e-15 * $1 })
    let slopes = try gradient(at: x) { hypot($0, y).sum() }.scalars()
    #expect(zip(slopes, [0.6, 0, (0.5).squareRoot(), 1, -5 / 13.0]).allSatisfy { abs($0 - $1) < 1e-15 }, "\(slopes)")
    let curvature = try gradient(at: Tensor(3, .float64)) { x in
      try gradient(at: x) { hypot($0, Tensor(4, .float64)) }
    }.item()
    #expect(abs(curvature - 16 / 125.0) < 1e-15)

    let (a, b) = (
      Tensor([0, 1e4, -.infinity, 700, .infinity], .float64), Tensor([0, -1e4, -.infinity, 700, 1], .float64)
    )
    #expect(try values(logAddExp(a, b)) == [log(2), 1e4, -.infinity, 700 + log(2), .infinity])
    let tie = Tensor(1, .float64)
    #expect(try gradient(at: tie) { logAddExp($0, tie) }.item() == 0.5)
    #expect(try gradient(at: tie) { x in try gradient(at: x) { logAddExp($0, tie) } }.item() == 0.25)
  }

  @Test func specialValues() throws {
    let euler = 0.5772156649015329
    let zeta3 = 1.2020569031595942
    let squared = Double.pi * Double.pi
    func close(_ x: Tensor, _ wanted: [Double]) throws {
      let found = try values(x)
      #expect(zip(found, wanted).allSatisfy { abs($0 - $1) <= 4e-15 * max(1, abs($1)) }, "\(found), not \(wanted)")
    }
    let ones = Tensor([1, 0.5, 2], .float64)
    try close(digamma(ones), [-euler, -euler - 2 * log(2), 1 - euler])
    try close(polygamma(1, ones), [squared / 6, squared / 2, squared / 6 - 1])
    try close(polygamma(2, ones), [-2 * zeta3, -14 * zeta3, -2 * zeta3 + 2])
    try close(polygamma(3, ones), [squared * squared / 15, squared * squared, squared * squared / 15 - 6])
    try close(polygamma(1, Tensor([-0.5], .float64)), [squared / 2 + 4])
    try close(
      erfInverse(Tensor([0, 0.5, -0.9, 1e-20], .float64)), [0, 0.4769362762044699, -1.1630871536766743, 1e-20])
    #expect(try (erfInverse(Tensor(1e-20, .float64)).item() / 8.862269254527581e-21 - 1).magnitude < 1e-15)
    #expect(try popcount(Tensor(integers: [0, 7, -1, 256])).integers() == [0, 3, 32, 1])
    #expect(try Tensor([1, -2]).bitcast(to: .int32).integers() == [0x3f80_0000, -0x4000_0000])
    #expect(try Tensor(integers: [0x3f80_0000]).bitcast(to: .float32).item() == 1)
  }
}
