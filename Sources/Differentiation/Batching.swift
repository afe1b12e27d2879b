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
  public func batched(size: Int, isBatched: [Bool]) throws(OperationError) -> Graph {
    guard size >= 0, isBatched.count == inputs.count else {
      throw OperationError("batched", "\(size) examples and \(isBatched.count) marks for \(inputs.count) arguments")
    }
    let builder = GraphBuilder()
    var values: [[Symbol]] = []
    var hasAxis: [Bool] = []
    for input in inputs.indices {
      let type = type(of: inputs[input])
      let shape = isBatched[input] ? type.shape.prepending(size) : type.shape
      _ = builder.input(type.with(shape: shape), name: nodes[inputs[input].node].operation.name)
    }
    for node in nodes {
      if let input = node.operation as? Input {
        values.append([Symbol(builder: builder, value: builder.inputs[input.index])])
        hasAxis.append(isBatched[input.index])
        continue
      }
      let operands = node.operands.map { values[$0.node][$0.result] }
      let flags = node.operands.map { hasAxis[$0.node] }
      if flags.contains(true) {
        values.append(node.operation.batched(BatchContext(operands: operands, isBatched: flags, size: size)))
        hasAxis.append(true)
      } else {
        values.append(builder.emit(node.operation, operands))
        hasAxis.append(false)
      }
    }
    return try builder.graph(
      outputs: outputs.map { output in
        let symbol = values[output.node][output.result]
        return hasAxis[output.node] ? symbol : symbol.broadcast(leading: size)
      })
  }
}
