import Foundation

/// eˣ.
public struct Exp: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .exp }
  public static func value(_ x: Double) -> Double { exp(x) }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * y }
}

/// eˣ − 1, exact near 0 where the difference would cancel.
public struct Expm1: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .expm1 }
  public static func value(_ x: Double) -> Double { expm1(x) }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * (y + 1) }
}

/// The natural logarithm.
public struct Log: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .log }
  public static func value(_ x: Double) -> Double { log(x) }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient / x }
}

/// log(1 + x), exact near 0 where the sum would round.
public struct Log1p: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .log1p }
  public static func value(_ x: Double) -> Double { log1p(x) }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient / (x + 1) }
}

/// The hyperbolic tangent.
public struct Tanh: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .tanh }
  public static func value(_ x: Double) -> Double { tanh(x) }
  /// (1 + y)(1 − y), whose factors keep the digits that 1 − y² loses where y is near −1 or 1.
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? {
    gradient * (y + 1) * (1 - y)
  }
}

/// The logistic function 1 / (1 + e⁻ˣ), also called sigmoid.
public struct Logistic: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .logistic }
  public static func value(_ x: Double) -> Double {
    // For negative x the other form avoids e⁻ˣ overflowing and keeps tiny results.
    x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
  }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * y * (1 - y) }
}

/// The error function 2/√π ∫₀ˣ e^(−t²) dt.
public struct Erf: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .erf }
  public static func value(_ x: Double) -> Double { erf(x) }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? {
    M_2_SQRTPI * gradient * (-x.apply(Square())).apply(Exp())
  }
}
