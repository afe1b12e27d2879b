import DescentDifferentiation
import DescentGraph

/// The value of a function, and how fast it changes along a direction: forward mode.
///
/// ```swift
/// let (value, tangent) = try jacobianVectorProduct(at: x, y, along: dx, dy) { x, y in x * exp(y) }
/// ```
///
/// - Parameters:
///   - arguments: Where the derivative is taken: tensors, models, or arrays, dictionaries and optionals of them.
///   - tangents: The direction, in the arguments' form. What cannot move is not looked at.
///   - function: Gives a tensor, or anything that holds tensors.
/// - Returns: The value and its tangent. Results that are not floating-point have zeros.
/// - Throws: `TensorError` of a mistake within the function, where nothing can be differentiated, or where a tangent does
///   not have its argument's form.
public func jacobianVectorProduct<each Argument: Codable, Result: Codable>(
  at arguments: repeat each Argument, along tangents: repeat each Argument,
  of function: (repeat each Argument) throws -> Result
) throws -> (value: Result, tangent: Result) {
  let name = "jacobianVectorProduct"
  let recorded = try RecordedFunction(ArgumentList(repeat each arguments), reporting: .handedOnToTrainer(in: name)) {
    inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  try recorded.checkMoving(name)
  try recorded.checkResults(name)
  let directions = try recorded.arguments.matched(by: ArgumentList(repeat each tangents), as: "tangent", in: name)
  let graph = try derived { () throws(OperationError) in
    try recorded.trace.graph.jacobianVectorProduct(parameters: recorded.moving)
  }
  let outputs = try recorded.apply(graph, and: recorded.moving.map { directions[$0] })
  let count = recorded.results.tensors.count
  let value = try recorded.results.cursor(replacing: Array(outputs.prefix(count))).next(Result.self)
  return (value, try recorded.filledResults(outputs.dropFirst(count)).next(Result.self))
}

/// The value of a function, and the linear map that it is nearby, for several directions.
///
/// What does not depend on the direction is computed once, here.
///
/// - Parameters:
///   - arguments: Where the function is replaced by a linear one.
///   - function: Gives a tensor, or anything that holds tensors.
/// - Returns: The value, and a function from a tangent of each argument to the tangent of the result.
/// - Throws: `TensorError` of a mistake within the function, or where nothing can be differentiated.
public func linearize<each Argument: Codable, Result: Codable>(
  at arguments: repeat each Argument, of function: (repeat each Argument) throws -> Result
) throws -> (value: Result, differential: (repeat each Argument) throws -> Result) {
  let name = "linearize"
  let recorded = try RecordedFunction(ArgumentList(repeat each arguments), reporting: .handedOnToTrainer(in: name)) {
    inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  try recorded.checkMoving(name)
  try recorded.checkResults(name)
  let graph = try derived { () throws(OperationError) in
    try recorded.trace.graph.jacobianVectorProduct(parameters: recorded.moving)
  }
  let (values, map) = try recorded.cut(graph)
  let value = try recorded.results.cursor(replacing: values).next(Result.self)
  return (
    value,
    { (tangents: repeat each Argument) in
      let directions = try recorded.arguments.matched(by: ArgumentList(repeat each tangents), as: "tangent", in: name)
      return try recorded.filledResults(try map(recorded.moving.map { directions[$0] })).next(Result.self)
    }
  )
}
