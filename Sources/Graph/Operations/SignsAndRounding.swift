/// −x.
package struct Negate: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .negate }
  package static var domain: ElementDomain { .numeric }
  package static func value(_ x: Double) -> Double { -x }
  package static func value(_ x: Int64, _ type: ElementType) -> Int64 { 0 &- x }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { -gradient }
  package func transposed(_ context: TransposeContext) -> [Symbol?] { [context.cotangents[0].map { -$0 }] }
}

/// |x|; the derivative at 0 is 0.
package struct Abs: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .abs }
  package static var domain: ElementDomain { .numeric }
  package static func value(_ x: Double) -> Double { x.magnitude }
  package static func value(_ x: Int64, _ type: ElementType) -> Int64 {
    type.isSigned && x < 0 ? 0 &- x : x
  }
  package static func tangent(_ x: Symbol, _ y: Symbol, _ gradient: Symbol) -> Symbol? { gradient * x.apply(Sign()) }
}

/// −1, 0 or 1 by the sign; ±0 and NaN stay what they are.
package struct Sign: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .sign }
  package static var domain: ElementDomain { .numeric }
  package static func value(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : x }
  package static func value(_ x: Int64, _ type: ElementType) -> Int64 {
    type.isSigned ? x.signum() : x == 0 ? 0 : 1
  }
}

/// The largest whole number that is not above x.
package struct Floor: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .floor }
  package static func value(_ x: Double) -> Double { x.rounded(.down) }
}

/// The smallest whole number that is not below x.
package struct Ceil: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .ceil }
  package static func value(_ x: Double) -> Double { x.rounded(.up) }
}

/// The nearest whole number, halves to the even one.
package struct Round: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .round }
  package static func value(_ x: Double) -> Double { x.rounded(.toNearestOrEven) }
}

/// The logical complement of booleans, the bitwise one of integers.
package struct Not: UnaryOperation {
  package init() {}
  package static var kind: OperationKind { .not }
  package static var domain: ElementDomain { .integral }
  package static func value(_ x: Double) -> Double { x }
  package static func value(_ x: Int64, _ type: ElementType) -> Int64 { type == .bool ? 1 - x : ~x }
}

/// Whether x is neither infinite nor NaN, as a boolean.
package struct IsFinite: Operation {
  package init() {}
  package static var kind: OperationKind { .isFinite }
  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard operands[0].elementType.isFloatingPoint else {
      throw OperationError(name, "takes floating-point numbers, not \(operands[0].elementType)")
    }
    return [operands[0].with(elementType: .bool)]
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  package func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    [ReferenceArray(results[0], integers: operands[0].reals.map { $0.isFinite ? 1 : 0 })]
  }
}

/// The same value, through which no derivative passes.
package struct StopGradient: Operation {
  package init() {}
  package static var kind: OperationKind { .stopGradient }
  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [operands[0]] }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  package func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] { operands }
}
