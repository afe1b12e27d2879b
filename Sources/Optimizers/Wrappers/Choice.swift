import DescentTensors

/// One of two values of the same form, tensor by tensor.
///
/// - Parameter condition: One boolean.
/// - Throws: `TensorError` where the forms differ.
func chosen<Value: Codable>(_ condition: Tensor, _ value: Value, otherwise other: Value) throws -> Value {
  let (tree, rest) = try (ModelTree(value), ModelTree(other))
  guard tree.leaves.count == rest.leaves.count else {
    throw TensorError("optimizer", "what is remembered has \(tree.leaves.count) tensors, before \(rest.leaves.count)")
  }
  let tensors = zip(tree.leaves, rest.leaves).map { new, old -> Tensor? in
    guard let a = new.tensor, let b = old.tensor else { return new.tensor }
    return `where`(condition, a, b)
  }
  return try tree.rebuilt(Value.self, with: tensors)
}
