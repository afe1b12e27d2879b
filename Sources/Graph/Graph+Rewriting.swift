extension Graph {
  /// Writes the graph anew, node by node, operands first: the one loop of the passes that change some of the nodes.
  /// What is written in a node's place has its provenance.
  ///
  /// - Parameters:
  ///   - builder: What it is written into.
  ///   - write: Gives what stands for a node's results, from the node's place, the node, and what stands for the values
  ///     before it; `nil` for the node as it is. What nothing reads any more may be an empty list.
  /// - Returns: A graph with the same inputs.
  /// - Throws: `OperationError` where something that was written breaks a shape rule.
  /// - Complexity: O(nodes).
  package func rewritten(
    into builder: GraphBuilder = GraphBuilder(),
    _ write: (_ index: Int, _ node: Node, _ values: ResultList<Symbol>) throws(OperationError) -> [Symbol]?
  ) throws(OperationError) -> Graph {
    let arguments = inputs.map { builder.input(type(of: $0), name: nodes[$0.node].input?.name ?? "") }
    return try builder.graph(outputs: try written(into: builder, arguments, write))
  }

  /// Writes the graph's nodes with other symbols in place of its inputs, and gives its outputs; see `rewritten(into:_:)`.
  package func written<Failure: Error>(
    into builder: GraphBuilder, _ arguments: [Symbol],
    _ write: (_ index: Int, _ node: Node, _ values: ResultList<Symbol>) throws(Failure) -> [Symbol]?
  ) throws(Failure) -> [Symbol] {
    let place = builder.provenance
    defer { builder.provenance = place }
    var values = ResultList<Symbol>(capacity: nodes.count)
    for (index, node) in nodes.enumerated() {
      builder.provenance = node.provenance.within(place)
      if let input = node.input {
        values.append(arguments[input.index])
      } else if let results = try write(index, node, values) {
        values.append(results)
      } else {
        values.append(builder.emit(node.operation, node.operands.map { values[$0] }))
      }
    }
    return outputs.map { values[$0] }
  }
}
