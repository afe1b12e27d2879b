import DescentGraph
import DescentTensors

extension Layer where Input == Tensor, Output == Tensor {
  /// The layer's output, computed in slices of the leading axis, so that memory stays bounded however many examples
  /// there are.
  ///
  /// - Parameters:
  ///   - input: Examples `[count, …]`.
  ///   - batchSize: How many examples are computed at once.
  /// - Returns: The outputs `[count, …]`, or a tensor that carries the error where something fails.
  public func predict(_ input: Tensor, batchSize: Int = 256) -> Tensor {
    if input.error != nil { return input }
    do {
      return try predict(input, batchSize: batchSize) { try $0($1) }
    } catch let error as TensorError { return Tensor(error: error) } catch {
      return Tensor(error: TensorError("predict", "\(error)"))
    }
  }
}

extension Layer {
  /// The layer's output, computed in slices of the leading axis of every tensor in the input.
  ///
  /// - Parameters:
  ///   - input: Examples: tensors `[count, …]`; scalars, parameters and all that is not a tensor belong to every slice.
  ///   - batchSize: How many examples are computed at once.
  /// - Returns: The output, whose tensors are joined along their leading axis.
  /// - Throws: `TensorError` of a mistake in the model, or where tensors differ in their number of examples; it names the
  ///   tensor.
  public func predict(_ input: Input, batchSize: Int = 256) throws -> Output {
    try predict(input, batchSize: batchSize) { try $0($1) }
  }
}

extension Model {
  /// What a pass through the model makes of examples, computed in slices of the leading axis of every tensor among them:
  /// for models that are not layers.
  ///
  /// ```swift
  /// let scores = try matcher.predict([questions, answers]) { matcher, texts in matcher(texts[0], texts[1]) }
  /// ```
  ///
  /// - Parameters:
  ///   - input: Examples: tensors `[count, …]`; scalars, parameters and all that is not a tensor belong to every slice.
  ///   - batchSize: How many examples are computed at once.
  ///   - pass: Uses the model on a slice of the examples.
  /// - Returns: What the pass gives, its tensors joined along their leading axis.
  /// - Throws: `TensorError` of a mistake in the model, or where tensors differ in their number of examples; it names the
  ///   tensor.
  public func predict<Examples: Codable, Output: Codable>(
    _ input: Examples, batchSize: Int = 256, _ pass: (Self, Examples) throws -> Output
  ) throws -> Output {
    let examples = try SlicedExamples(ModelTree(input), size: batchSize)
    // Walked once, so that parameters know their paths and errors can name them.
    let tree = try ModelTree(self)
    let named = try tree.rebuilt(Self.self, with: tree.leaves.map(\.tensor))
    return try Run.current.inference().perform {
      try examples.joined { tensors in
        let slice = try examples.inputs(tensors).map { try examples.tree.rebuilt(Examples.self, with: $0) }
        return try Run.current.result(try pass(named, slice ?? input))
      }
    }
  }
}

/// Examples that are taken in slices along the leading axis.
private struct SlicedExamples {
  let tree: ModelTree
  /// Which of the tensors have an example in each row.
  private let isSliced: [Bool]
  private let count: Int
  private let size: Int

  init(_ tree: ModelTree, size: Int) throws {
    guard size >= 1 else { throw TensorError("predict", "the batch size \(size) is not positive") }
    for leaf in tree.leaves { if let error = leaf.tensor?.error { throw error } }
    let isSliced = tree.leaves.map { !$0.isParameter && ($0.tensor?.rank ?? 0) > 0 }
    let sliced = zip(tree.leaves, isSliced).filter(\.1).map(\.0)
    guard let first = sliced.first, let count = first.tensor?.shape.first else {
      throw TensorError(
        "predict", "takes examples along a leading axis, found \(tree.leaves.isEmpty ? "no tensor" : "a scalar")")
    }
    for leaf in sliced {
      guard let other = leaf.tensor?.shape.first, other != count else { continue }
      throw TensorError("predict", "'\(first.path)' holds \(count) examples, '\(leaf.path)' holds \(other)")
    }
    (self.tree, self.isSliced, self.count, self.size) = (tree, isSliced, count, size)
  }

  /// The tensors of a slice in the element type that the pass computes in; `nil` for all examples as they were given.
  func inputs(_ slice: [Tensor?]?) -> [Tensor?]? {
    guard Run.current.precision != nil else { return slice }
    return zip(tree.leaves, slice ?? tree.leaves.map(\.tensor)).map { $0.isParameter ? $1 : $1.map(Run.current.input) }
  }

  /// What a pass makes of all slices, one after the other.
  ///
  /// - Parameter pass: Is given the tensors of a slice, or `nil` where it is to take everything at once.
  func joined<Output: Codable>(_ pass: ([Tensor?]?) throws -> Output) throws -> Output {
    if count <= size || tree.leaves.contains(where: { $0.tensor?.isSymbolic == true }) { return try pass(nil) }
    var parts: [ModelTree] = []
    for start in stride(from: 0, to: count, by: size) {
      let rows = start..<min(start + size, count)
      let slice = try zip(tree.leaves, isSliced).map { try $1 ? $0.tensor?.rows(rows) : $0.tensor }
      let part = try ModelTree(try pass(slice))
      let tensors = part.leaves.compactMap(\.tensor)
      // The model's own tensors may be arguments of a function that is being recorded.
      if tensors.contains(where: \.isSymbolic) { return try pass(nil) }
      try evaluate(tensors)
      try check(part, like: parts.first ?? part, rows.count)
      parts.append(part)
    }
    let joined = try parts[0].leaves.indices.map { index in
      try parts[0].leaves[index].tensor.map { _ in try Tensor.joiningRows(parts.compactMap { $0.leaves[index].tensor })
      }
    }
    return try parts[0].rebuilt(Output.self, with: joined)
  }

  /// Refuses what cannot be joined.
  private func check(_ part: ModelTree, like first: ModelTree, _ rows: Int) throws {
    for leaf in part.leaves {
      guard let tensor = leaf.tensor, tensor.shape.first != rows else { continue }
      let place = leaf.path.isEmpty ? "" : " as '\(leaf.path)'"
      throw TensorError("predict", "the model gave \(tensor.shape)\(place) for \(rows) examples, not a row for each")
    }
    guard part.structure == first.structure else {
      throw TensorError(
        "predict",
        "the model gave another structure, or another plain value, for some slice of the examples; only tensors can be"
          + " joined")
    }
  }
}
