import DescentGraph

extension Tensor {
  /// The diagonal of the matrices in the last two axes, `[…, count]`; an offset above 0 means one above the main one.
  public func diagonal(offset: Int = 0) -> Tensor {
    matrices("diagonal") { rows, columns in
      let (start, count) = Self.diagonal(rows, columns, offset)
      let front = Array(shape.sizes.dropLast(2))
      guard count > 0 else { return reshaped(Shape(front + [rows * columns])).sliced(0..<0, axis: -1) }
      let starts = front.map { _ in 0 } + [start]
      let limits = front + [start + (count - 1) * (columns + 1) + 1]
      let steps = front.map { _ in 1 } + [columns + 1]
      return .record(
        Slice(starts: starts, limits: limits, steps: steps), [reshaped(Shape(front + [rows * columns]))])
    }
  }

  /// The sum of the diagonal of the matrices in the last two axes.
  public func trace(offset: Int = 0) -> Tensor { .calling { diagonal(offset: offset).sum(axes: [-1]) } }

  /// Square matrices, zero but on a diagonal, which the last axis fills: `[…, count]` gives `[…, size, size]`.
  public func diagonalMatrix(offset: Int = 0) -> Tensor {
    .calling {
      if error != nil { return self }
      guard let count = shape.last else { return .failure("diagonalMatrix", "takes vectors, not a scalar") }
      let (size, overflow) = count.addingReportingOverflow(Int(clamping: offset.magnitude))
      let (whole, overflow2) = size.multipliedReportingOverflow(by: size)
      guard !overflow, !overflow2 else {
        return .failure("diagonalMatrix", "an offset of \(offset) makes more elements than can be addressed")
      }
      let front = Array(shape.sizes.dropLast())
      guard count > 0 else { return Tensor(zeros: Shape(front + [size, size]), elementType) }
      let start = offset >= 0 ? offset : -offset * size
      let none = front.map { _ in 0 }
      let pad = Pad(
        low: none + [start], high: none + [whole - start - (count - 1) * (size + 1) - 1], interior: none + [size])
      return Tensor.record(pad, [self, .constant(0, elementType)]).reshaped(Shape(front + [size, size]))
    }
  }

  /// The matrices in the last two axes with zeros above a diagonal.
  public func lowerTriangle(offset: Int = 0) -> Tensor { triangle(offset, .greaterOrEqual, "lowerTriangle") }

  /// The matrices in the last two axes with zeros below a diagonal.
  public func upperTriangle(offset: Int = 0) -> Tensor { triangle(offset, .lessOrEqual, "upperTriangle") }

  private func triangle(_ offset: Int, _ relation: Compare.Relation, _ name: String) -> Tensor {
    matrices(name) { rows, columns in
      let type = TensorType([rows, columns], .int64)
      let row = Tensor.record(Iota(type: type, axis: 0), []), column = Tensor.record(Iota(type: type, axis: 1), [])
      // A diagonal beyond the corners is the same as one at the corner.
      let near = Swift.max(-rows, Swift.min(offset, columns))
      let mask = Tensor.record(Compare(relation), [row + Tensor(integers: [near], shape: [], .int64), column])
      return `where`(mask, self, Tensor(zeros: shape, elementType))
    }
  }

  private func matrices(_ name: String, _ body: (_ rows: Int, _ columns: Int) -> Tensor) -> Tensor {
    if error != nil { return self }
    guard rank >= 2 else { return .failure(name, "takes matrices in the last two axes, not \(shape)") }
    return .calling(name) { body(shape[rank - 2], shape[rank - 1]) }
  }

  /// Where a diagonal begins in the row-major order of a matrix, and how many elements it has.
  private static func diagonal(_ rows: Int, _ columns: Int, _ offset: Int) -> (start: Int, count: Int) {
    if offset >= 0 { return offset >= columns ? (0, 0) : (offset, Swift.min(rows, columns - offset)) }
    return offset <= -rows ? (0, 0) : (-offset * columns, Swift.min(rows + offset, columns))
  }
}
