/// One result of one node of a graph.
package struct Value: Sendable, Hashable {
  /// The position of the node in `Graph.nodes`.
  package var node: Int
  /// Which of the node's results.
  package var result: Int

  /// Names a node's result.
  package init(node: Int, result: Int = 0) {
    self.node = node
    self.result = result
  }
}

/// One application of an operation.
///
/// Graphs share their nodes, which never change: most transformations keep most of them.
package final class Node: Sendable {
  /// What is applied.
  package let operation: any Operation
  /// Which of all operations it is: a cheap question, where a cast asks the run time.
  package let kind: OperationKind
  /// Where it comes from, which is not part of what it means.
  package let provenance: Provenance
  /// What it is applied to; every operand's node stands earlier in the graph.
  package let operands: [Value]
  /// The types of the results.
  package let types: [TensorType]

  /// Applies an operation.
  package init(
    operation: any Operation, operands: [Value], types: [TensorType], provenance: Provenance = Provenance()
  ) {
    self.operation = operation
    self.provenance = provenance
    kind = Swift.type(of: operation).kind
    self.operands = operands
    self.types = types
  }

  /// The operation of an input.
  package var input: Input? { kind == .input ? operation as? Input : nil }
  /// The operation, where it holds functions.
  package var holder: (any GraphOperation)? { kind.holdsFunctions ? operation as? any GraphOperation : nil }
}

/// A function written down: nodes in an order in which operands come first, inputs and outputs.
///
/// A graph is plain data. Differentiation, batching and compilation read one and write another through a
/// `GraphBuilder`; `check()` is the specification that every one of them meets.
package struct Graph: Sendable {
  /// The nodes, operands before users.
  package var nodes: [Node]
  /// The values that a caller supplies; each is the result of an `Input` node.
  package var inputs: [Value]
  /// The values that a caller receives.
  package var outputs: [Value]

  /// Creates a graph from its parts.
  package init(nodes: [Node], inputs: [Value], outputs: [Value]) {
    self.nodes = nodes
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The type of a value.
  package func type(of value: Value) -> TensorType { nodes[value.node].types[value.result] }

  /// The types of the inputs.
  package var inputTypes: [TensorType] { inputs.map(type(of:)) }
  /// The types of the outputs.
  package var outputTypes: [TensorType] { outputs.map(type(of:)) }

  /// For each node, whether an output depends on it. - Complexity: O(nodes).
  package func liveNodes() -> [Bool] {
    var live = [Bool](repeating: false, count: nodes.count)
    for output in outputs { live[output.node] = true }
    for index in nodes.indices.reversed() where live[index] {
      for operand in nodes[index].operands { live[operand.node] = true }
    }
    return live
  }
}

extension Graph: Hashable {
  package static func == (a: Graph, b: Graph) -> Bool {
    guard a.nodes.count == b.nodes.count, a.inputs == b.inputs, a.outputs == b.outputs else { return false }
    return zip(a.nodes, b.nodes).allSatisfy { x, y in
      x === y || x.operands == y.operands && x.types == y.types && x.operation.isEqual(to: y.operation)
    }
  }

  package func hash(into hasher: inout Hasher) {
    for node in nodes {
      node.operation.hash(into: &hasher)
      hasher.combine(node.operands)
    }
    hasher.combine(outputs)
  }
}
