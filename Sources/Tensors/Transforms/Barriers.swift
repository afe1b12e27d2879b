import DescentGraph

/// The same tensor, past which the compiler moves nothing.
///
/// ```swift
/// let again = sin(barrier(x))       // computed for itself, even where sin(x) is known already
/// ```
///
/// What is computed from the result is not found equal to what was computed from `x`, is not computed in one kernel with
/// what makes `x`, and stays in the loop that it stands in. It costs nothing: the values stay where they are.
public func barrier(_ x: Tensor) -> Tensor { .record(Barrier(), [x]) }

/// The same value, past which the compiler moves nothing; see `barrier(_:)` of a tensor.
///
/// What is computed from any of its tensors waits for all of them.
///
/// - Parameter value: A model, or an array, dictionary or optional of tensors or models.
/// - Throws: `TensorError` that one of the tensors carries.
public func barrier<Value: Codable>(_ value: Value) throws -> Value {
  try ArgumentList(value).behindBarrier().next(Value.self)
}

/// The same values, past which the compiler moves nothing; see `barrier(_:)` of a tensor.
///
/// What is computed from any of the results waits for all of the values.
///
/// ```swift
/// let (x, weights) = try barrier(x, weights)
/// ```
///
/// Values are tensors, models, or arrays, dictionaries and optionals of them.
///
/// - Throws: `TensorError` that one of them carries.
public func barrier<First: Codable, Second: Codable, each Rest: Codable>(
  _ first: First, _ second: Second, _ rest: repeat each Rest
) throws -> (First, Second, repeat each Rest) {
  try passedTuple(first, second, repeat each rest)
}

private func passedTuple<each Value: Codable>(_ values: repeat each Value) throws -> (repeat each Value) {
  let passed = try ArgumentList(repeat each values).behindBarrier()
  return (repeat try passed.next((each Value).self))
}

extension ArgumentList {
  /// The same arguments after one barrier.
  fileprivate func behindBarrier() throws -> Cursor {
    try checkErrors()
    return cursor(replacing: tensors.isEmpty ? [] : try Tensor.recorded(Barrier(), tensors))
  }
}
