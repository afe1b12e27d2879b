import DescentGraph
import DescentTensors

extension Layer {
  /// The model's output, computed in slices of the leading axis, so that memory stays bounded however many examples
  /// there are.
  ///
  /// - Parameters:
  ///   - input: Examples `[count, …]`.
  ///   - batchSize: How many examples are computed at once.
  /// - Returns: The outputs `[count, …]`, or a tensor that carries the error where something fails.
  public func predict(_ input: Tensor, batchSize: Int = 256) -> Tensor {
    if input.error != nil { return input }
    do {
      guard batchSize >= 1 else { throw TensorError("predict", "the batch size \(batchSize) is not positive") }
      guard let count = input.shape.first else {
        throw TensorError("predict", "takes examples along a leading axis, found a scalar")
      }
      // Walked once, so that parameters know their paths and errors can name them.
      let tree = try ModelTree(self)
      let named = try tree.rebuilt(Self.self, with: tree.leaves.map(\.tensor))
      return try Run.current.inference().perform { try named.predict(input, count, batchSize) }
    } catch let error as TensorError { return Tensor(error: error) } catch {
      return Tensor(error: TensorError("predict", "\(error)"))
    }
  }

  private func predict(_ input: Tensor, _ count: Int, _ batchSize: Int) throws -> Tensor {
    if input.isSymbolic || count <= batchSize { return try self(input) }
    var parts: [Tensor] = []
    for start in stride(from: 0, to: count, by: batchSize) {
      let rows = start..<min(start + batchSize, count)
      let part = try self(try input.rows(rows))
      // The model's own tensors may be arguments of a function that is being recorded.
      if part.isSymbolic { return try self(input) }
      try evaluate(part)
      guard part.shape.first == rows.count else {
        throw TensorError("predict", "the model gave \(part.shape) for \(rows.count) examples, not a row for each")
      }
      parts.append(part)
    }
    return try Tensor.joiningRows(parts)
  }
}
