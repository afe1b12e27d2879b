import DescentDifferentiation
import DescentGraph

/// The gradient of a function of one or more values: how much its result changes for each number in them.
///
/// Values are tensors, models, or arrays, dictionaries and optionals of them; the gradient comes back in the same form.
/// Where the values are known, the gradient is computed now, in one plan that is kept for the next call; inside another
/// recorded function it becomes part of that function, so that gradients nest to any order.
///
/// - Parameters:
///   - arguments: Where the gradient is taken.
///   - function: Gives one floating-point number from the arguments.
/// - Returns: The gradient in each argument. Tensors that cannot move (integers, running statistics) have zeros.
/// - Throws: `TensorError` of a mistake within the function, or where its result is not one floating-point number.
public func gradient<each Argument: Codable>(
  at arguments: repeat each Argument, of function: (repeat each Argument) throws -> Tensor
) throws -> (repeat each Argument) {
  let (_, gradients) = try valueAndGradient(at: repeat each arguments, of: function)
  return gradients
}

/// The value of a function together with its gradient; see `gradient(at:of:)`.
public func valueAndGradient<each Argument: Codable>(
  at arguments: repeat each Argument, of function: (repeat each Argument) throws -> Tensor
) throws -> (value: Tensor, gradient: (repeat each Argument)) {
  var list = ArgumentList()
  for argument in repeat each arguments { try list.append(argument) }
  let leaves = list.leaves
  for leaf in leaves { if let error = leaf.tensor?.error { throw error } }
  // Parameters that no example has bound yet have no value to stand in for.
  let present = leaves.indices.filter { leaves[$0].tensor != nil }
  let actual = present.compactMap { leaves[$0].tensor }
  let holders = zip(present, actual).map { Tensor.placeholder($1.type, name: leaves[$0].path) }
  var inputs: [Tensor?] = leaves.map { _ in nil }
  for (index, holder) in zip(present, holders) { inputs[index] = holder }
  let inside = list.cursor(inputs)
  let result = try function(repeat try inside.next((each Argument).self))
  let trace = try Trace(arguments: holders, outputs: [result])
  let moving = present.indices.filter { leaves[present[$0]].isTrained }
  let outputs = try trace.gradient(parameters: moving).apply(to: actual + trace.captured)
  var gradients: [Tensor?] = leaves.map { leaf in leaf.tensor.map { Tensor(zeros: $0.shape, $0.elementType) } }
  for (position, output) in zip(moving, outputs.dropFirst()) { gradients[present[position]] = output }
  let outside = list.cursor(gradients)
  return (outputs[0], (repeat try outside.next((each Argument).self)))
}

extension Trace {
  /// The function's graph with its gradient in chosen inputs.
  package func gradient(parameters: [Int]) throws -> Graph {
    do throws(OperationError) { return try graph.gradient(parameters: parameters) } catch { throw TensorError(error) }
  }
}
