import DescentGraph

extension GraphBuilder {
  /// Writes a graph's values together with their tangents.
  ///
  /// - Parameters:
  ///   - graph: The function.
  ///   - arguments: A value for each input.
  ///   - tangents: A tangent for each input, `nil` standing for zero.
  ///   - isLinearizing: Whether the tangents will be transposed.
  /// - Returns: For each output its value and its tangent, `nil` standing for zero.
  /// - Complexity: O(nodes).
  package func pushForward(
    _ graph: Graph, _ arguments: [Symbol], tangents: [Symbol?], isLinearizing: Bool = false
  ) -> (values: [Symbol], tangents: [Symbol?]) {
    var values = ResultList<Symbol>(capacity: graph.nodes.count)
    var directions = ResultList<Symbol?>(capacity: graph.nodes.count)
    let place = provenance
    defer { provenance = place }
    for node in graph.nodes {
      provenance = node.provenance.within(place)
      if let input = node.input {
        values.append(arguments[input.index])
        directions.append(tangents[input.index])
        continue
      }
      let operands = node.operands.map { values[$0] }
      let operandTangents = node.operands.map { directions[$0] }
      guard operandTangents.contains(where: { $0 != nil }) else {
        let results = emit(node.operation, operands)
        values.append(results)
        directions.append(results.map { _ in nil })
        continue
      }
      let (results, tangents) = node.operation.linked(
        LinkedContext(
          builder: self, operands: operands, tangents: operandTangents, isLinearizing: isLinearizing,
          transforms: Transforms()))
      values.append(results)
      directions.append(tangents)
    }
    return (graph.outputs.map { values[$0] }, graph.outputs.map { directions[$0] })
  }
}

extension Array {
  /// One of a node's results; a node that could not be written has one for all of them.
  func result(_ index: Int) -> Element { self[Swift.min(index, count - 1)] }
}

extension Graph {
  /// The function with its derivative along a direction.
  ///
  /// - Parameter parameters: The inputs that move; they must be floating-point.
  /// - Returns: A graph that takes the inputs and a tangent for each parameter, and gives the outputs and the tangent of
  ///   each floating-point output.
  /// - Throws: `OperationError` where a parameter is not floating-point.
  package func jacobianVectorProduct(parameters: [Int]) throws(OperationError) -> Graph {
    try checkParameters(parameters)
    let builder = GraphBuilder()
    let arguments = copyInputs(to: builder)
    var tangents: [Symbol?] = inputs.map { _ in nil }
    for parameter in parameters { tangents[parameter] = builder.input(arguments[parameter].type) }
    let (values, directions) = builder.pushForward(self, arguments, tangents: tangents)
    let moving = zip(values, directions).filter { $0.0.type.elementType.isFloatingPoint }
    return try builder.graph(outputs: values + moving.map { value, direction in direction ?? value.zeros })
  }

  /// Declares this graph's inputs in a builder, in order and under their names.
  func copyInputs(to builder: GraphBuilder) -> [Symbol] {
    inputs.map { builder.input(type(of: $0), name: nodes[$0.node].operation.name) }
  }

  func checkParameters(_ parameters: [Int]) throws(OperationError) {
    guard Set(parameters).count == parameters.count, parameters.allSatisfy(inputs.indices.contains) else {
      throw OperationError(
        "derivative", "the parameters \(parameters) do not name different ones of \(inputs.count) arguments")
    }
    for parameter in parameters {
      let elementType = type(of: inputs[parameter]).elementType
      guard elementType.isFloatingPoint else {
        throw OperationError(
          "derivative", "argument \(parameter + 1) is \(elementType); only floating-point tensors have derivatives")
      }
    }
  }
}
