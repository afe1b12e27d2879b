import Foundation

/// √x.
public struct Sqrt: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .sqrt }
  public static func value(_ x: Double) -> Double { x.squareRoot() }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { 0.5 * gradient / y }
}

/// 1/√x.
public struct Rsqrt: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .rsqrt }
  public static func value(_ x: Double) -> Double { 1 / x.squareRoot() }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { -0.5 * gradient * y / x }
}

/// ∛x, of negative numbers too.
public struct Cbrt: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .cbrt }
  public static func value(_ x: Double) -> Double { cbrt(x) }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? {
    gradient / (3.0 * y.apply(Square()))
  }
}

/// x².
public struct Square: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .square }
  public static var domain: ElementDomain { .numeric }
  public static func value(_ x: Double) -> Double { x * x }
  public static func value(_ x: Int64, _ type: ElementType) -> Int64 { x &* x }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { 2.0 * gradient * x }
}
