// Arithmetic over the parameters of models, path by path. Errors travel in the tensors of the result, so that an update or
// an average is one line without `try`.

extension Model {
  /// The model with a function of each parameter in its place.
  ///
  /// ```swift
  /// let half = model.map { $0 * 0.5 }
  /// let narrow = model.map { $0.converted(to: .bfloat16) }
  /// ```
  ///
  /// All floating-point tensors count, frozen ones and running statistics, too. Parameters without values, integers, and
  /// what a gradient holds for parameters that have none (see `zip`) stay as they are.
  ///
  /// - Parameter transform: Gives the new values from the old ones.
  /// - Complexity: O(properties); the tensors are computed when they are needed.
  public func map(_ transform: (Tensor) throws -> Tensor) rethrows -> Self {
    try map { (_: ParameterInfo, tensor: Tensor) in try transform(tensor) }
  }

  /// The model with a function of each parameter and of where it stands in its place; see `map(_:)` of the tensor alone.
  ///
  /// ```swift
  /// let shaken = model.map { parameter, tensor in
  ///   parameter.isStatistic ? tensor : tensor + 0.01 * key.split(parameter.path).normal(tensor.shape)
  /// }
  /// ```
  public func map(_ transform: (ParameterInfo, Tensor) throws -> Tensor) rethrows -> Self {
    guard let tree = try? ModelTree(self) else { return self }
    let tensors = try tree.leaves.map { leaf -> Tensor? in
      guard let tensor = leaf.tensor, leaf.isCounted else { return leaf.tensor }
      return try transform(ParameterInfo(leaf), tensor)
    }
    return tree.rebuiltCarryingErrors(self, with: tensors)
  }

  // Methods and no operators: further overloads of + and * would make Swift's type checker take 1.4 times as long for a line
  // such as `gradient(at: x) { x in (x * x + 1).sum() }`.

  /// The sum with another model, parameter by parameter; see `zip`.
  public func adding(_ other: Self) -> Self { zip(self, other) { $0 + $1 } }

  /// The difference from another model, parameter by parameter; see `zip`.
  public func subtracting(_ other: Self) -> Self { zip(self, other) { $0 - $1 } }

  /// The model with all parameters times a number; see `map(_:)`.
  public func scaled(by factor: Double) -> Self { map { $0 * factor } }
}

/// The first of two values with a function of both in place of each parameter: an update, an average, a difference.
///
/// ```swift
/// model = zip(model, slope) { w, g in w - 0.1 * g }
/// average = zip(average, model) { 0.999 * $0 + 0.001 * $1 }
/// ```
///
/// Values are models, tensors, or arrays, dictionaries and optionals of them. All floating-point tensors count, frozen ones
/// and running statistics, too: an average of models has the average of their statistics. But the gradient of a model has
/// nothing to say of parameters that do not move, statistics and frozen ones: where one of the two is such a gradient, these
/// keep the other one's values, whatever the function is. Parameters that have values in neither, and integers, stay as they
/// are, and so does everything in the first that is not a tensor.
///
/// - Parameters:
///   - a: The value whose structure, settings and roles the result has.
///   - b: A value with the same parameters, of the same shapes.
///   - combine: Gives the new values from those of both.
/// - Returns: The first with the new values. Where the two differ in a path or a shape, its tensors carry an error that
///   names the first one that does.
/// - Complexity: O(properties); the tensors are computed when they are needed.
public func zip<Value: Codable>(
  _ a: Value, _ b: Value, _ combine: (Tensor, Tensor) throws -> Tensor
) rethrows -> Value { try zipped([a, b]) { try combine($0[0], $0[1]) } }

/// The first of three values with a function of all in place of each parameter; see `zip` of two.
public func zip<Value: Codable>(
  _ a: Value, _ b: Value, _ c: Value, _ combine: (Tensor, Tensor, Tensor) throws -> Tensor
) rethrows -> Value { try zipped([a, b, c]) { try combine($0[0], $0[1], $0[2]) } }

private func zipped<Value: Codable>(
  _ values: [Value], _ combine: ([Tensor]) throws -> Tensor
) rethrows -> Value {
  let trees = values.compactMap { try? ModelTree($0) }
  guard let first = trees.first, trees.count == values.count else { return values[0] }
  if let fault = trees.dropFirst().lazy.compactMap({ first.difference(from: $0) }).first {
    return first.rebuiltCarryingErrors(values[0], with: first.leaves.map { _ in Tensor(error: fault) })
  }
  let tensors = try first.leaves.indices.map { index -> Tensor? in
    let all = trees.map { $0.leaves[index] }
    guard let own = all.first(where: { !$0.isGradientOfConstant })?.tensor, all[0].isOfNumbers else {
      return all[0].tensor
    }
    return try all.contains(where: \.isGradientOfConstant) ? own : combine(all.compactMap(\.tensor))
  }
  return first.rebuiltCarryingErrors(values[0], with: tensors)
}

extension ModelTree.Leaf {
  /// Whether it holds floating-point numbers, and is no setting such as a learning rate, which is written down as a tensor.
  fileprivate var isOfNumbers: Bool {
    guard let tensor, isParameter || !isFrozen else { return false }
    return tensor.error != nil || tensor.elementType.isFloatingPoint
  }

  /// Whether arithmetic over a model computes with the tensor.
  fileprivate var isCounted: Bool { isOfNumbers && !isGradientOfConstant }
}

extension ModelTree {
  /// The first place at which another value has not the parameters of this one, as an error; `nil` where there is none.
  fileprivate func difference(from other: ModelTree) -> TensorError? {
    func fault(_ path: String, _ message: String) -> TensorError {
      TensorError("zip", path.isEmpty ? "the value \(message)" : "'\(path)' \(message)")
    }
    let (own, its) = (leaves, other.leaves)
    for index in 0..<max(own.count, its.count) {
      guard index < own.count, index < its.count, own[index].path == its[index].path else {
        let isExtra = index >= own.count || index < its.count && !own.contains { $0.path == its[index].path }
        return fault(
          isExtra ? its[index].path : own[index].path,
          isExtra
            ? "is in a later value, but not in the first; both need the same structure"
            : "is in the first value, but not at the same place in a later one; both need the same structure")
      }
      guard let tensor = own[index].tensor, let second = its[index].tensor else {
        if own[index].tensor == nil && its[index].tensor == nil { continue }
        return fault(own[index].path, "has values in one of the values and none in another; give both an example")
      }
      if tensor.error == nil, second.error == nil, tensor.shape != second.shape {
        return fault(
          own[index].path, "has the shape \(tensor.shape) in one of the values and \(second.shape) in another")
      }
    }
    return nil
  }
}
