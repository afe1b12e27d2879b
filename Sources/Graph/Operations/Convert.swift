/// The value in another element type: integers from real numbers toward zero, saturating, NaN to 0; booleans by
/// whether the number differs from 0.
package struct Convert: Operation {
  /// The element type to convert to.
  package let target: ElementType

  /// Converts to an element type.
  package init(to target: ElementType) { self.target = target }

  package static var kind: OperationKind { .convert }
  package var attributes: String { "to: \(target)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    [operands[0].with(elementType: target)]
  }

  /// Integer targets have no tangent.
  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    [target.isFloatingPoint ? context.tangents[0]?.converted(to: target) : nil]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    [context.cotangents[0]?.converted(to: context.types[0].elementType)]
  }

  package func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let source = operands[0]
    if target.isFloatingPoint {
      return [ReferenceArray(results[0], reals: (0..<source.type.count).map(source.real))]
    }
    if source.type.elementType.isFloatingPoint {
      return [ReferenceArray(results[0], integers: source.reals.map { ReferenceArray.integer($0, target) })]
    }
    return [ReferenceArray(results[0], integers: source.integers)]
  }
}
