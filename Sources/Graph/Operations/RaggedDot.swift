/// Products of a tensor's rows with several matrices, consecutive rows with the same one; also the product that the
/// derivative by the matrices needs. Named `ragged_dot` in JAX.
///
/// With `groups` matrices `[groups, height, width]`, the operands are the left factor, the right one and the group
/// sizes, integers `[groups]`: how many rows belong to each group, from the first row on. A negative size counts as 0, and
/// a group ends with the last row at the latest, so that every row belongs to one group at most, whatever the sizes say.
/// Rows after the last group belong to none: they give zeros, and nothing is read of them.
///
/// Axes in front are batches. The innermost `sharedAxes` of them are axes of rows and sizes alone: all batches along them
/// meet the same matrices, or add to the same ones. The three products are each other's transposes, so that the set is
/// closed under derivatives of any order; and it is closed under batching without a matrix being repeated.
package struct RaggedDot: Operation {
  /// What is multiplied.
  package enum Factors: Sendable, Hashable {
    /// Rows `[rows, height]` with matrices, which gives rows `[rows, width]`.
    case rowsWithMatrices
    /// Rows `[rows, width]` with the matrices' transposes, which gives rows `[rows, height]`.
    case rowsWithTransposes
    /// The transposed rows `[rows, height]` of each group with its rows `[rows, width]`, which gives matrices.
    case rowsWithRows
  }

  /// What is multiplied.
  package let factors: Factors
  /// How many batch axes of the rows the matrices lack.
  package let sharedAxes: Int

  /// Describes products.
  package init(_ factors: Factors = .rowsWithMatrices, sharedAxes: Int = 0) {
    self.factors = factors
    self.sharedAxes = sharedAxes
  }

  package static var kind: OperationKind { .raggedDot }
  package var attributes: String {
    let words =
      switch factors {
      case .rowsWithMatrices: "rows·matrices"
      case .rowsWithTransposes: "rows·matricesᵀ"
      case .rowsWithRows: "rowsᵀ·rows"
      }
    return sharedAxes == 0 ? words : words + ", shared axes: \(sharedAxes)"
  }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let (left, right, sizes) = (operands[0], operands[1], operands[2])
    guard left.elementType == right.elementType, left.elementType.isFloatingPoint else {
      throw OperationError(
        name, "takes floating-point numbers of one type, not \(left.elementType) and \(right.elementType)")
    }
    guard sizes.elementType.isInteger else {
      throw OperationError(name, "group sizes are integers, not \(sizes.elementType)")
    }
    let batch = left.rank - 2
    guard batch >= 0, sharedAxes >= 0, sharedAxes <= batch,
      right.rank == (factors == .rowsWithRows ? left.rank : left.rank + 1 - sharedAxes)
    else {
      throw OperationError(name, "takes \(wanted), not \(left.shape) and \(right.shape)")
    }
    guard sizes.rank == batch + 1 else {
      throw OperationError(name, "takes one axis of group sizes after those of batches, not \(sizes.shape)")
    }
    let own = batch - sharedAxes
    guard left.shape[..<batch] == sizes.shape[..<batch],
      left.shape[..<own] == right.shape[..<own],
      factors != .rowsWithRows || left.shape[..<batch] == right.shape[..<batch]
    else {
      throw OperationError(name, "batch axes of \(left.shape), \(right.shape) and group sizes \(sizes.shape) differ")
    }
    let (groups, rows) = (sizes.shape[batch], left.shape[batch])
    let (leftColumns, height, width) = (left.shape[batch + 1], right.shape[right.rank - 2], right.shape[right.rank - 1])
    let front = Array(left.shape[..<batch])
    let result: [Int]
    if factors == .rowsWithRows {
      guard height == rows else {
        throw OperationError(name, "\(rows) rows of \(left.shape) do not pair with \(height) rows of \(right.shape)")
      }
      result = Array(front[..<own]) + [groups, leftColumns, width]
    } else {
      guard right.shape[own] == groups else {
        throw OperationError(
          name, "\(groups) group sizes do not fit the \(right.shape[own]) matrices of \(right.shape)")
      }
      let terms = factors == .rowsWithMatrices ? height : width
      guard leftColumns == terms else {
        throw OperationError(
          name,
          "rows of \(left.shape) have \(leftColumns) elements, the matrices of \(right.shape) take \(terms)")
      }
      result = front + [rows, factors == .rowsWithMatrices ? width : height]
    }
    let type = left.with(shape: Shape(result))
    try checkSize(type)
    return [type]
  }

  private var wanted: String {
    let shared = sharedAxes == 0 ? "" : " with \(sharedAxes) batch axes fewer"
    return factors == .rowsWithRows
      ? "rows […, rows, columns] on both sides"
      : "rows […, rows, columns] and matrices […, groups, height, width]\(shared)"
  }

  private func with(_ factors: Factors) -> RaggedDot { RaggedDot(factors, sharedAxes: sharedAxes) }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (left, right, sizes) = (context.operands[0], context.operands[1], context.operands[2])
    return [
      sum(
        context.tangents[0].map { $0.apply(self, right, sizes) },
        context.tangents[1].map { left.apply(self, $0, sizes) })
    ]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let cotangent = context.cotangents[0], let sizes = context.operands[2] else { return [nil, nil, nil] }
    let (left, right) = (context.operands[0], context.operands[1])
    switch factors {
    case .rowsWithMatrices:
      return [
        right.map { cotangent.apply(with(.rowsWithTransposes), $0, sizes) },
        left.map { $0.apply(with(.rowsWithRows), cotangent, sizes) }, nil,
      ]
    case .rowsWithTransposes:
      return [
        right.map { cotangent.apply(with(.rowsWithMatrices), $0, sizes) },
        left.map { cotangent.apply(with(.rowsWithRows), $0, sizes) }, nil,
      ]
    case .rowsWithRows:
      return [
        right.map { $0.apply(with(.rowsWithTransposes), cotangent, sizes) },
        left.map { $0.apply(with(.rowsWithMatrices), cotangent, sizes) }, nil,
      ]
    }
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let (left, right, sizes) = (context.batched(0), context.operands[1], context.batched(2))
    guard factors != .rowsWithRows, !context.isBatched[1] else {
      return [left.apply(self, context.batched(1), sizes)]
    }
    // The matrices are the same for all examples: the new axis becomes the first of those that share them.
    let own = right.shape.rank - 3
    func moved(_ symbol: Symbol, from axis: Int, to place: Int) -> Symbol {
      var order = Array(symbol.shape.indices)
      order.insert(order.remove(at: axis), at: place)
      return symbol.transposed(order)
    }
    let product = RaggedDot(factors, sharedAxes: sharedAxes + 1)
    let result = moved(left, from: 0, to: own).apply(product, right, moved(sizes, from: 0, to: own))
    return [moved(result, from: own, to: 0)]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (left, right) = (operands[0].reals, operands[1].reals)
    let extents = extents(operands.map(\.type))
    let (height, width) = (extents.height, extents.width)
    var result = [Double](repeating: 0, count: results[0].count)
    for batch in 0..<extents.batches * extents.sharing {
      // Along shared axes the batches meet the same matrices.
      let matrices = batch / extents.sharing * extents.groups
      for (group, rows) in groupRows(operands[2], batch, extents).enumerated() {
        for row in rows {
          for i in 0..<height {
            for j in 0..<width {
              let (short, long) = (row * height + i, row * width + j)
              let place = ((matrices + group) * height + i) * width + j
              switch factors {
              case .rowsWithMatrices: result[long] += left[short] * right[place]
              case .rowsWithTransposes: result[short] += left[long] * right[place]
              case .rowsWithRows: result[place] += left[short] * right[long]
              }
            }
          }
        }
      }
    }
    return [ReferenceArray(results[0], reals: result)]
  }

  /// The rows of each group of a batch, counted through all batches.
  private func groupRows(_ sizes: ReferenceArray, _ batch: Int, _ extents: RaggedExtents) -> [Range<Int>] {
    let end = (batch + 1) * extents.rows
    var start = batch * extents.rows
    return (0..<extents.groups).map { group in
      let size = sizes.integers[batch * extents.groups + group]
      // Unsigned 64-bit integers are kept as their bit pattern.
      let isHuge = size < 0 && !sizes.type.elementType.isSigned
      let stop = isHuge ? end : start + min(max(0, Int(size)), end - start)
      defer { start = stop }
      return start..<stop
    }
  }
}

/// The numbers that describe ragged products.
package struct RaggedExtents: Sendable, Hashable {
  /// The number of batches that have matrices of their own.
  package let batches: Int
  /// How many tensors of rows each of them has.
  package let sharing: Int
  /// The number of groups.
  package let groups: Int
  /// The number of rows.
  package let rows: Int
  /// The number of rows of a matrix.
  package let height: Int
  /// The number of columns of a matrix.
  package let width: Int
}

extension RaggedDot {
  /// The numbers that describe the products of operands that have passed the shape rule.
  package func extents(_ operands: [TensorType]) -> RaggedExtents {
    let (left, right, sizes) = (operands[0].shape, operands[1].shape, operands[2].shape)
    let (batch, own) = (left.rank - 2, left.rank - 2 - sharedAxes)
    return RaggedExtents(
      batches: left[..<own].reduce(1, *), sharing: left[own..<batch].reduce(1, *), groups: sizes[batch],
      rows: left[batch],
      height: factors == .rowsWithRows ? left[batch + 1] : right[right.rank - 2], width: right[right.rank - 1])
  }
}
