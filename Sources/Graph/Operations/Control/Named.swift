/// The same value under a name, by which a checkpointed function can be told to keep it.
package struct Named: Operation {
  /// The name.
  package let label: String

  /// Names a value.
  package init(_ label: String) { self.label = label }

  package static var kind: OperationKind { .named }
  package var attributes: String { label }
  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [operands[0]] }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [context.tangents[0]] }
  package func transposed(_ context: TransposeContext) -> [Symbol?] { [context.cotangents[0]] }
  package func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] { operands }
}
