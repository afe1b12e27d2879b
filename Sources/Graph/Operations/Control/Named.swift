/// The same value under a name, by which a checkpointed function can be told to keep it.
public struct Named: Operation {
  /// The name.
  public let label: String

  /// Names a value.
  public init(_ label: String) { self.label = label }

  public static var kind: OperationKind { .named }
  public var attributes: String { label }
  public func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [operands[0]] }
  public func tangents(_ context: ForwardContext) -> [Symbol?] { [context.tangents[0]] }
  public func transposed(_ context: TransposeContext) -> [Symbol?] { [context.cotangents[0]] }
  public func batched(_ context: BatchContext) -> [Symbol] { [context.operands[0].apply(self)] }
  public func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] { operands }
}
