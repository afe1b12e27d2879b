import DescentGraph

extension ArgumentList {
  /// Takes several values apart.
  package init<each Argument: Codable>(_ arguments: repeat each Argument) throws {
    self.init()
    for argument in repeat each arguments { try append(argument) }
  }

  /// The positions of the leaves that have a tensor; parameters that no example has bound yet have none.
  var present: [Int] { leaves.indices.filter { leaves[$0].tensor != nil } }

  /// The tensors that there are, in order.
  package var tensors: [Tensor] { leaves.compactMap(\.tensor) }

  /// Throws the first error that a tensor carries.
  package func checkErrors() throws {
    for tensor in tensors { if let error = tensor.error { throw error } }
  }

  /// Puts arguments together with others in place of the tensors that there are.
  package func cursor(replacing tensors: [Tensor], identities: [Parameter.Identity?]? = nil) -> Cursor {
    var all: [Tensor?] = leaves.map { _ in nil }
    for (position, tensor) in zip(present, tensors) { all[position] = tensor }
    return cursor(all, identities: identities)
  }

  /// The place of each tensor that there is, as errors name it: `argument 2`, `argument 2 (hidden.weight)`.
  func titles(_ word: String) -> [String] {
    trees.enumerated().flatMap { number, tree in
      tree.leaves.compactMap { leaf in
        guard leaf.tensor != nil else { return nil }
        return trees.count == 1 && leaf.path.isEmpty
          ? "the \(word)" : "\(word) \(number + 1)" + (leaf.path.isEmpty ? "" : " (\(leaf.path))")
      }
    }
  }

  /// The tensors of a value of the same form, such as tangents.
  ///
  /// - Throws: `TensorError` where the forms differ.
  func matched(by other: ArgumentList, as word: String, in operation: String) throws -> [Tensor] {
    try other.checkErrors()
    let (own, others) = (tensors, other.tensors)
    guard own.count == others.count else {
      throw TensorError(operation, "the \(word) has \(others.count) tensors where the value has \(own.count)")
    }
    for (title, (mine, its)) in zip(other.titles(word), zip(own, others)) where mine.type != its.type {
      // What cannot move takes part with whatever it holds.
      if mine.shape == its.shape && !mine.elementType.isFloatingPoint { continue }
      throw TensorError(operation, "\(title) is \(its.type), the value that it belongs to is \(mine.type)")
    }
    return others
  }
}
