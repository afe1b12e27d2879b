import DescentGraph

extension Graph {
  /// Puts concatenations that are only read by another one along the same axis together with it, so that a list that
  /// grew part by part is written once.
  ///
  /// - Complexity: O(nodes).
  func joiningConcatenations() throws(OperationError) -> Graph {
    let isInner = innerConcatenations()
    guard isInner.contains(true) else { return self }
    let rewriter = Rewriter(Rule.views)
    var values: [[Symbol]] = []
    let inputs = inputs.map { value in
      rewriter.builder.input(type(of: value), name: nodes[value.node].input?.name ?? "")
    }
    for (index, node) in nodes.enumerated() {
      if let input = node.input {
        values.append([inputs[input.index]])
      } else if isInner[index] {
        // Nothing but a concatenation that takes the parts instead reads it.
        values.append([])
      } else {
        let operands = node.kind == .concatenate ? parts(of: node, isInner) : node.operands
        values.append(rewriter.write(node.operation, operands.map { values[$0.node][$0.result] }))
      }
    }
    return try rewriter.builder.graph(outputs: outputs.map { values[$0.node][$0.result] })
  }

  /// For each node, whether it is a concatenation that is read once, by another one along the same axis.
  private func innerConcatenations() -> [Bool] {
    var readCounts = [Int](repeating: 0, count: nodes.count)
    var isInner = [Bool](repeating: false, count: nodes.count)
    for output in outputs { readCounts[output.node] += 1 }
    for node in nodes { for operand in node.operands { readCounts[operand.node] += 1 } }
    for node in nodes {
      guard node.kind == .concatenate, let outer = node.operation as? Concatenate else { continue }
      for operand in node.operands where readCounts[operand.node] == 1 {
        isInner[operand.node] = nodes[operand.node].operation as? Concatenate == outer
      }
    }
    return isInner
  }

  /// The operands of a concatenation, those of inner ones in their place.
  private func parts(of node: Node, _ isInner: [Bool]) -> [Value] {
    var parts: [Value] = []
    var open = Array(node.operands.reversed())
    while let value = open.popLast() {
      if isInner[value.node] { open += nodes[value.node].operands.reversed() } else { parts.append(value) }
    }
    return parts
  }
}
