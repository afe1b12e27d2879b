import DescentGraph

extension Graph {
  /// The function cut in two: what can be computed before some of its inputs are known, and the rest.
  ///
  /// A linear map that is applied many times does its nonlinear part once this way.
  ///
  /// - Parameter later: The inputs that become known later.
  /// - Returns: A graph from the other inputs to intermediate values, and a graph from those values and the later inputs,
  ///   in the order in which they are named, to this graph's outputs.
  /// - Throws: `OperationError` where the inputs named do not exist.
  /// - Complexity: O(nodes).
  package func split(later: [Int]) throws(OperationError) -> (first: Graph, rest: Graph) {
    guard Set(later).count == later.count, later.allSatisfy(inputs.indices.contains) else {
      throw OperationError("split", "\(later) do not name different ones of \(inputs.count) inputs")
    }
    let (before, after) = (GraphBuilder(), GraphBuilder())
    var (early, late): ([[Symbol]], [[Symbol?]]) = ([], [])
    var waits = inputs.map { _ in false }
    for input in later { waits[input] = true }
    var isLate: [Bool] = []
    var given: [Int: Symbol] = [:]
    for input in inputs.indices where !waits[input] {
      given[input] = before.input(type(of: inputs[input]), name: nodes[inputs[input].node].operation.name)
    }
    // What the second graph takes from the first, in order.
    var passed: [Value] = []
    for node in nodes {
      let dependent = node.input.map { waits[$0.index] } ?? node.operands.contains { isLate[$0.node] }
      if dependent { for operand in node.operands where !isLate[operand.node] { passed.append(operand) } }
      isLate.append(dependent)
    }
    for output in outputs where !isLate[output.node] { passed.append(output) }
    var place: [Value: Symbol] = [:]
    var residuals: [Value] = []
    for value in passed where place[value] == nil && !isWrittenTwice(value) {
      place[value] = after.input(type(of: value))
      residuals.append(value)
    }
    for input in later { given[input] = after.input(type(of: inputs[input])) }
    for (index, node) in nodes.enumerated() {
      before.provenance = node.provenance
      after.provenance = node.provenance
      if let input = node.input {
        let symbols = [given[input.index]].compactMap { $0 }
        early.append(isLate[index] ? [] : symbols)
        late.append(isLate[index] ? symbols : node.types.indices.map { place[Value(node: index, result: $0)] })
      } else if isLate[index] {
        early.append([])
        late.append(after.emit(node.operation, node.operands.compactMap { late[$0.node][$0.result] }))
      } else {
        early.append(before.emit(node.operation, node.operands.map { early[$0.node][$0.result] }))
        late.append(
          isWrittenTwice(Value(node: index))
            ? after.emit(node.operation, []) : node.types.indices.map { place[Value(node: index, result: $0)] })
      }
    }
    let first = try before.graph(outputs: residuals.map { early[$0.node][$0.result] })
    return (first, try after.graph(outputs: outputs.compactMap { late[$0.node][$0.result] }))
  }

  /// What depends on nothing costs less to write again than to pass on.
  private func isWrittenTwice(_ value: Value) -> Bool {
    nodes[value.node].operands.isEmpty && nodes[value.node].kind != .input
  }
}
