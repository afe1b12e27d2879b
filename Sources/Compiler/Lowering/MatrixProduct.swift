import DescentGraph

/// A `Dot` as products of matrices: for each combination of batch indices, `[rows, terms] · [terms, columns]`.
package struct MatrixProduct: Sendable, Hashable {
  /// How an operand's matrix lies in memory, as a product routine wants it.
  package struct Operand: Sendable, Hashable {
    /// The place of the first matrix's first element.
    package var offset: Int
    /// Whether the matrix is stored with its axes exchanged.
    package var isTransposed: Bool
    /// The distance between stored rows.
    package var rowStride: Int
  }

  /// A loop over matrices.
  package struct Loop: Sendable, Hashable {
    /// The number of matrices.
    package var count: Int
    /// The distance between matrices of the left operand, of the right one, and of the result.
    package var strides: [Int]
  }

  /// The loops over the batch axes, outermost first, as few as the layouts allow.
  package var loops: [Loop]
  /// The number of rows of the left operand and the result.
  package var rows: Int
  /// The number of columns of the right operand and the result.
  package var columns: Int
  /// The number of terms of each sum.
  package var terms: Int
  /// The left operand's matrix.
  package var left: Operand
  /// The right operand's matrix.
  package var right: Operand

  /// The number of multiplications and additions.
  package var flops: Double {
    loops.reduce(2 * Double(rows) * Double(columns) * Double(terms)) { $0 * Double($1.count) }
  }

  /// Describes a product of operands in the given layouts, the result packed; says in `unfit` which operands a product
  /// routine cannot read where they lie, and is `nil` where there are any.
  init?(_ dot: Dot, left: OperandView, right: OperandView, unfit: inout (left: Bool, right: Bool)) {
    let (leftFree, rightFree) = (dot.leftFree(left.shape.rank), dot.rightFree(right.shape.rank))
    // The order of the summed axes is free as long as both sides keep it.
    let order = dot.leftContracted.indices.sorted {
      left.layout.strides[dot.leftContracted[$0]] > left.layout.strides[dot.leftContracted[$1]]
    }
    let leftTerms = left.run(order.map { dot.leftContracted[$0] })
    let rightTerms = right.run(order.map { dot.rightContracted[$0] })
    let leftMatrix = Self.operand(left, rows: left.run(leftFree), columns: leftTerms)
    let rightMatrix = Self.operand(right, rows: rightTerms, columns: right.run(rightFree))
    unfit = (leftMatrix == nil, rightMatrix == nil)
    guard let leftMatrix, let rightMatrix else { return nil }
    rows = leftFree.reduce(1) { $0 * left.shape[$1] }
    columns = rightFree.reduce(1) { $0 * right.shape[$1] }
    terms = dot.leftContracted.reduce(1) { $0 * left.shape[$1] }
    self.left = leftMatrix
    self.right = rightMatrix
    loops = []
    var resultStride = rows * columns
    for (a, b) in zip(dot.leftBatch, dot.rightBatch).reversed() where left.shape[a] != 1 {
      let loop = Loop(
        count: left.shape[a], strides: [left.layout.strides[a], right.layout.strides[b], resultStride])
      resultStride *= loop.count
      if let inner = loops.first, zip(loop.strides, inner.strides).allSatisfy({ $0 == $1 * inner.count }) {
        loops[0].count *= loop.count
      } else {
        loops.insert(loop, at: 0)
      }
    }
  }

  /// A matrix whose rows and columns are runs, if one of the two has neighbors next to each other in memory.
  private static func operand(
    _ view: OperandView, rows: OperandView.Run?, columns: OperandView.Run?
  ) -> Operand? {
    guard let rows, let columns else { return nil }
    func stored(_ outer: OperandView.Run, _ inner: OperandView.Run, _ isTransposed: Bool) -> Operand? {
      guard inner.size == 1 || inner.stride == 1, outer.size == 1 || outer.stride >= inner.size else { return nil }
      let stride = outer.size == 1 ? inner.size : outer.stride
      return Operand(offset: view.layout.offset, isTransposed: isTransposed, rowStride: max(1, stride))
    }
    return stored(rows, columns, false) ?? stored(columns, rows, true)
  }
}

/// An operand as a view of a packed base.
struct OperandView {
  /// Axes that can be walked as one, with one distance between neighbors.
  struct Run {
    var size: Int
    var stride: Int
  }

  /// The operand's shape.
  let shape: Shape
  /// Where its elements lie.
  let layout: Layout

  /// Some axes as one run, or `nil` where they do not follow each other without gaps.
  func run(_ axes: [Int]) -> Run? {
    var run = Run(size: 1, stride: 1)
    for axis in axes.reversed() where shape[axis] != 1 {
      if run.size == 1 {
        run = Run(size: shape[axis], stride: layout.strides[axis])
      } else if layout.strides[axis] == run.size * run.stride {
        run.size *= shape[axis]
      } else {
        return nil
      }
    }
    return run
  }
}
