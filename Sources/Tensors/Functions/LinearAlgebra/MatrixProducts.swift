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

/// The products of all pairs of elements of two vectors `[m]` and `[n]`, as `[m, n]`.
public func outer(_ a: Tensor, _ b: Tensor) -> Tensor {
  a.unlessFailed(b) {
    guard a.rank == 1, b.rank == 1 else { return .failure("outer", "takes two vectors, not \(a.shape) and \(b.shape)") }
    return .record(Dot(leftContracted: [], rightContracted: []), [a, b])
  }
}

/// The sum over the last axes of both tensors; the result's axes are the others of the first, then of the second.
public func inner(_ a: Tensor, _ b: Tensor) -> Tensor {
  a.unlessFailed(b) {
    if a.rank == 0 || b.rank == 0 { return a * b }
    guard a.columns == b.columns else {
      return .failure("inner", "last sizes differ: \(a.shape) and \(b.shape) (\(a.columns) ≠ \(b.columns))")
    }
    return .record(Dot(leftContracted: [a.rank - 1], rightContracted: [b.rank - 1]), [a, b])
  }
}

/// The sum of products along one axis of two tensors, whose shapes are repeated to a common one; the axis disappears.
public func vectorDot(_ a: Tensor, _ b: Tensor, axis: Int = -1) -> Tensor {
  a.unlessFailed(b) {
    guard axis < 0 || a.rank == b.rank else {
      return .failure(
        "vectorDot", "axis \(axis) does not name the same axis of \(a.shape) and \(b.shape); count it from the end")
    }
    return (a * b).sum(axes: [axis])
  }
}

/// The sum over the last `axes` axes of the first tensor and the first `axes` of the second.
public func tensordot(_ a: Tensor, _ b: Tensor, axes: Int = 2) -> Tensor {
  a.unlessFailed(b) {
    guard axes >= 0, axes <= a.rank, axes <= b.rank else {
      return .failure("tensordot", "\(a.shape) and \(b.shape) do not have \(axes) axes each to sum over")
    }
    return tensordot(a, b, axes: (Array(a.rank - axes..<a.rank), Array(0..<axes)))
  }
}

/// The sum over pairs of axes of two tensors; the result's axes are the others of the first, then of the second.
public func tensordot(_ a: Tensor, _ b: Tensor, axes: ([Int], [Int])) -> Tensor {
  a.unlessFailed(b) {
    guard axes.0.count == axes.1.count else {
      return .failure("tensordot", "the axes \(axes.0) and \(axes.1) do not pair")
    }
    return a.resolved(axes.0, "tensordot") { left in
      b.resolved(axes.1, "tensordot") { right in
        for (x, y) in zip(left, right) where a.shape[x] != b.shape[y] {
          return .failure(
            "tensordot",
            "axis \(x) of \(a.shape) pairs with axis \(y) of \(b.shape) (\(a.shape[x]) ≠ \(b.shape[y]))")
        }
        return .record(Dot(leftContracted: left, rightContracted: right), [a, b])
      }
    }
  }
}

/// Kronecker's product: the first tensor with each element replaced by that element times the second.
///
/// The tensor of lower rank gets axes of size 1 in front; sizes multiply along each axis.
public func kron(_ a: Tensor, _ b: Tensor) -> Tensor {
  a.unlessFailed(b) {
    let rank = max(a.rank, b.rank)
    let left = Array(repeating: 1, count: rank - a.rank) + a.shape.sizes
    let right = Array(repeating: 1, count: rank - b.rank) + b.shape.sizes
    var sizes: [Int] = []
    for (x, y) in zip(left, right) {
      let (size, overflow) = x.multipliedReportingOverflow(by: y)
      guard !overflow else {
        return .failure("kron", "the product of \(a.shape) and \(b.shape) has more elements than can be addressed")
      }
      sizes.append(size)
    }
    let product =
      a.reshaped(Shape(left.flatMap { [$0, 1] })) * b.reshaped(Shape(right.flatMap { [1, $0] }))
    return product.error == nil ? product.reshaped(Shape(sizes)) : product
  }
}

/// The cross products of vectors with three elements along an axis; other axes are repeated to common ones.
public func cross(_ a: Tensor, _ b: Tensor, axis: Int = -1) -> Tensor {
  a.unlessFailed(b) {
    guard let shape = Tensor.commonShape(a.shape, b.shape) else {
      return .failure("cross", "shapes \(a.shape) and \(b.shape) do not fit: sizes must be equal or 1")
    }
    let (a, b) = (a.broadcast(to: shape), b.broadcast(to: shape))
    return a.resolved([axis], "cross") { axes in
      guard shape[axes[0]] == 3 else {
        return .failure("cross", "axis \(axis) of \(shape) has \(shape[axes[0]]) elements, not 3")
      }
      let (x, y) = (
        [0, 1, 2].map { a.sliced($0..<$0 + 1, axis: axes[0]) }, [0, 1, 2].map { b.sliced($0..<$0 + 1, axis: axes[0]) }
      )
      return concatenated(
        [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]], axis: axes[0])
    }
  }
}

/// The product of several matrices in the order of brackets that takes the fewest multiplications.
///
/// The first may be a vector, which counts as a row, and the last one that counts as a column.
/// - Complexity: O(count³) in addition to the products. Source: Cormen et al., "Introduction to Algorithms", section 15.2.
public func multiDot(_ matrices: [Tensor]) -> Tensor {
  .calling {
    if let failed = matrices.first(where: { $0.error != nil }) { return failed }
    guard let first = matrices.first, let last = matrices.last else {
      return .failure("multiDot", "needs at least one matrix")
    }
    for (index, matrix) in matrices.enumerated() {
      let mayBeVector = matrices.count > 1 && (index == 0 || index == matrices.count - 1)
      guard matrix.rank == 2 || (mayBeVector && matrix.rank == 1) else {
        return .failure("multiDot", "tensor \(index + 1) has shape \(matrix.shape); only the ends may be vectors")
      }
    }
    var factors = matrices
    if first.rank == 1 { factors[0] = first.expanded(axis: 0) }
    if last.rank == 1 { factors[factors.count - 1] = last.expanded(axis: 1) }
    for (left, right) in zip(factors, factors.dropFirst()) where left.columns != right.rows {
      return .failure(
        "multiDot", "inner sizes differ: \(left.shape) · \(right.shape) (\(left.columns) ≠ \(right.rows))")
    }
    let product = ChainOrder(factors).product(0..<factors.count)
    guard product.error == nil, first.rank == 1 || last.rank == 1 else { return product }
    return product.reshaped(
      Shape((first.rank == 1 ? [] : [product.rows]) + (last.rank == 1 ? [] : [product.columns])))
  }
}

/// Where a chain of matrices is best cut in two.
private struct ChainOrder {
  let factors: [Tensor]
  private var cuts: [Range<Int>: Int] = [:]

  init(_ factors: [Tensor]) {
    self.factors = factors
    var costs: [Range<Int>: Double] = [:]
    for length in 2..<max(2, factors.count + 1) {
      for start in 0...factors.count - length {
        let range = start..<start + length
        var best = Double.infinity
        for cut in start + 1..<range.upperBound {
          let outside = Double(factors[start].rows) * Double(factors[range.upperBound - 1].columns)
          let cost =
            (costs[start..<cut] ?? 0) + (costs[cut..<range.upperBound] ?? 0) + outside * Double(factors[cut].rows)
          if cost < best { (best, cuts[range]) = (cost, cut) }
        }
        costs[range] = best
      }
    }
  }

  func product(_ range: Range<Int>) -> Tensor {
    guard let cut = cuts[range] else { return factors[range.lowerBound] }
    return matmul(product(range.lowerBound..<cut), product(cut..<range.upperBound))
  }
}
