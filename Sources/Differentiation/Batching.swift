import DescentGraph

extension Graph {
  /// The function applied to many examples at once, side by side along a new leading axis.
  ///
  /// - Parameters:
  ///   - size: The number of examples.
  ///   - isBatched: Which inputs have the new axis; the others are shared by all examples.
  /// - Returns: A graph in which those inputs and every output have the new axis in front.
  /// - Throws: `OperationError` where the marks do not fit the inputs, or of an operation that cannot be mapped.
  /// - Complexity: O(nodes).
  package func batched(size: Int, isBatched: [Bool]) throws(OperationError) -> Graph {
    guard size >= 0, isBatched.count == inputs.count else {
      throw OperationError("batched", "\(size) examples and \(isBatched.count) marks for \(inputs.count) arguments")
    }
    let builder = GraphBuilder()
    let (values, hasAxis) = builder.batch(self, size: size, isBatched: isBatched)
    return try builder.graph(
      outputs: zip(values, hasAxis).map { $1 ? $0 : $0.broadcast(leading: size) })
  }
}

extension GraphBuilder {
  /// Writes a graph for many examples at once, its inputs included, into an empty builder.
  ///
  /// - Returns: The outputs, and which of them have the new axis.
  /// - Complexity: O(nodes).
  func batch(_ graph: Graph, size: Int, isBatched: [Bool]) -> (values: [Symbol], hasAxis: [Bool]) {
    var values: [[Symbol]] = []
    var hasAxis: [Bool] = []
    let arguments = graph.inputs.indices.map { index in
      let input = graph.inputs[index]
      let type = graph.type(of: input)
      let shape = isBatched[index] ? type.shape.prepending(size) : type.shape
      return self.input(type.with(shape: shape), name: graph.nodes[input.node].operation.name)
    }
    let place = provenance
    defer { provenance = place }
    for node in graph.nodes {
      provenance = node.provenance.within(place)
      if let input = node.input {
        values.append([arguments[input.index]])
        hasAxis.append(isBatched[input.index])
        continue
      }
      let operands = node.operands.map { values[$0.node].result($0.result) }
      let flags = node.operands.map { hasAxis[$0.node] }
      hasAxis.append(flags.contains(true))
      guard flags.contains(true) else {
        values.append(emit(node.operation, operands))
        continue
      }
      if size == 0 {
        // Of no examples there is nothing to compute, and rules need not divide by their number.
        values.append(node.types.map { constant(0, $0.with(shape: $0.shape.prepending(0))) })
        continue
      }
      let context = BatchContext(
        builder: self, operands: operands, isBatched: flags, size: size, transforms: Transforms())
      values.append(node.operation.batched(context))
    }
    return (
      graph.outputs.map { values[$0.node].result($0.result) }, graph.outputs.map { hasAxis[$0.node] }
    )
  }
}
