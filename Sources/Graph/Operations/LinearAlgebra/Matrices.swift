// What the rules of linear algebra share. A matrix is the last two axes of a value; the axes before them are batches.

extension Operation {
  /// Refuses what holds no matrices of floating-point numbers in its last two axes.
  func checkMatrices(_ type: TensorType) throws(OperationError) {
    guard type.elementType.isFloatingPoint else {
      throw OperationError(name, "takes floating-point numbers, not \(type.elementType)")
    }
    guard type.rank >= 2 else {
      throw OperationError(name, "takes matrices in the last two axes, not the shape \(type.shape)")
    }
  }

  /// Refuses what holds no square matrices of floating-point numbers in its last two axes.
  func checkSquare(_ type: TensorType) throws(OperationError) {
    try checkMatrices(type)
    guard type.rows == type.columns else {
      throw OperationError(name, "takes square matrices, not \(type.rows) × \(type.columns) ones: \(type.shape)")
    }
  }
}

extension TensorType {
  /// The size along the last axis but one.
  var rows: Int { shape[rank - 2] }
  /// The size along the last axis.
  var columns: Int { shape[rank - 1] }

  /// The type with other sizes after the batch axes.
  func withMatrices(_ sizes: Int...) -> TensorType { with(shape: Shape(shape.sizes.dropLast(2) + sizes)) }
}

extension Symbol {
  /// The product of matrices.
  func times(_ other: Symbol, transposingLeft: Bool = false, transposingRight: Bool = false) -> Symbol {
    let last = shape.rank - 1
    let batch = Array(0..<last - 1)
    return apply(
      Dot(
        leftBatch: batch, rightBatch: batch, leftContracted: [transposingLeft ? last - 1 : last],
        rightContracted: [transposingRight ? last : last - 1]),
      other)
  }

  /// The matrices with rows and columns exchanged.
  var matrixTransposed: Symbol {
    let last = shape.rank - 1
    return transposed(Array(0..<last - 1) + [last, last - 1])
  }

  /// Half the sum of the matrices and their transposes.
  var symmetricPart: Symbol { 0.5 * (self + matrixTransposed) }

  /// Where the index of the row stands in a relation to the index of the column.
  private func places(_ relation: Compare.Relation) -> Symbol {
    let indices = type.with(elementType: .int32)
    let rows = builder.emit(Iota(type: indices, axis: shape.rank - 2), [])[0]
    return rows.apply(Compare(relation), builder.emit(Iota(type: indices, axis: shape.rank - 1), [])[0])
  }

  /// The elements whose row index stands in a relation to their column index, and 0 elsewhere.
  func kept(_ relation: Compare.Relation) -> Symbol { selected(where: places(relation), otherwise: zeros) }

  /// 1 on the diagonal and 0 elsewhere, in this value's shape.
  var identity: Symbol { places(.equal).converted(to: type.elementType) }

  /// The diagonals of the matrices, along one axis.
  var diagonal: Symbol { kept(.equal).sum(axes: [shape.rank - 1]) }

  /// Vectors repeated as the rows of matrices: element `[…, i, j]` is `[…, j]`.
  func repeatedAsRows(_ count: Int) -> Symbol {
    let axes = Array(shape.indices.dropLast()) + [shape.rank]
    return broadcast(Shape(shape.sizes.dropLast() + [count] + shape.sizes.suffix(1)), axes: axes)
  }

  /// Vectors repeated as the columns of matrices: element `[…, i, j]` is `[…, i]`.
  func repeatedAsColumns(_ count: Int) -> Symbol {
    broadcast(Shape(shape.sizes + [count]), axes: Array(shape.indices))
  }

  /// Some rows and columns of the matrices.
  func part(rows: Range<Int>, columns: Range<Int>) -> Symbol {
    let batch = shape.sizes.dropLast(2)
    if rows == 0..<type.rows, columns == 0..<type.columns { return self }
    return apply(
      Slice(
        starts: batch.map { _ in 0 } + [rows.lowerBound, columns.lowerBound],
        limits: batch + [rows.upperBound, columns.upperBound]))
  }

  /// The matrices with rows and columns of zeros after their own.
  func paddedWithZeros(rows: Int, columns: Int) -> Symbol {
    if rows == 0, columns == 0 { return self }
    let batch = shape.sizes.dropLast(2).map { _ in 0 }
    let zero = builder.constant(0, type.with(shape: []))
    return apply(Pad(low: batch + [0, 0], high: batch + [rows, columns]), zero)
  }
}
