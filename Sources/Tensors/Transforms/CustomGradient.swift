import DescentGraph

/// The value of a function with a derivative of one's own, as a rule for reverse mode.
///
/// ```swift
/// let y = try customGradient(x) { x in
///   let y = exp(x)
///   return (y, y)
/// } backward: { y, cotangent in cotangent.clamped(-1, 1) * y }
/// ```
///
/// - Parameters:
///   - arguments: Tensors, models, or arrays, dictionaries and optionals of them. What is to have a gradient must be
///     among them.
///   - forward: Gives the function's value and whatever the backward rule reads.
///   - backward: Gives the cotangent of each argument, from what `forward` left and the value's cotangent. Those of
///     integers and booleans are not looked at.
/// - Returns: The function's value.
/// - Throws: `TensorError` where cotangents do not fit the arguments, or of a mistake within a rule. Forward mode through
///   the function is an error; `customGradient(_:value:tangent:)` serves both.
public func customGradient<each Argument: Codable, Residuals: Codable>(
  _ arguments: repeat each Argument, forward: (repeat each Argument) throws -> (value: Tensor, residuals: Residuals),
  backward: (Residuals, Tensor) throws -> (repeat each Argument)
) throws -> Tensor {
  let ahead = try RecordedFunction(try ArgumentList(repeat each arguments), reporting: .handedOn) { inside in
    let (value, residuals) = try forward(repeat try inside.next((each Argument).self))
    return try ArgumentList(value, residuals)
  }
  ahead.recordReports()
  let value = ahead.results[0..<1]
  let back = try RecordedFunction(ahead.results[1..<2] + value, reporting: .leftOut) { inside in
    let gradients = try backward(try inside.next(Residuals.self), try inside.next(Tensor.self))
    return try ArgumentList(repeat each gradients)
  }
  try ahead.arguments.checkCotangents(back.results)
  let captured = CapturedUnion([ahead, back])
  let (operands, residualCount) = (ahead.arguments.tensors, ahead.results.tensors.count - 1)
  let body = try captured.body(of: ahead)
  return try derived { () throws(OperationError) in
    let types = body.inputTypes
    let primal = try Body.write(types) { builder, inputs throws(OperationError) in
      [builder.inline(body.graph, inputs)[0]]
    }
    // What the backward rule takes from outside is left for it as well.
    let leaving = try Body.write(types) { builder, inputs throws(OperationError) in
      builder.inline(body.graph, inputs) + captured.own(of: back, among: Array(inputs[operands.count...]))
    }
    let floating = operands.indices.filter { operands[$0].elementType.isFloatingPoint }
    let receiving = try Body.write(leaving.outputTypes[1...] + primal.outputTypes) {
      builder, inputs throws(OperationError) in
      let (residuals, outside) = (inputs[..<residualCount], inputs[residualCount..<inputs.count - 1])
      let cotangents = builder.inline(back.trace.graph, residuals + inputs.suffix(1) + outside)
      return floating.map { cotangents[$0] }
    }
    return CustomDerivative(
      primal, .reverse(forward: leaving, backward: receiving), argumentCount: operands.count)
  }.recorded(on: operands + captured.tensors)
}

/// The value of a function with a derivative of one's own, as a rule for tangents, which serves forward and reverse
/// mode alike.
///
/// - Parameters:
///   - argument: A tensor, a model, or an array, dictionary or optional of them. What is to have a gradient must be in
///     it.
///   - value: Gives the function's value.
///   - tangent: Gives the value's tangent, from the argument and its tangent, in which it must be linear.
/// - Returns: The function's value.
/// - Throws: `TensorError` where the tangent does not fit the value, or of a mistake within a rule.
public func customGradient<Argument: Codable>(
  _ argument: Argument, value: (Argument) throws -> Tensor, tangent: (Argument, Argument) throws -> Tensor
) throws -> Tensor {
  let list = try ArgumentList(argument)
  let function = try RecordedFunction(list, reporting: .handedOn) { inside in
    try ArgumentList(try value(try inside.next(Argument.self)))
  }
  function.recordReports()
  let derivative = try RecordedFunction(list + list, reporting: .leftOut) { inside in
    let point = try inside.next(Argument.self)
    return try ArgumentList(try tangent(point, try inside.next(Argument.self)))
  }
  try function.results.checkSameForm(
    derivative.results, "the value", ("comes from the function", "comes from the tangent rule"), in: "customGradient")
  let captured = CapturedUnion([function, derivative])
  let (operands, count) = (list.tensors, list.tensors.count)
  let body = try captured.body(of: function)
  let whole = try captured.body(of: derivative)
  return try derived { () throws(OperationError) in
    let floating = operands.indices.filter { operands[$0].elementType.isFloatingPoint }
    let tangents = try Body.write(body.inputTypes + floating.map { operands[$0].type }) {
      builder, inputs throws(OperationError) in
      var directions = inputs[body.inputTypes.count...]
      let all = operands.indices.map { index in
        operands[index].elementType.isFloatingPoint
          ? directions.removeFirst() : builder.constant(0, operands[index].type)
      }
      return builder.inline(whole.graph, inputs[..<count] + all + inputs[count..<body.inputTypes.count])
    }
    return CustomDerivative(body, .forward(tangents), argumentCount: count)
  }.recorded(on: operands + captured.tensors)
}

extension CustomDerivative {
  fileprivate func recorded(on operands: [Tensor]) throws -> Tensor { try Tensor.recorded(self, operands)[0] }
}

extension ArgumentList {
  /// Refuses cotangents that are not of the arguments' types.
  fileprivate func checkCotangents(_ cotangents: ArgumentList) throws {
    let (own, given) = (tensors, cotangents.tensors)
    guard own.count == given.count else {
      throw TensorError(
        "customGradient", "the backward rule gives \(given.count) tensors for arguments of \(own.count)")
    }
    for (title, (argument, cotangent)) in zip(titles("argument"), zip(own, given)) {
      guard argument.elementType.isFloatingPoint, argument.type != cotangent.type else { continue }
      throw TensorError(
        "customGradient", "the backward rule gives \(cotangent.type) for \(title), which is \(argument.type)")
    }
  }
}
