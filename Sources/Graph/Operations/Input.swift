/// A value that the caller of a graph supplies.
package struct Input: Operation {
  /// Which argument.
  package let index: Int
  /// The argument's type.
  package let type: TensorType
  /// What printed graphs and errors call it; may be empty.
  package let name: String

  /// Declares an argument. Graphs are written through `GraphBuilder.input`.
  init(index: Int, type: TensorType, name: String) {
    self.index = index
    self.type = type
    self.name = name
  }

  package static var kind: OperationKind { .input }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [type] }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  package func batched(_ context: BatchContext) -> [Symbol] { [] }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] { [] }
}

/// What stands in a graph where a rule made a mistake; the builder refuses to finish such a graph.
struct Invalid: Operation {
  let type: TensorType
  static var kind: OperationKind { .internal }
  var name: String { "invalid" }

  func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    throw OperationError(name, "a rule made this node by mistake")
  }
  func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  func batched(_ context: BatchContext) -> [Symbol] { context.operands }
  func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    results.map { ReferenceArray($0, repeating: .nan) }
  }
}
