import DescentDifferentiation
import DescentGraph

// Functions of one argument stand apart from those of several, because Swift's type checker decides on a closure of one
// line at once where the number of its parameters is known, and takes seconds where it is not.

/// The gradient of a function of one or more values: how much its result changes for each number in them.
///
/// Values are tensors, models, or arrays, dictionaries and optionals of them; the gradient comes back in the same form.
/// Where the values are known, the gradient is computed now, in one plan that is kept for the next call; inside another
/// recorded function it becomes part of that function, so that gradients nest to any order.
///
/// - Parameters:
///   - argument: Where the gradient is taken.
///   - function: Gives one floating-point number from the argument.
/// - Returns: The gradient with respect to each argument. Tensors that cannot move (integers,
///   running statistics, frozen parameters) have zeros.
/// - Throws: `TensorError` of a mistake within the function, where its result is not one floating-point number, or where
///   no argument has floating-point tensors.
public func gradient<Argument: Codable>(
  at argument: Argument, of function: (Argument) throws -> Tensor
) throws -> Argument { try differentiated(argument, of: function).1 }

/// The gradient of a function of several values; see `gradient(at:of:)` of one.
public func gradient<First: Codable, Second: Codable, each Rest: Codable>(
  at first: First, _ second: Second, _ rest: repeat each Rest,
  of function: (First, Second, repeat each Rest) throws -> Tensor
) throws -> (First, Second, repeat each Rest) {
  try differentiated(first, second, repeat each rest, of: function).1
}

/// The value of a function together with its gradient; see `gradient(at:of:)`.
public func valueAndGradient<Argument: Codable>(
  at argument: Argument, of function: (Argument) throws -> Tensor
) throws -> (value: Tensor, gradient: Argument) { try differentiated(argument, of: function) }

/// The value of a function of several values together with its gradient; see `gradient(at:of:)`.
public func valueAndGradient<First: Codable, Second: Codable, each Rest: Codable>(
  at first: First, _ second: Second, _ rest: repeat each Rest,
  of function: (First, Second, repeat each Rest) throws -> Tensor
) throws -> (value: Tensor, gradient: (First, Second, repeat each Rest)) {
  try differentiated(first, second, repeat each rest, of: function)
}

private func differentiated<each Argument: Codable>(
  _ arguments: repeat each Argument, of function: (repeat each Argument) throws -> Tensor
) throws -> (Tensor, (repeat each Argument)) {
  let recorded = try RecordedFunction(
    ArgumentList(repeat each arguments), reporting: .handedOnToTrainer(in: "gradient")
  ) { inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  try recorded.checkMoving("gradient")
  let outputs = try recorded.apply(recorded.trace.gradient(parameters: recorded.moving))
  let outside = recorded.filled(outputs.dropFirst())
  return (outputs[0], (repeat try outside.next((each Argument).self)))
}

/// The value and the gradient of a function's first result, together with further results that are only carried along,
/// such as the predictions that belong to a loss; see `gradient(at:of:)`.
///
/// - Parameters:
///   - arguments: Where the gradient is taken.
///   - function: Gives one floating-point number, followed by anything else.
/// - Throws: `TensorError` of a mistake within the function, or where its first result is not one floating-point number.
public func valueAndGradientWithAuxiliary<each Argument: Codable, Auxiliary: Codable>(
  at arguments: repeat each Argument, of function: (repeat each Argument) throws -> (Tensor, Auxiliary)
) throws -> (value: Tensor, gradient: (repeat each Argument), auxiliary: Auxiliary) {
  let recorded = try RecordedFunction(
    ArgumentList(repeat each arguments), reporting: .handedOnToTrainer(in: "gradient")
  ) { inside in
    let (value, auxiliary) = try function(repeat try inside.next((each Argument).self))
    return try ArgumentList(value, auxiliary)
  }
  try recorded.checkMoving("gradient")
  let outputs = try recorded.apply(recorded.trace.gradient(parameters: recorded.moving))
  let values = outputs.prefix(recorded.results.tensors.count)
  let inside = recorded.results.cursor(replacing: Array(values))
  _ = try inside.next(Tensor.self)
  let auxiliary = try inside.next(Auxiliary.self)
  let outside = recorded.filled(outputs.dropFirst(values.count))
  return (outputs[0], (repeat try outside.next((each Argument).self)), auxiliary)
}

extension Trace {
  /// The function's graph with its gradient with respect to chosen inputs.
  package func gradient(parameters: [Int]) throws -> Graph {
    try derived { () throws(OperationError) in try graph.gradient(parameters: parameters) }
  }
}
