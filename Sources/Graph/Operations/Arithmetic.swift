import Foundation

/// x + y.
package struct Add: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .add }
  package static func value(_ x: Double, _ y: Double) -> Double { x + y }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 { x &+ y }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [sum(context.tangents[0], context.tangents[1])] }
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    [0, 1].map { context.isLinear($0) ? context.cotangents[0] : nil }
  }
}

/// x − y.
package struct Subtract: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .subtract }
  package static func value(_ x: Double, _ y: Double) -> Double { x - y }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 { x &- y }
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let right = context.tangents[1] else { return [context.tangents[0]] }
    return [context.tangents[0].map { $0 - right } ?? -right]
  }
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    let cotangent = context.cotangents[0]
    return [context.isLinear(0) ? cotangent : nil, context.isLinear(1) ? cotangent.map { -$0 } : nil]
  }
}

/// x · y.
package struct Multiply: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .multiply }
  package static func value(_ x: Double, _ y: Double) -> Double { x * y }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 { x &* y }
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (x, y) = (context.operands[0], context.operands[1])
    return [sum(context.tangents[0].map { $0 * y }, context.tangents[1].map { x * $0 })]
  }
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let cotangent = context.cotangents[0] else { return [nil, nil] }
    return [context.operands[1].map { cotangent * $0 }, context.operands[0].map { $0 * cotangent }]
  }
}

/// x / y; for integers toward zero, and −1 (all bits set) where y is 0.
package struct Divide: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .divide }
  package static func value(_ x: Double, _ y: Double) -> Double { x / y }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    if y == 0 { return -1 }
    if type == .uint64 { return Int64(bitPattern: UInt64(bitPattern: x) / UInt64(bitPattern: y)) }
    return x.dividedReportingOverflow(by: y).partialValue
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let y = context.operands[1]
    let left = context.tangents[0].map { $0 / y }
    guard let dy = context.tangents[1] else { return [left] }
    let right = context.results[0] * dy / y
    return [left.map { $0 - right } ?? -right]
  }
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let cotangent = context.cotangents[0], let y = context.operands[1] else { return [nil, nil] }
    return [cotangent / y, nil]
  }
}

/// The remainder of x / y with the sign of x; x itself where an integer y is 0.
package struct Remainder: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .remainder }
  package static func value(_ x: Double, _ y: Double) -> Double { fmod(x, y) }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    if y == 0 { return x }
    if type == .uint64 { return Int64(bitPattern: UInt64(bitPattern: x) % UInt64(bitPattern: y)) }
    return x.remainderReportingOverflow(dividingBy: y).partialValue
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let dy = context.tangents[1] else { return [context.tangents[0]] }
    // (x − r) / y is a whole number but for rounding; truncating x / y would be one off where it rounds up to one.
    let whole = ((context.operands[0] - context.results[0]) / context.operands[1]).apply(Round())
    let right = whole * dy
    return [context.tangents[0].map { $0 - right } ?? -right]
  }
}

/// xʸ.
package struct Power: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .power }
  package static var domain: ElementDomain { .floating }
  package static func value(_ x: Double, _ y: Double) -> Double { pow(x, y) }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 { 0 }
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (x, y) = (context.operands[0], context.operands[1])
    let base = context.tangents[0].map { dx in
      // At 0⁰ the derivative is 0, which 0 · 0⁻¹ would turn into NaN. Elsewhere y = 0 needs no care, and must have
      // none: ∂²/∂x∂y there is 1/x.
      let isCritical = x.equals(x.zeros).apply(And(), y.equals(y.zeros))
      let exponent = y.constant(1).selected(where: isCritical, otherwise: y - y.constant(1))
      return dx * y * x.apply(Power(), exponent)
    }
    let exponent = context.tangents[1].map { dy in
      // 0ʸ has derivative 0 in y; the logarithm is masked inside so that 0 · ∞ cannot arise.
      let isZero = x.equals(x.zeros)
      let safe = x.constant(1).selected(where: isZero, otherwise: x)
      return dy * context.results[0] * safe.apply(Log())
    }
    return [sum(base, exponent)]
  }
}

/// The larger of x and y; NaN where either is. A tie splits the derivative in halves.
package struct Maximum: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .maximum }
  package static func value(_ x: Double, _ y: Double) -> Double { x.isNaN || y.isNaN ? .nan : max(x, y) }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    type == .uint64 ? Int64(bitPattern: max(UInt64(bitPattern: x), UInt64(bitPattern: y))) : max(x, y)
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [shareOfTheChosen(context)] }
}

/// The smaller of x and y; NaN where either is. A tie splits the derivative in halves.
package struct Minimum: BinaryOperation {
  package init() {}
  package static var kind: OperationKind { .minimum }
  package static func value(_ x: Double, _ y: Double) -> Double { x.isNaN || y.isNaN ? .nan : min(x, y) }
  package static func value(_ x: Int64, _ y: Int64, _ type: ElementType) -> Int64 {
    type == .uint64 ? Int64(bitPattern: min(UInt64(bitPattern: x), UInt64(bitPattern: y))) : min(x, y)
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [shareOfTheChosen(context)] }
}

/// The forward rule of a choice between two operands: the chosen one's tangent, half of each where they are equal.
private func shareOfTheChosen(_ context: ForwardContext) -> Symbol? {
  let (x, y, chosen) = (context.operands[0], context.operands[1], context.results[0])
  let half = chosen.constant(0.5)
  let one = chosen.constant(1)
  let share = half.selected(where: x.equals(y), otherwise: one)
  func part(_ operand: Symbol, _ tangent: Symbol?) -> Symbol? {
    tangent.map { $0 * share.selected(where: operand.equals(chosen), otherwise: chosen.zeros) }
  }
  return sum(part(x, context.tangents[0]), part(y, context.tangents[1]))
}
