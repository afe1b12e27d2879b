/// The same values, past which nothing is moved: every value after the barrier waits for all of those before it.
///
/// What is computed after it is not found equal to what was computed before it, is not computed together with it, and
/// does not leave a loop over it. Barriers of the same values are one. Named `optimization_barrier` in StableHLO.
///
/// Linear in all operands: derivatives in either direction pass a barrier of their own.
package struct Barrier: Operation {
  /// A barrier of however many values there are.
  package init() {}

  package static var kind: OperationKind { .barrier }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard !operands.isEmpty else { throw OperationError(name, "takes at least one value") }
    return operands
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { passed(context.tangents) }
  package func transposed(_ context: TransposeContext) -> [Symbol?] { passed(context.cotangents) }

  /// What there is of some values after a barrier.
  private func passed(_ values: [Symbol?]) -> [Symbol?] {
    let present = values.compactMap { $0 }
    guard let first = present.first else { return values }
    var results = first.builder.emit(self, present).makeIterator()
    return values.map { $0 == nil ? nil : results.next() }
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    zip(context.builder.emit(self, context.operands), context.isBatched).map { result, isBatched in
      isBatched ? result : result.broadcast(leading: context.size)
    }
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] { operands }
}
