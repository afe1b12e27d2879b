import DescentGraph

extension Graph {
  /// The derivative of the first output in each parameter, by batching one pass: forward where the parameters have no
  /// more elements than the output, else reverse.
  ///
  /// - Parameter parameters: The inputs that move; they must be floating-point.
  /// - Returns: A graph that takes the inputs and gives, for each parameter, `[output's shape…, parameter's shape…]` in
  ///   the parameter's element type.
  /// - Throws: `OperationError` where the output or a parameter is not floating-point, or the sizes overflow.
  /// - Complexity: the time and memory of as many passes as the smaller side has elements.
  package func jacobian(parameters: [Int]) throws(OperationError) -> Graph {
    try checkParameters(parameters)
    guard let output = outputs.first.map(type(of:)) else {
      throw OperationError("jacobian", "the function gives nothing")
    }
    guard output.elementType.isFloatingPoint else {
      throw OperationError("jacobian", "the function gives \(output); only floating-point tensors have derivatives")
    }
    var single = self
    single.outputs = [outputs[0]]
    single = single.removingDeadNodes()
    let types = parameters.map { type(of: inputs[$0]) }
    let columns = try totalCount(types)
    return columns <= output.count
      ? try single.forwardJacobian(parameters, types, columns, output)
      : try single.reverseJacobian(parameters, types, output)
  }

  private func forwardJacobian(
    _ parameters: [Int], _ types: [TensorType], _ columns: Int, _ output: TensorType
  ) throws(OperationError) -> Graph {
    var push = try jacobianVectorProduct(parameters: parameters)
    push.outputs.removeFirst()
    let (builder, outputs) = try push.removingDeadNodes().batched(overUnitsOf: types, columns)
    // [columns, output…] with the columns moved after the output's axes.
    let derivative = outputs[0].transposed(Array(1..<outputs[0].shape.rank) + [0])
    var results: [Symbol] = []
    var start = 0
    for type in types {
      let part = derivative.sliced(start..<start + type.count, axis: output.rank)
      results.append(part.reshaped(Shape(output.shape.sizes + type.shape.sizes)).converted(to: type.elementType))
      start += type.count
    }
    return try builder.graph(outputs: results)
  }

  private func reverseJacobian(
    _ parameters: [Int], _ types: [TensorType], _ output: TensorType
  ) throws(OperationError) -> Graph {
    var pull = try vectorJacobianProduct(parameters: parameters)
    pull.outputs.removeFirst()
    let (builder, outputs) = try pull.removingDeadNodes().batched(overUnitsOf: [output], output.count)
    return try builder.graph(
      outputs: zip(outputs, types).map { $0.reshaped(Shape(output.shape.sizes + $1.shape.sizes)) })
  }

  /// The second derivatives of the first output, which must be one floating-point number: forward over reverse, batched.
  ///
  /// - Parameter parameters: The inputs that move; they must be floating-point.
  /// - Returns: A graph that takes the inputs and gives, row by row, for each two parameters the block
  ///   `[row parameter's shape…, column parameter's shape…]`.
  /// - Throws: `OperationError` where the first output is not a scalar, a parameter is not floating-point, or the sizes
  ///   overflow.
  /// - Complexity: the time and memory of as many gradients as the parameters have elements.
  package func hessian(parameters: [Int]) throws(OperationError) -> Graph {
    let types = parameters.map { type(of: inputs[$0]) }
    let count = try totalCount(types)
    let push = try hessianVectorProduct(parameters: parameters, as: "hessian")
    let (builder, outputs) = try push.batched(overUnitsOf: types, count)
    var blocks: [Symbol] = []
    var start = 0
    for row in types {
      for (output, column) in zip(outputs, types) {
        let part = output.sliced(start..<start + row.count, axis: 0)
        blocks.append(part.reshaped(Shape(row.shape.sizes + column.shape.sizes)))
      }
      start += row.count
    }
    return try builder.graph(outputs: blocks)
  }

  /// The derivative of the gradient of the first output along a direction: forward over reverse.
  ///
  /// - Parameters:
  ///   - parameters: The inputs that move; they must be floating-point.
  ///   - name: The transform that was asked for, as errors name it.
  /// - Returns: A graph that takes the inputs and a tangent for each parameter, and gives the product of the matrix of
  ///   second derivatives with the tangents, part by part.
  /// - Throws: `OperationError` where the first output is not a scalar or a parameter is not floating-point.
  /// - Complexity: O(nodes).
  package func hessianVectorProduct(
    parameters: [Int], as name: String = "hessianVectorProduct"
  ) throws(OperationError) -> Graph {
    var slope = try gradient(parameters: parameters, as: name)
    slope.outputs.removeFirst(outputs.count)
    var push = try slope.removingDeadNodes().jacobianVectorProduct(parameters: parameters)
    push.outputs.removeFirst(parameters.count)
    return push.removingDeadNodes()
  }

  /// This graph, whose last inputs are directions of the given types, applied to every unit vector of them at once.
  private func batched(
    overUnitsOf types: [TensorType], _ count: Int
  ) throws(OperationError) -> (builder: GraphBuilder, outputs: [Symbol]) {
    let builder = GraphBuilder()
    let fixed = inputs.count - types.count
    let arguments = inputs.prefix(fixed).map { builder.input(type(of: $0), name: nodes[$0.node].operation.name) }
    guard count > 0 else {
      let empty = outputTypes.map { $0.with(shape: $0.shape.prepending(0)) }
      return (builder, empty.map { builder.constant(0, $0) })
    }
    var units: [Symbol] = []
    var start = 0
    for type in types {
      units.append(builder.units(type, offset: start, count: count))
      start += type.count
    }
    let isBatched = inputs.indices.map { $0 >= fixed }
    let whole = try batched(size: count, isBatched: isBatched)
    return (builder, builder.inline(whole, arguments + units))
  }

  private func totalCount(_ types: [TensorType]) throws(OperationError) -> Int {
    var total = 0
    for type in types {
      let (sum, overflow) = total.addingReportingOverflow(type.count)
      if overflow { throw OperationError("jacobian", "the parameters have more elements than can be counted") }
      total = sum
    }
    return total
  }
}

extension GraphBuilder {
  /// `[count, shape…]`: row `offset + i` has a one at element `i` and zeros elsewhere, all other rows are zero.
  fileprivate func units(_ type: TensorType, offset: Int, count: Int) -> Symbol {
    let matrix = TensorType([count, type.count], .int64)
    let rows = emit(Iota(type: matrix, axis: 0), [])[0]
    let columns = emit(Iota(type: matrix, axis: 1), [])[0] + Double(offset)
    return rows.equals(columns).converted(to: type.elementType).reshaped(type.shape.prepending(count))
  }
}

extension Symbol {
  /// The part with indices `range` along an axis.
  fileprivate func sliced(_ range: Range<Int>, axis: Int) -> Symbol {
    var (starts, limits) = (shape.map { _ in 0 }, shape.sizes)
    (starts[axis], limits[axis]) = (range.lowerBound, range.upperBound)
    return starts.allSatisfy { $0 == 0 } && limits == shape.sizes ? self : apply(Slice(starts: starts, limits: limits))
  }
}
