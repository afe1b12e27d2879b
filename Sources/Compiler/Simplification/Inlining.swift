import DescentGraph

extension Graph {
  /// The graph with the functions that are only called, or chosen once and for all, in place of their calls.
  ///
  /// Isolated calls stay: what they compute again must not be found equal to what was computed before.
  ///
  /// - Throws: `OperationError` where a function breaks a shape rule.
  /// - Complexity: O(nodes), those of the functions included.
  func inliningCalls() throws(OperationError) -> Graph {
    guard nodes.contains(where: { inlined($0) != nil }) else { return self }
    let builder = GraphBuilder()
    return try rewritten(into: builder) { _, node, values throws(OperationError) in
      guard let (body, first) = inlined(node) else { return nil }
      return builder.inline(try body.graph.inliningCalls(), node.operands[first...].map { values[$0] })
    }
  }

  /// The function that stands for a node, and which of the node's operands is its first argument.
  private func inlined(_ node: Node) -> (body: Body, first: Int)? {
    guard node.kind.holdsFunctions else { return nil }
    switch node.operation {
    case let call as Call: return call.isIsolated ? nil : (call.body, 0)
    case let custom as CustomDerivative: return (custom.body, 0)
    case let cond as Cond:
      if cond.branches.count == 1 { return (cond.branches[0], 1) }
      guard let index = nodes[node.operands[0].node].operation as? Constant else { return nil }
      let chosen = Int(ReferenceArray(index.literal).real(0))
      return (cond.branches[min(max(0, chosen), cond.branches.count - 1)], 1)
    default: return nil
    }
  }
}
