import Foundation

/// eˣ.
package struct Exp: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .exp }
  package static func value(_ x: Double) -> Double { exp(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * y }
}

/// eˣ − 1, exact near 0 where the difference would cancel.
package struct Expm1: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .expm1 }
  package static func value(_ x: Double) -> Double { expm1(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * (y + 1) }
}

/// The natural logarithm.
package struct Log: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .log }
  package static func value(_ x: Double) -> Double { log(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient / x }
}

/// log(1 + x), exact near 0 where the sum would round.
package struct Log1p: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .log1p }
  package static func value(_ x: Double) -> Double { log1p(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient / (x + 1) }
}

/// The hyperbolic tangent.
package struct Tanh: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .tanh }
  package static func value(_ x: Double) -> Double { tanh(x) }
  /// (1 + y)(1 − y), whose factors keep the digits that 1 − y² loses where y is near −1 or 1.
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? {
    gradient * (y + 1) * (1 - y)
  }
}

/// The logistic function 1 / (1 + e⁻ˣ), also called sigmoid.
package struct Logistic: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .logistic }
  package static func value(_ x: Double) -> Double {
    // For negative x the other form avoids e⁻ˣ overflowing and keeps tiny results.
    x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
  }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * y * (1 - y) }
}

/// The error function 2/√π ∫₀ˣ e^(−t²) dt.
package struct Erf: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .erf }
  package static func value(_ x: Double) -> Double { erf(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? {
    M_2_SQRTPI * gradient * (-x.apply(Square())).apply(Exp())
  }
}
