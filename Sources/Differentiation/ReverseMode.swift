import DescentGraph

/// The tangent of a parameter while its linear graph is written: a variable that only the transposition sees.
private struct LinearVariable: Operation {
  let index: Int
  let type: TensorType
  static var kind: OperationKind { .internal }
  var name: String { "linearVariable" }

  func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [type] }
  func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  func batched(_ context: BatchContext) -> [Symbol] { [] }
  func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    results.map { ReferenceArray($0, repeating: 0) }
  }
}

extension GraphBuilder {
  /// Writes a graph's values and, from the cotangents of its outputs, the cotangents of chosen arguments.
  ///
  /// The forward rules write the linear map from the arguments' tangents to the outputs' tangents; transposing that
  /// map, node by node from its end, is back-propagation.
  ///
  /// - Parameters:
  ///   - graph: The function.
  ///   - arguments: A value for each input.
  ///   - parameters: The inputs whose cotangents are wanted.
  ///   - cotangents: Called once with the outputs' values; gives each output's cotangent, `nil` standing for zero.
  /// - Returns: The outputs' values and, for each parameter, its cotangent, `nil` standing for zero.
  /// - Complexity: O(nodes).
  package func pullBack(
    _ graph: Graph, _ arguments: [Symbol], parameters: [Int], cotangents: ([Symbol]) -> [Symbol?]
  ) -> (values: [Symbol], cotangents: [Symbol?]) {
    let first = nodes.count
    var moving: [TensorType?] = arguments.map { _ in nil }
    for parameter in parameters { moving[parameter] = arguments[parameter].type }
    let tangents = linearVariables(of: moving)
    let (values, directions) = pushForward(graph, arguments, tangents: tangents, isLinearizing: true)
    let variables = parameters.map { tangents[$0] }
    var received: [Value: Symbol] = [:]
    for (direction, cotangent) in zip(directions, cotangents(values)) {
      if let direction, let cotangent { accumulate(cotangent, into: &received, at: direction.value) }
    }
    transpose(from: first, variables.compactMap { $0 }, &received)
    return (values, variables.map { $0.flatMap { received[$0.value] } })
  }

  /// Writes the transpose of a graph that is linear in some inputs.
  ///
  /// - Parameters:
  ///   - known: A value for each input, `nil` for those that the graph is linear in.
  ///   - cotangents: Each output's cotangent, `nil` standing for zero.
  /// - Returns: The cotangent of each linear input, in order, `nil` standing for zero.
  func transpose(_ graph: Graph, _ known: [Symbol?], cotangents: [Symbol?]) -> [Symbol?] {
    let first = nodes.count
    let variables = linearVariables(of: zip(graph.inputTypes, known).map { $1 == nil ? $0 : nil })
    let outputs = inline(graph, zip(known, variables).compactMap { $0 ?? $1 })
    var received: [Value: Symbol] = [:]
    for (output, cotangent) in zip(outputs, cotangents) {
      if let cotangent { accumulate(cotangent, into: &received, at: output.value) }
    }
    let linear = variables.compactMap { $0 }
    transpose(from: first, linear, &received)
    return linear.map { received[$0.value] }
  }

  /// Declares a linear variable for each type that is given.
  func linearVariables(of types: [TensorType?]) -> [Symbol?] {
    // Each carries the place at which it stands, so that no two of a builder are found equal.
    types.map { type in
      type.map { emit(LinearVariable(index: nodes.count, type: $0), [])[0] }
    }
  }

  /// For each node from `first` on, whether it depends on a linear variable. - Complexity: O(nodes).
  func linearNodes(from first: Int, _ variables: [Symbol]) -> [Bool] {
    var isLinear = [Bool](repeating: false, count: nodes.count - first)
    for variable in variables { isLinear[variable.value.node - first] = true }
    for index in first..<nodes.count {
      let depends = nodes[index].operands.contains { $0.node >= first && isLinear[$0.node - first] }
      if depends { isLinear[index - first] = true }
    }
    return isLinear
  }

  /// Sends cotangents from every linear node to its operands, last node first.
  private func transpose(from first: Int, _ variables: [Symbol], _ received: inout [Value: Symbol]) {
    let last = nodes.count
    let isLinear = linearNodes(from: first, variables)
    let place = provenance
    defer { provenance = place }
    func linear(_ value: Value) -> Bool { value.node >= first && isLinear[value.node - first] }
    for index in (first..<last).reversed() where isLinear[index - first] {
      let node = nodes[index]
      let cotangents = node.types.indices.map { received[Value(node: index, result: $0)] }
      guard !node.operands.isEmpty, cotangents.contains(where: { $0 != nil }) else { continue }
      provenance = node.provenance.within(place).ofDerivative
      let context = TransposeContext(
        builder: self,
        operands: node.operands.map { linear($0) ? nil : Symbol(builder: self, value: $0) },
        types: node.operands.map(type(of:)), cotangents: cotangents, transforms: Transforms())
      for (operand, cotangent) in zip(node.operands, node.operation.transposed(context)) where linear(operand) {
        if let cotangent { accumulate(cotangent, into: &received, at: operand) }
      }
    }
  }

  private func accumulate(_ cotangent: Symbol, into received: inout [Value: Symbol], at value: Value) {
    received[value] = received[value].map { $0 + cotangent } ?? cotangent
  }
}

extension Graph {
  /// The function with what its outputs' cotangents do to its parameters.
  ///
  /// - Parameter parameters: The inputs whose cotangents are wanted; they must be floating-point.
  /// - Returns: A graph that takes the inputs and a cotangent for each floating-point output, and gives the outputs and
  ///   the cotangent of each parameter.
  /// - Throws: `OperationError` where a parameter is not floating-point.
  package func vectorJacobianProduct(parameters: [Int]) throws(OperationError) -> Graph {
    try checkParameters(parameters)
    let builder = GraphBuilder()
    let arguments = copyInputs(to: builder)
    let (values, cotangents) = builder.pullBack(self, arguments, parameters: parameters) { values in
      values.map { $0.type.elementType.isFloatingPoint ? builder.input($0.type) : nil }
    }
    let results = zip(parameters, cotangents).map { parameter, cotangent in cotangent ?? arguments[parameter].zeros }
    return try builder.graph(outputs: values + results)
  }

  /// The function with the gradient of its first output, which must be one floating-point number.
  ///
  /// - Parameters:
  ///   - parameters: The inputs that the gradient is taken with respect to; they must be floating-point.
  ///   - name: The transform that was asked for, as errors name it.
  /// - Returns: A graph that takes the inputs and gives the outputs and the gradient with respect to each parameter.
  /// - Throws: `OperationError` where the first output is not a scalar or a parameter is not floating-point.
  package func gradient(parameters: [Int], as name: String = "gradient") throws(OperationError) -> Graph {
    try checkParameters(parameters)
    guard let loss = outputs.first.map(type(of:)) else {
      throw OperationError(name, "the function gives nothing")
    }
    guard loss.shape.rank == 0, loss.elementType.isFloatingPoint else {
      throw OperationError(
        name,
        "the function gives \(loss), not one floating-point number; sum or average it, or ask for a jacobian")
    }
    let builder = GraphBuilder()
    let arguments = copyInputs(to: builder)
    let (values, cotangents) = builder.pullBack(self, arguments, parameters: parameters) { values in
      values.indices.map { $0 == 0 ? values[0].constant(1) : nil }
    }
    let results = zip(parameters, cotangents).map { parameter, cotangent in cotangent ?? arguments[parameter].zeros }
    return try builder.graph(outputs: values + results)
  }
}
