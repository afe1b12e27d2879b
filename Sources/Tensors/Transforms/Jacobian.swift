import DescentDifferentiation
import DescentGraph

/// The derivative of every number of a function's result in every number of its arguments.
///
/// One pass is mapped over all directions at once: forward mode where the arguments have no more numbers than the
/// result, else reverse mode.
///
/// - Parameters:
///   - arguments: Where the derivative is taken: tensors, models, or arrays, dictionaries and optionals of them.
///   - function: Gives a floating-point tensor.
/// - Returns: For each tensor of the arguments, in their form, a tensor `[result's shape…, tensor's shape…]`. Tensors
///   that cannot move have zeros.
/// - Throws: `TensorError` of a mistake within the function, or where nothing can be differentiated.
/// - Complexity: the time and memory of as many passes as the smaller side has numbers.
public func jacobian<each Argument: Codable>(
  at arguments: repeat each Argument, of function: (repeat each Argument) throws -> Tensor
) throws -> (repeat each Argument) {
  let recorded = try RecordedFunction(
    ArgumentList(repeat each arguments), reporting: .handedOnToTrainer(in: "jacobian")
  ) { inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  try recorded.checkMoving("jacobian")
  let graph = try derived { () throws(OperationError) in
    try recorded.trace.graph.jacobian(parameters: recorded.moving)
  }
  let shape = recorded.trace.graph.outputTypes[0].shape
  let outside = recorded.filled(try recorded.apply(graph)) { Shape(shape.sizes + $0.sizes) }
  return (repeat try outside.next((each Argument).self))
}
