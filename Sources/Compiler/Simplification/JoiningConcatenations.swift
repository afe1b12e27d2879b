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
    return try rewritten(into: rewriter.builder) { index, node, values in
      // Nothing but a concatenation that takes the parts instead reads an inner one.
      if isInner[index] { return [] }
      let operands = node.kind == .concatenate ? parts(of: node, isInner) : node.operands
      return rewriter.write(node.operation, operands.map { values[$0] })
    }
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
