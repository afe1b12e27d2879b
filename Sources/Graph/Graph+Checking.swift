extension Graph {
  /// Checks what every graph promises: operands stand before users, the types are those of the shape rules, inputs are
  /// `Input` nodes in order, no invalid node is left, and the functions that operations hold promise the same.
  ///
  /// - Throws: `OperationError` that names the first node at fault.
  /// - Complexity: O(nodes).
  package func check() throws(OperationError) {
    for (index, node) in nodes.enumerated() {
      for operand in node.operands {
        guard operand.node >= 0, operand.node < index else {
          throw OperationError(
            node.operation.name, "node %\(index) uses %\(operand.node), which does not come before it")
        }
        guard nodes[operand.node].types.indices.contains(operand.result) else {
          throw OperationError(node.operation.name, "node %\(index) uses result \(operand.result) of %\(operand.node)")
        }
      }
      if let holder = node.holder {
        for body in holder.bodies { try body.graph.check() }
      }
      let types = try node.operation.checkedResultTypes(of: node.operands.map(type(of:)))
      guard types == node.types else {
        throw OperationError(node.operation.name, "node %\(index) claims \(node.types), its shape rule says \(types)")
      }
    }
    for (index, input) in inputs.enumerated() {
      guard nodes.indices.contains(input.node), let operation = nodes[input.node].input,
        operation.index == index
      else { throw OperationError("graph", "input \(index) is not the input node of that number") }
    }
    for output in outputs {
      guard nodes.indices.contains(output.node), nodes[output.node].types.indices.contains(output.result) else {
        throw OperationError("graph", "an output names %\(output.node), which does not exist")
      }
    }
  }
}
