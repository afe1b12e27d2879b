/// Compares two tensors element by element, with booleans as result.
package struct Compare: Operation {
  /// Which relation is asked for.
  package enum Relation: String, Sendable, Hashable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  }

  /// The relation that is asked for.
  package let relation: Relation

  /// Asks for a relation.
  package init(_ relation: Relation) { self.relation = relation }

  package static var kind: OperationKind { .compare }
  package var name: String { relation.rawValue }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkAlike(operands)
    return [operands[0].with(elementType: .bool)]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let operands = context.allBatched
    return [operands[0].apply(self, operands[1])]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (a, b) = (operands[0], operands[1])
    let holds: [Bool]
    switch a.type.elementType {
    case .uint64:
      holds = zip(a.integers, b.integers).map { relate(UInt64(bitPattern: $0), UInt64(bitPattern: $1)) }
    case let type where type.isFloatingPoint: holds = zip(a.reals, b.reals).map { relate($0, $1) }
    default: holds = zip(a.integers, b.integers).map { relate($0, $1) }
    }
    return [ReferenceArray(results[0], integers: holds.map { $0 ? 1 : 0 })]
  }

  private func relate<T: Comparable>(_ x: T, _ y: T) -> Bool {
    switch relation {
    case .equal: x == y
    case .notEqual: x != y
    case .less: x < y
    case .lessOrEqual: x <= y
    case .greater: x > y
    case .greaterOrEqual: x >= y
    }
  }
}
