import Foundation

/// √x.
package struct Sqrt: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .sqrt }
  package static func value(_ x: Double) -> Double { x.squareRoot() }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { 0.5 * gradient / y }
}

/// 1/√x.
package struct Rsqrt: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .rsqrt }
  package static func value(_ x: Double) -> Double { 1 / x.squareRoot() }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { -0.5 * gradient * y / x }
}

/// ∛x, of negative numbers too.
package struct Cbrt: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .cbrt }
  package static func value(_ x: Double) -> Double { cbrt(x) }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? {
    gradient / (3.0 * y.apply(Square()))
  }
}

/// x².
package struct Square: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .square }
  package static var domain: ElementDomain { .numeric }
  package static func value(_ x: Double) -> Double { x * x }
  package static func value(_ x: Int64, _ type: ElementType) -> Int64 { x &* x }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { 2.0 * gradient * x }
}
