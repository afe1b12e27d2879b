extension Graph {
  /// Evaluates the graph node by node with the operations' reference evaluations.
  ///
  /// This is the oracle that compiled plans are tested against; it keeps floating-point values in Float64 throughout.
  ///
  /// - Throws: `OperationError` where the arguments do not fit the inputs.
  package func evaluate(_ arguments: [ReferenceArray]) throws(OperationError) -> [ReferenceArray] {
    guard arguments.map(\.type) == inputTypes else {
      throw OperationError("evaluate", "the graph takes \(inputTypes), not \(arguments.map(\.type))")
    }
    return evaluated(arguments)
  }

  /// The outputs for arguments of the right types.
  func evaluated(_ arguments: [ReferenceArray]) -> [ReferenceArray] {
    var values: [[ReferenceArray]] = []
    values.reserveCapacity(nodes.count)
    for node in nodes {
      if let input = node.input {
        values.append([arguments[input.index]])
      } else {
        values.append(node.operation.evaluate(node.operands.map { values[$0.node][$0.result] }, node.types))
      }
    }
    return outputs.map { values[$0.node][$0.result] }
  }
}
