/// Each element of the second operand, held between its bounds in the first (lower) and the third (upper).
///
/// The upper bound wins where the bounds cross; NaN where any of the three is. Derivatives pass to the value strictly
/// inside its bounds, to a bound strictly where it holds the value, and to nothing where they meet.
package struct Clamp: Operation {
  package init() {}
  package static var kind: OperationKind { .clamp }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkAlike(Array(operands[...1]))
    try checkAlike(Array(operands[1...]))
    guard operands[0].elementType != .bool else { throw OperationError(name, "takes numbers, not bool") }
    return [operands[0]]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (lower, x, upper) = (context.operands[0], context.operands[1], context.operands[2])
    func isGreater(_ a: Symbol, _ b: Symbol) -> Symbol { a.apply(Compare(.greater), b) }
    func passed(_ tangent: Symbol?, where condition: @autoclosure () -> Symbol) -> Symbol? {
      tangent.map { $0.selected(where: condition(), otherwise: $0.zeros) }
    }
    let low = passed(context.tangents[0], where: isGreater(lower, x).apply(And(), isGreater(upper, lower)))
    let middle = passed(context.tangents[1], where: isGreater(x, lower).apply(And(), isGreater(upper, x)))
    let high = passed(context.tangents[2], where: isGreater(x.apply(Maximum(), lower), upper))
    return [sum(sum(low, middle), high)]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let operands = context.allBatched
    return [operands[0].apply(self, operands[1], operands[2])]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (lower, x, upper) = (operands[0], operands[1], operands[2])
    let (type, places) = (results[0], 0..<results[0].count)
    if type.elementType.isFloatingPoint {
      let values = places.map { Minimum.value(Maximum.value(x.reals[$0], lower.reals[$0]), upper.reals[$0]) }
      return [ReferenceArray(type, reals: values)]
    }
    let values = places.map { place in
      let raised = Maximum.value(x.integers[place], lower.integers[place], type.elementType)
      return Minimum.value(raised, upper.integers[place], type.elementType)
    }
    return [ReferenceArray(type, integers: values)]
  }
}
