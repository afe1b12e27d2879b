/// The general product of two tensors: sums over contracted axes, for each index of the batch axes.
///
/// The result's axes are the batch axes, then the left operand's remaining ones, then the right operand's.
/// Named `dot_general` in StableHLO.
package struct Dot: Operation {
  /// The left operand's axes that pair with `rightBatch`.
  package let leftBatch: [Int]
  /// The right operand's axes that pair with `leftBatch`.
  package let rightBatch: [Int]
  /// The left operand's axes that are summed over.
  package let leftContracted: [Int]
  /// The right operand's axes that are summed over, in the same order.
  package let rightContracted: [Int]

  /// Describes a product by its axes.
  package init(
    leftBatch: [Int] = [], rightBatch: [Int] = [], leftContracted: [Int], rightContracted: [Int]
  ) {
    self.leftBatch = leftBatch
    self.rightBatch = rightBatch
    self.leftContracted = leftContracted
    self.rightContracted = rightContracted
  }

  package static var kind: OperationKind { .dot }
  package var attributes: String {
    let batch = leftBatch.isEmpty ? "" : "batch: \(leftBatch)·\(rightBatch), "
    return batch + "contracted: \(leftContracted)·\(rightContracted)"
  }

  /// The left operand's axes that appear in the result, in order.
  package func leftFree(_ rank: Int) -> [Int] {
    (0..<rank).filter { !leftBatch.contains($0) && !leftContracted.contains($0) }
  }

  /// The right operand's axes that appear in the result, in order.
  package func rightFree(_ rank: Int) -> [Int] {
    (0..<rank).filter { !rightBatch.contains($0) && !rightContracted.contains($0) }
  }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let (left, right) = (operands[0], operands[1])
    guard left.elementType == right.elementType else {
      throw OperationError(
        name, "element types differ: \(left.elementType) and \(right.elementType); convert one with converted(to:)")
    }
    guard left.elementType != .bool else { throw OperationError(name, "takes numbers, not bool") }
    try checkAxes(leftBatch + leftContracted, left.shape)
    try checkAxes(rightBatch + rightContracted, right.shape)
    guard leftBatch.count == rightBatch.count, leftContracted.count == rightContracted.count else {
      throw OperationError(name, "the operands name different numbers of axes")
    }
    for (a, b) in zip(leftBatch + leftContracted, rightBatch + rightContracted) where left.shape[a] != right.shape[b] {
      throw OperationError(
        name, "axis \(a) of \(left.shape) pairs with axis \(b) of \(right.shape) (\(left.shape[a]) ≠ \(right.shape[b]))"
      )
    }
    let sizes =
      leftBatch.map { left.shape[$0] } + leftFree(left.rank).map { left.shape[$0] }
      + rightFree(right.rank).map { right.shape[$0] }
    let type = left.with(shape: Shape(sizes))
    try checkSize(type)
    return [type]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (x, y) = (context.operands[0], context.operands[1])
    return [sum(context.tangents[0].map { $0.apply(self, y) }, context.tangents[1].map { x.apply(self, $0) })]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let cotangent = context.cotangents[0] else { return [nil, nil] }
    let (leftRank, rightRank) = (context.types[0].rank, context.types[1].rank)
    let (leftFree, rightFree) = (leftFree(leftRank), rightFree(rightRank))
    let batch = Array(leftBatch.indices)
    let left = context.operands[1].map { right in
      // Sum over the right operand's free axes; what remains are batch, left free and contracted axes.
      let product = Dot(
        leftBatch: batch, rightBatch: rightBatch,
        leftContracted: rightFree.indices.map { batch.count + leftFree.count + $0 }, rightContracted: rightFree)
      let order = leftBatch + leftFree + inOrder(rightContracted, of: leftContracted)
      return cotangent.apply(product, right).transposed(placing(order))
    }
    let right = context.operands[0].map { left in
      let product = Dot(
        leftBatch: batch, rightBatch: leftBatch,
        leftContracted: leftFree.indices.map { batch.count + $0 }, rightContracted: leftFree)
      let order = rightBatch + rightFree + inOrder(leftContracted, of: rightContracted)
      return cotangent.apply(product, left).transposed(placing(order))
    }
    return [left, right]
  }

  /// The partners of contracted axes, in the order in which a product leaves those axes over: increasing.
  private func inOrder(_ axes: [Int], of partners: [Int]) -> [Int] {
    axes.indices.sorted { axes[$0] < axes[$1] }.map { partners[$0] }
  }

  /// The permutation that brings axis `i` of a tensor to place `order[i]`.
  private func placing(_ order: [Int]) -> [Int] {
    var permutation = order
    for (axis, place) in order.enumerated() { permutation[place] = axis }
    return permutation
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let (left, right) = (context.operands[0], context.operands[1])
    func moved(_ axes: [Int], _ isBatched: Bool) -> [Int] { isBatched ? axes.map { $0 + 1 } : axes }
    let (isLeft, isRight) = (context.isBatched[0], context.isBatched[1])
    let both = isLeft && isRight
    let product = Dot(
      leftBatch: (both ? [0] : []) + moved(leftBatch, isLeft),
      rightBatch: (both ? [0] : []) + moved(rightBatch, isRight),
      leftContracted: moved(leftContracted, isLeft), rightContracted: moved(rightContracted, isRight))
    let result = left.apply(product, right)
    if both { return [result] }
    // The new axis is a free one of the side that has it, the first of that side's: bring it to the front.
    let place = isLeft ? leftBatch.count : leftBatch.count + leftFree(left.shape.rank).count
    return [result.transposed([place] + result.shape.indices.filter { $0 != place })]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (left, right) = (operands[0], operands[1])
    func places(_ axes: [Int], _ type: TensorType) -> [Int] {
      let strides = type.shape.strides
      return StridedPlaces(shape: Shape(axes.map { type.shape[$0] }), strides: axes.map { strides[$0] }).all
    }
    let (leftRows, rightRows) = (
      places(leftFree(left.type.rank), left.type), places(rightFree(right.type.rank), right.type)
    )
    let (leftTerms, rightTerms) = (places(leftContracted, left.type), places(rightContracted, right.type))
    let isReal = results[0].elementType.isFloatingPoint
    var reals: [Double] = []
    var integers: [Int64] = []
    for (a, b) in zip(places(leftBatch, left.type), places(rightBatch, right.type)) {
      for row in leftRows {
        for column in rightRows {
          if isReal {
            var total = 0.0
            for (i, j) in zip(leftTerms, rightTerms) { total += left.reals[a + row + i] * right.reals[b + column + j] }
            reals.append(total)
          } else {
            var total: Int64 = 0
            for (i, j) in zip(leftTerms, rightTerms) {
              total &+= left.integers[a + row + i] &* right.integers[b + column + j]
            }
            integers.append(total)
          }
        }
      }
    }
    return [isReal ? ReferenceArray(results[0], reals: reals) : ReferenceArray(results[0], integers: integers)]
  }
}
