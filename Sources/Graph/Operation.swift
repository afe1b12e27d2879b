/// A primitive operation: everything that mathematics says of it, in one place.
///
/// A type that conforms holds the operation's parameters (axes, strides, …) and answers for its shape rule, its
/// derivative in forward mode, its transpose where it is linear, how it maps over a further axis, and its value, in
/// Float64 and obviously right. Backends add their lowering to the same type in their own module.
///
/// Reverse mode needs no rule of its own: it is the transpose of the linear graph that the forward rules write
/// (Radul et al., "You Only Linearize Once", 2022).
package protocol Operation: Sendable, Hashable {
  /// Which of all operations this is.
  static var kind: OperationKind { get }

  /// The name as the user knows it, used in errors and printed graphs; the kind's own unless a parameter decides.
  var name: String { get }

  /// The parameters as printed after the name; empty where there are none.
  var attributes: String { get }

  /// The shape rule: the types of the results, from the types of the operands.
  ///
  /// - Throws: `OperationError` that says what was asked and what was found.
  func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType]

  /// The forward rule: the tangent of each result, `nil` standing for zero.
  ///
  /// Called only where at least one operand has a tangent.
  func tangents(_ context: ForwardContext) -> [Symbol?]

  /// The results together with their tangents.
  ///
  /// Applies the operation and asks `tangents`, unless the operation knows better: one that holds functions computes
  /// both at once, or keeps what the transpose of the tangents will read.
  func linked(_ context: LinkedContext) -> (results: [Symbol], tangents: [Symbol?])

  /// The transpose: what each linear operand receives from the results' cotangents, `nil` standing for zero.
  ///
  /// Called only for operations that are linear in the operands marked so by the context.
  func transposed(_ context: TransposeContext) -> [Symbol?]

  /// The batching rule: the results with a new leading axis, where some operands have one.
  ///
  /// Called only where at least one operand has the axis.
  func batched(_ context: BatchContext) -> [Symbol]

  /// The reference evaluation, which tests hold compiled plans against.
  func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray]
}

extension Operation {
  /// The kind's name.
  package var name: String { Self.kind.rawValue }

  /// No parameters.
  package var attributes: String { "" }

  /// Not linear in any operand: no cotangent flows.
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    context.builder.fail(OperationError(name, "is not linear, so it has no transpose"))
    return context.operands.map { _ in nil }
  }

  func isEqual(to other: any Operation) -> Bool { (other as? Self) == self }
}

/// What a forward rule works with.
package struct ForwardContext {
  /// The operands' values.
  package let operands: [Symbol]
  /// The results' values.
  package let results: [Symbol]
  /// The operands' tangents, `nil` standing for zero.
  package let tangents: [Symbol?]

  /// Creates the context of one node.
  package init(operands: [Symbol], results: [Symbol], tangents: [Symbol?]) {
    self.operands = operands
    self.results = results
    self.tangents = tangents
  }
}

/// What a transpose rule works with.
package struct TransposeContext {
  /// The builder to write into.
  package let builder: GraphBuilder
  /// The operands' values; `nil` marks an operand in which the operation is linear and whose value is unknown.
  package let operands: [Symbol?]
  /// The operands' types.
  package let types: [TensorType]
  /// The results' cotangents, `nil` standing for zero.
  package let cotangents: [Symbol?]
  /// What can be done to functions that the operation holds.
  package let transforms: any GraphTransforms

  /// Creates the context of one node.
  package init(
    builder: GraphBuilder, operands: [Symbol?], types: [TensorType], cotangents: [Symbol?],
    transforms: any GraphTransforms
  ) {
    self.builder = builder
    self.operands = operands
    self.types = types
    self.cotangents = cotangents
    self.transforms = transforms
  }

  /// Whether the operation is to be transposed with respect to operand `index`.
  package func isLinear(_ index: Int) -> Bool { operands[index] == nil }
}

/// What a batching rule works with.
package struct BatchContext {
  /// The operands; those marked in `isBatched` have the new axis in front.
  package let operands: [Symbol]
  /// Which operands have the new axis.
  package let isBatched: [Bool]
  /// The size of the new axis.
  package let size: Int
  /// The builder to write into.
  package let builder: GraphBuilder
  /// What can be done to functions that the operation holds.
  package let transforms: any GraphTransforms

  /// Creates the context of one node.
  package init(
    builder: GraphBuilder, operands: [Symbol], isBatched: [Bool], size: Int, transforms: any GraphTransforms
  ) {
    self.builder = builder
    self.transforms = transforms
    self.operands = operands
    self.isBatched = isBatched
    self.size = size
  }

  /// Operand `index` with the new axis in front, broadcast where it has none.
  package func batched(_ index: Int) -> Symbol {
    isBatched[index] ? operands[index] : operands[index].broadcast(leading: size)
  }

  /// All operands with the new axis in front.
  package var allBatched: [Symbol] { operands.indices.map(batched) }
}
