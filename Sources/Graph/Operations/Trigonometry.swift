import Foundation

/// The sine of an angle in radians.
public struct Sin: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .sin }
  public static func value(_ x: Double) -> Double { sin(x) }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * x.apply(Cos()) }
}

/// The cosine of an angle in radians.
public struct Cos: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .cos }
  public static func value(_ x: Double) -> Double { cos(x) }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { -(gradient * x.apply(Sin())) }
}
