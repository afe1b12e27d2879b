extension Graph: CustomStringConvertible {
  /// The graph as text, one node a line: `%3 = add %1, %2 : float32[4]`; functions that a node holds stand below it,
  /// indented.
  package var description: String {
    let parameters = inputs.map { "\(label($0)): \(type(of: $0))" }.joined(separator: ", ")
    var lines = ["graph(\(parameters)) {"]
    for (index, node) in nodes.enumerated() where node.kind != .input {
      let results = node.types.indices.map { label(Value(node: index, result: $0)) }.joined(separator: ", ")
      let operands = node.operands.map(label).joined(separator: ", ")
      let attributes = node.operation.attributes
      var line = "  \(results) = \(node.operation.name)"
      if !attributes.isEmpty { line += "(\(attributes))" }
      if !operands.isEmpty { line += " \(operands)" }
      lines.append(line + " : " + node.types.map(\.description).joined(separator: ", "))
      guard let holder = node.holder else { continue }
      for body in holder.bodies {
        lines += body.graph.description.split(separator: "\n").map { "    " + $0 }
      }
    }
    lines.append("  return " + outputs.map(label).joined(separator: ", "))
    lines.append("}")
    return lines.joined(separator: "\n")
  }

  private func label(_ value: Value) -> String {
    let node = nodes[value.node]
    if let input = node.input, !input.name.isEmpty { return input.name }
    return node.types.count > 1 ? "%\(value.node).\(value.result)" : "%\(value.node)"
  }
}
