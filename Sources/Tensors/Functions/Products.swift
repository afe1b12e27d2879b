import DescentGraph

/// The matrix product over the last two axes; axes before them are batches, repeated to a common shape.
///
/// A vector on the left counts as a row, on the right as a column, and the axis that this adds disappears again. Integers
/// keep their type and wrap, as in NumPy and PyTorch; convert them first where their products need more bits.
public func matmul(_ a: Tensor, _ b: Tensor) -> Tensor {
  a.unlessFailed(b) {
    guard a.rank >= 1, b.rank >= 1 else {
      return .failure("matmul", "takes tensors with at least one axis, not \(a.shape) · \(b.shape)")
    }
    let (inner, outer) = (a.shape[a.rank - 1], b.shape[max(0, b.rank - 2)])
    guard inner == outer else {
      return .failure("matmul", "inner sizes differ: \(a.shape) · \(b.shape) (\(inner) ≠ \(outer))")
    }
    if a.rank <= 2 || b.rank <= 2 { return unbatched(a, b) }
    guard let batch = Tensor.commonShape(Shape(a.shape.dropLast(2)), Shape(b.shape.dropLast(2))) else {
      return .failure("matmul", "batch axes do not fit: \(a.shape) · \(b.shape)")
    }
    let left = a.broadcast(to: Shape(batch.sizes + a.shape.sizes.suffix(2)))
    let right = b.broadcast(to: Shape(batch.sizes + b.shape.sizes.suffix(2)))
    let axes = Array(batch.indices)
    return .record(
      Dot(leftBatch: axes, rightBatch: axes, leftContracted: [batch.rank + 1], rightContracted: [batch.rank]),
      [left, right])
  }
}

/// A product in which one side is a plain matrix or vector: one large product, whatever axes the other side has.
private func unbatched(_ a: Tensor, _ b: Tensor) -> Tensor {
  if b.rank <= 2 {
    return .record(Dot(leftContracted: [a.rank - 1], rightContracted: [0]), [a, b])
  }
  let product = Tensor.record(Dot(leftContracted: [a.rank - 1], rightContracted: [b.rank - 2]), [a, b])
  guard a.rank == 2, product.error == nil else { return product }
  // [rows, batch…, columns] with the rows moved after the batch.
  let batch = Array(1..<product.rank - 1)
  return product.transposed(batch + [0, product.rank - 1])
}
