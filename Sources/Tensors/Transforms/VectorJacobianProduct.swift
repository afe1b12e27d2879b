import DescentDifferentiation
import DescentGraph

/// The value of a function, and what a cotangent of its result becomes in its arguments: back-propagation from any
/// result, not from one number alone.
///
/// - Parameters:
///   - arguments: Where the derivative is taken: tensors, models, or arrays, dictionaries and optionals of them.
///   - cotangent: A weight for each number of the result, in the result's form.
///   - function: Gives a tensor, or anything that holds tensors.
/// - Returns: The value, and the cotangent of each argument. Tensors that cannot move have zeros.
/// - Throws: `TensorError` of a mistake within the function, where nothing can be differentiated, or where the cotangent
///   does not have the result's form.
public func vectorJacobianProduct<each Argument: Codable, Result: Codable>(
  at arguments: repeat each Argument, cotangent: Result, of function: (repeat each Argument) throws -> Result
) throws -> (value: Result, cotangents: (repeat each Argument)) {
  let name = "vectorJacobianProduct"
  let recorded = try RecordedFunction(ArgumentList(repeat each arguments), reporting: .handedOnToTrainer(in: name)) {
    inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  try recorded.checkMoving(name)
  try recorded.checkResults(name)
  let weights = try recorded.results.matched(by: ArgumentList(cotangent), as: "cotangent", in: name)
  let graph = try derived { () throws(OperationError) in
    try recorded.trace.graph.vectorJacobianProduct(parameters: recorded.moving)
  }
  let outputs = try recorded.apply(graph, and: weights.filter(\.elementType.isFloatingPoint))
  let count = recorded.results.tensors.count
  let value = try recorded.results.cursor(replacing: Array(outputs.prefix(count))).next(Result.self)
  let outside = recorded.filled(outputs.dropFirst(count))
  return (value, (repeat try outside.next((each Argument).self)))
}

/// The value of a function, and its back-propagation as a function of its own, for several cotangents.
///
/// What does not depend on the cotangent is computed once, here.
///
/// - Parameters:
///   - arguments: Where the derivative is taken.
///   - function: Gives a tensor, or anything that holds tensors.
/// - Returns: The value, and a function from a cotangent of the result to the cotangent of each argument.
/// - Throws: `TensorError` of a mistake within the function, or where nothing can be differentiated.
public func pullback<each Argument: Codable, Result: Codable>(
  at arguments: repeat each Argument, of function: (repeat each Argument) throws -> Result
) throws -> (value: Result, pullback: (Result) throws -> (repeat each Argument)) {
  let name = "pullback"
  let recorded = try RecordedFunction(ArgumentList(repeat each arguments), reporting: .handedOnToTrainer(in: name)) {
    inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  try recorded.checkMoving(name)
  try recorded.checkResults(name)
  let graph = try derived { () throws(OperationError) in
    try recorded.trace.graph.vectorJacobianProduct(parameters: recorded.moving)
  }
  let (values, map) = try recorded.cut(graph)
  let value = try recorded.results.cursor(replacing: values).next(Result.self)
  return (
    value,
    { (cotangent: Result) in
      let weights = try recorded.results.matched(by: ArgumentList(cotangent), as: "cotangent", in: name)
      let outside = recorded.filled(try map(weights.filter(\.elementType.isFloatingPoint)))
      return (repeat try outside.next((each Argument).self))
    }
  )
}

extension RecordedFunction {
  /// A derivative's graph cut at its directions, with everything before them computed.
  ///
  /// - Parameter graph: From the inputs and further directions to the results and the directions' images.
  /// - Returns: The results, and the linear map.
  func cut(_ graph: Graph) throws -> (values: [Tensor], map: ([Tensor]) throws -> [Tensor]) {
    let count = results.tensors.count
    let (first, rest) = try derived { () throws(OperationError) in
      var linear = graph
      linear.outputs.removeFirst(count)
      let later = Array(inputs.count..<graph.inputs.count)
      var (first, rest) = try linear.removingDeadNodes().split(later: later)
      // The results come first among what is computed now.
      let builder = GraphBuilder()
      let arguments = first.inputs.map { builder.input(first.type(of: $0)) }
      let values = builder.inline(trace.graph, arguments)
      first = try builder.graph(outputs: values + builder.inline(first, arguments))
      rest = rest.removingDeadNodes()
      return (first, rest)
    }
    let known = try apply(first)
    let residuals = Array(known.dropFirst(count))
    return (Array(known.prefix(count)), { try rest.apply(to: residuals + $0) })
  }
}
