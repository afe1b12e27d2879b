import Foundation

/// 1 − erf(x), with all digits where it is small.
package struct Erfc: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .erfc }
  package static func value(_ x: Double) -> Double { erfc(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? {
    -M_2_SQRTPI * gradient * (-x.apply(Square())).apply(Exp())
  }
}

/// The inverse of the error function, on −1…1; NaN outside.
package struct ErfInverse: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .erfInverse }

  /// By bisection over the bit patterns of the positive numbers, which are in the order of the numbers; where the
  /// error function comes near 1, its complement keeps the digits.
  package static func value(_ x: Double) -> Double {
    let size = x.magnitude
    guard size > 0, size < 1 else { return size == 1 ? x * .infinity : size == 0 ? x : .nan }
    var (low, high) = (UInt64(0), (6.0).bitPattern)
    while high - low > 1 {
      let middle = (low + high) / 2
      let candidate = Double(bitPattern: middle)
      let isBelow = size < 0.5 ? erf(candidate) < size : erfc(candidate) > 1 - size
      if isBelow { low = middle } else { high = middle }
    }
    return Double(signOf: x, magnitudeOf: Double(bitPattern: high))
  }

  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? {
    (1 / M_2_SQRTPI) * gradient * y.apply(Square()).apply(Exp())
  }
}

/// log |Γ(x)|; ∞ at 0 and the negative integers.
package struct LogGamma: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .lgamma }
  package static func value(_ x: Double) -> Double { lgamma(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * x.apply(Digamma()) }
}

/// ψ(x), the derivative of log Γ(x); NaN at 0 and the negative integers.
package struct Digamma: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .digamma }

  /// ψ(x) = ψ(x + 1) − 1/x up to where the asymptotic series is exact (Abramowitz and Stegun, 6.3.5 and 6.3.18), and
  /// the reflection ψ(x) = ψ(1 − x) − π cot πx for negative numbers (6.3.7).
  package static func value(_ x: Double) -> Double {
    if x.isNaN || x == .infinity { return x }
    guard x > 0 else {
      let fraction = x - x.rounded()
      return fraction == 0 || x == -.infinity ? .nan : value(1 - x) - .pi / tan(.pi * fraction)
    }
    if x < 20 { return value(x + 1) - 1 / x }
    let coefficients: [Double] = [1 / 12.0, -1 / 120.0, 1 / 252.0, -1 / 240.0, 1 / 132.0, -691 / 32760.0]
    let square = 1 / (x * x)
    let series = coefficients.reversed().reduce(0) { ($0 + $1) * square }
    return log(x) - 0.5 / x - series
  }

  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? {
    gradient * x.apply(Polygamma(order: 1))
  }
}

/// The derivative of order 1 or higher of ψ(x); at 0 and the negative integers ∞ for odd orders, NaN for even ones.
package struct Polygamma: Operation {
  /// How often ψ is differentiated.
  package let order: Int

  /// The largest order, from which on factorials overflow.
  package static let largestOrder = 170

  /// The derivative of ψ of an order.
  package init(order: Int) { self.order = order }

  package static var kind: OperationKind { .polygamma }
  package var attributes: String { "order: \(order)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard operands[0].elementType.isFloatingPoint else {
      throw OperationError(name, "takes floating-point numbers, not \(operands[0].elementType)")
    }
    guard (1...Self.largestOrder).contains(order) else {
      throw OperationError(name, "supports the orders 1 to \(Self.largestOrder), not \(order)")
    }
    return [operands[0]]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    [context.tangents[0].map { $0 * context.operands[0].apply(Polygamma(order: order + 1)) }]
  }

  package func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    [ReferenceArray(results[0], reals: operands[0].reals.map(value))]
  }

  /// (−1)ⁿ⁺¹ n! Σ 1/(x + k)ⁿ⁺¹ over k ≥ 0 (Abramowitz and Stegun, 6.4.10).
  ///
  /// For negative x, the sum over all whole k has period 1 and is found where x is in 0…1.
  package func value(_ x: Double) -> Double {
    if x.isNaN || x == .infinity { return x.isNaN ? x : 0 }
    let power = Double(order + 1)
    let factor = (order % 2 == 1 ? 1 : -1) * tgamma(power)
    if x > 0 { return factor * Self.sum(power, from: x) }
    let (below, above) = (x - x.rounded(.down), x.rounded(.up) - x)
    guard below > 0, above > 0 else { return order % 2 == 1 && x.isFinite ? .infinity : .nan }
    let mirrored: Double = order % 2 == 1 ? 1 : -1
    let whole = Self.sum(power, from: below) + mirrored * Self.sum(power, from: above)
    return factor * (whole - mirrored * Self.sum(power, from: 1 - x))
  }

  /// The Hurwitz zeta function: the first terms, and the rest by Euler and Maclaurin's formula.
  private static func sum(_ power: Double, from x: Double) -> Double {
    var (total, a) = (0.0, x)
    while a < max(16, power) {
      total += pow(a, -power)
      a += 1
    }
    total += pow(a, 1 - power) / (power - 1) + pow(a, -power) / 2
    // The Bernoulli numbers of even index, each divided by the factorial of its index.
    let ratios: [Double] = [
      1 / 12.0, -1 / 720.0, 1 / 30240.0, -1 / 1209600.0, 1 / 47900160.0, -691 / 1307674368000.0, 1 / 74724249600.0,
      -3617 / 10670622842880000.0, 43867 / 5109094217170944000.0, -174611 / 802857662698291200000.0,
    ]
    var term = power * pow(a, -power - 1)
    for (index, ratio) in ratios.enumerated() {
      total += ratio * term
      let next = power + 2 * Double(index)
      term *= (next + 1) * (next + 2) / (a * a)
    }
    return total
  }
}
