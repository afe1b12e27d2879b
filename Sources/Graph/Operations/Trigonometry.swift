import Foundation

/// The sine of an angle in radians.
package struct Sin: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .sin }
  package static func value(_ x: Double) -> Double { sin(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * x.apply(Cos()) }
}

/// The cosine of an angle in radians.
package struct Cos: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .cos }
  package static func value(_ x: Double) -> Double { cos(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { -(gradient * x.apply(Sin())) }
}

/// The tangent of an angle in radians.
package struct Tan: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .tan }
  package static func value(_ x: Double) -> Double { tan(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? {
    gradient * (y.apply(Square()) + 1)
  }
}

/// The angle in radians, from −π to π, of the point with ordinate y (the first operand) and abscissa x (the second).
///
/// The derivative is 0 at the origin, where there is none, and where a coordinate is infinite.
package struct Atan2: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .atan2 }
  package static var domain: ElementDomain { .floating }
  package static func value(_ y: Double, _ x: Double) -> Double { atan2(y, x) }
  package static func value(_ y: Int64, _ x: Int64, _ type: ElementType) -> Int64 { 0 }

  /// (x dy − y dx) / (x² + y²), with both numbers divided by the larger of them first, so that no square overflows or
  /// vanishes. The quotient does not depend on what they are divided by, so no derivative passes through it.
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let size = context.operands[1].apply(Abs()).apply(Maximum(), context.operands[0].apply(Abs())).apply(StopGradient())
    // Infinitely far out the angle stays as it is, as if nothing could be divided by: ∞ / ∞ would be NaN.
    let isFar = size.equals(size.constant(.infinity))
    func near(_ symbol: Symbol) -> Symbol { symbol.zeros.selected(where: isFar, otherwise: symbol) }
    let (y, x, largest) = (near(context.operands[0]), near(context.operands[1]), near(size))
    let isOrigin = largest.equals(largest.zeros)
    let one = largest.constant(1)
    let scale = one.selected(where: isOrigin, otherwise: largest)
    let (v, u) = (y / scale, x / scale)
    let square = u.apply(Square()) + v.apply(Square())
    let divisor = scale * one.selected(where: isOrigin, otherwise: square)
    return [sum(context.tangents[0].map { $0 * (u / divisor) }, context.tangents[1].map { -($0 * (v / divisor)) })]
  }
}
