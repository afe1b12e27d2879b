/// Writes a graph node by node; equal nodes are made once.
///
/// Rules write through `emit`, which cannot throw: the first mistake is kept and thrown by `graph(outputs:)`, so that a
/// rule reads like the formula it stands for. A builder belongs to one thread at a time.
package final class GraphBuilder {
  /// The nodes written so far.
  package private(set) var nodes: [Node] = []
  /// The inputs declared so far.
  package private(set) var inputs: [Value] = []
  /// The first mistake made through `emit`.
  package private(set) var failure: OperationError?
  /// Where the nodes that are written next come from. Who copies a graph sets it for each of its nodes.
  package var provenance = Provenance()
  private var known = NodeTable()

  /// Creates an empty graph to write into.
  package init() {}

  /// Declares the next input.
  package func input(_ type: TensorType, name: String = "") -> Symbol {
    let operation = Input(index: inputs.count, type: type, name: name)
    nodes.append(Node(operation: operation, operands: [], types: [type]))
    let value = Value(node: nodes.count - 1)
    inputs.append(value)
    return Symbol(builder: self, value: value)
  }

  /// Applies an operation and returns its results.
  ///
  /// - Throws: the shape rule's error.
  /// - Complexity: O(operands), expected.
  package func add(_ operation: some Operation, _ operands: [Value]) throws(OperationError) -> [Symbol] {
    let hash = hash(of: operation, operands)
    let index = known.find(hash) { index in
      nodes[index].operands == operands && operation.isEqual(to: nodes[index].operation)
    }
    if let index { return results(of: index) }
    var types = try operation.checkedResultTypes(of: operands.map(type(of:)))
    // Most results are of the type of the operand; sharing the list keeps graphs small.
    if let known = operands.first.map({ nodes[$0.node].types }), known == types { types = known }
    nodes.append(Node(operation: operation, operands: operands, types: types, provenance: provenance))
    known.insert(nodes.count - 1, hash)
    return results(of: nodes.count - 1)
  }

  private func hash(of operation: some Operation, _ operands: [Value]) -> Int {
    var hasher = Hasher()
    hasher.combine(ObjectIdentifier(Swift.type(of: operation)))
    operation.hash(into: &hasher)
    for operand in operands {
      hasher.combine(operand.node)
      hasher.combine(operand.result)
    }
    return hasher.finalize()
  }

  /// Applies an operation from within a rule; a mistake is kept and stands in the way of `graph(outputs:)`.
  package func emit(_ operation: some Operation, _ operands: [Symbol]) -> [Symbol] {
    do throws(OperationError) {
      return try add(operation, operands.map(\.value))
    } catch {
      fail(error)
      let type = operands.first?.type ?? TensorType([], .float32)
      return invalid(type, count: (operation as? any GraphOperation)?.resultCount ?? 1)
    }
  }

  /// What stands for results that a mistake has made impossible.
  func invalid(_ type: TensorType = TensorType([], .float32), count: Int) -> [Symbol] {
    let types = [TensorType](repeating: type, count: count)
    nodes.append(Node(operation: Invalid(type: type), operands: [], types: types))
    return results(of: nodes.count - 1)
  }

  /// Keeps a mistake, unless an earlier one is kept already.
  package func fail(_ error: OperationError) { failure = failure ?? error }

  /// Copies a graph's nodes into this one, its inputs replaced by the given symbols, and returns its outputs.
  ///
  /// - Complexity: O(nodes).
  package func inline(_ graph: Graph, _ arguments: [Symbol]) -> [Symbol] {
    graph.written(into: self, arguments) { _, _, _ in nil }
  }

  /// Writes what comes from one place, and goes on with the one before.
  package func writing<Result, Failure: Error>(
    _ provenance: Provenance, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let before = self.provenance
    defer { self.provenance = before }
    self.provenance = provenance
    return try body()
  }

  /// The type of a value written so far.
  package func type(of value: Value) -> TensorType { nodes[value.node].types[value.result] }

  /// The finished graph: only what the outputs depend on, in the order written, with all inputs.
  ///
  /// - Throws: the first mistake made through `emit`.
  /// - Complexity: O(nodes).
  package func graph(outputs: [Symbol]) throws(OperationError) -> Graph {
    if let failure { throw failure }
    let whole = Graph(nodes: nodes, inputs: inputs, outputs: outputs.map(\.value))
    return whole.removingDeadNodes()
  }

  private func results(of index: Int) -> [Symbol] {
    nodes[index].types.indices.map { Symbol(builder: self, value: Value(node: index, result: $0)) }
  }
}

extension Graph {
  /// The graph without the nodes that no output needs. Inputs stay, needed or not. - Complexity: O(nodes).
  package func removingDeadNodes() -> Graph {
    var live = liveNodes()
    for input in inputs { live[input.node] = true }
    if live.allSatisfy({ $0 }) { return self }
    var position = [Int](repeating: -1, count: nodes.count)
    var kept: [Node] = []
    func moved(_ value: Value) -> Value { Value(node: position[value.node], result: value.result) }
    for (index, node) in nodes.enumerated() where live[index] {
      position[index] = kept.count
      let operands = node.operands.map(moved)
      kept.append(
        operands == node.operands
          ? node
          : Node(operation: node.operation, operands: operands, types: node.types, provenance: node.provenance))
    }
    return Graph(nodes: kept, inputs: inputs.map(moved), outputs: outputs.map(moved))
  }
}
