import DescentTensors

extension Run {
  /// What a model is given, its tensors in the type that the pass computes in; models within it stay as they are.
  ///
  /// - Throws: what walking the value throws.
  package func input<Value: Codable>(_ value: Value) throws -> Value {
    guard precision != nil else { return value }
    let tree = try ModelTree(value)
    return try tree.rebuilt(
      Value.self, with: tree.leaves.map { leaf in leaf.isParameter ? leaf.tensor : leaf.tensor.map(input) })
  }

  /// What a model gives, its tensors in the type of the pass's results.
  ///
  /// - Throws: what walking the value throws.
  package func result<Value: Codable>(_ value: Value) throws -> Value {
    guard precision != nil else { return value }
    let tree = try ModelTree(value)
    return try tree.rebuilt(Value.self, with: tree.leaves.map { $0.tensor.map(result) })
  }
}
