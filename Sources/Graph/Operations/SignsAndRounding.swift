/// −x.
public struct Negate: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .negate }
  public static var domain: ElementDomain { .numeric }
  public static func value(_ x: Double) -> Double { -x }
  public static func value(_ x: Int64, _ type: ElementType) -> Int64 { 0 &- x }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { -gradient }
  public func transposed(_ context: TransposeContext) -> [Symbol?] { [context.cotangents[0].map { -$0 }] }
}

/// |x|; the derivative at 0 is 0.
public struct Abs: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .abs }
  public static var domain: ElementDomain { .numeric }
  public static func value(_ x: Double) -> Double { x.magnitude }
  public static func value(_ x: Int64, _ type: ElementType) -> Int64 {
    type.isSigned && x < 0 ? 0 &- x : x
  }
  public static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * x.apply(Sign()) }
}

/// −1, 0 or 1 by the sign; ±0 and NaN stay what they are.
public struct Sign: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .sign }
  public static var domain: ElementDomain { .numeric }
  public static func value(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : x }
  public static func value(_ x: Int64, _ type: ElementType) -> Int64 {
    type.isSigned ? x.signum() : x == 0 ? 0 : 1
  }
}

/// The largest whole number that is not above x.
public struct Floor: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .floor }
  public static func value(_ x: Double) -> Double { x.rounded(.down) }
}

/// The smallest whole number that is not below x.
public struct Ceil: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .ceil }
  public static func value(_ x: Double) -> Double { x.rounded(.up) }
}

/// The nearest whole number, halves to the even one.
public struct Round: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .round }
  public static func value(_ x: Double) -> Double { x.rounded(.toNearestOrEven) }
}

/// The logical complement of booleans, the bitwise one of integers.
public struct Not: UnaryOperation {
  public init() {}
  public static var kind: OperationKind { .not }
  public static var domain: ElementDomain { .integral }
  public static func value(_ x: Double) -> Double { x }
  public static func value(_ x: Int64, _ type: ElementType) -> Int64 { type == .bool ? 1 - x : ~x }
}

/// Whether x is neither infinite nor NaN, as a boolean.
public struct IsFinite: Operation {
  public init() {}
  public static var kind: OperationKind { .isFinite }
  public func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard operands[0].elementType.isFloatingPoint else {
      throw OperationError(name, "takes floating-point numbers, not \(operands[0].elementType)")
    }
    return [operands[0].with(elementType: .bool)]
  }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  public func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }
  public func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    [ReferenceArray(results[0], integers: operands[0].reals.map { $0.isFinite ? 1 : 0 })]
  }
}

/// The same value, through which no derivative passes.
public struct StopGradient: Operation {
  public init() {}
  public static var kind: OperationKind { .stopGradient }
  public func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [operands[0]] }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  public func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }
  public func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] { operands }
}
