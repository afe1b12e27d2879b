import DescentGraph

extension Rule {
  /// Reductions over little, and products that are not products.
  static let reductions: [Rule] = [
    Rule(Reduce.self) { reduce, x, r in
      let shape = x[0].shape
      if reduce.axes.isEmpty { return x[0] }
      let kept = reduce.axes.filter { shape[$0] != 1 }
      if kept.count < reduce.axes.count {
        let dropped = reduce.axes.filter { shape[$0] == 1 }
        let squeezed = r.reshaped(x[0], shape.removing(axes: dropped))
        let axes = kept.map { axis in axis - dropped.count { $0 < axis } }
        return r.one(Reduce(reduce.reducer, axes: axes), squeezed)
      }
      guard let inner = r.definition(x[0], as: Broadcast.self), shape.count > 0 else { return nil }
      let type = x[0].type.elementType
      let repeated = reduce.axes.filter { !inner.operation.axes.contains($0) }
      guard !repeated.isEmpty else { return nil }
      // Repeated elements: a sum is a product with their number, a product a power, an extreme or a logical one is the
      // element itself.
      let remaining = shape.indices.filter { !repeated.contains($0) }
      let narrow = Broadcast(
        shape: Shape(remaining.map { shape[$0] }),
        axes: inner.operation.axes.compactMap { remaining.firstIndex(of: $0) })
      let source = r.one(narrow, inner.operands[0])
      let axes = reduce.axes.filter { !repeated.contains($0) }.compactMap { remaining.firstIndex(of: $0) }
      let times = repeated.reduce(1) { $0 * shape[$1] }
      // Neither the number of terms nor the sum of some of them need be one that the element type holds: real numbers are
      // combined in the accumulator's type and rounded once, integers wrap.
      func combined(_ type: ElementType) -> Symbol {
        r.one(Reduce(reduce.reducer, axes: axes), r.converted(source, to: type))
      }
      switch reduce.reducer {
      case .sum:
        let sum = combined(type.accumulator)
        return r.converted(r.one(Multiply(), sum, r.wrappedConstant(times, like: sum)), to: type)
      case .product: return r.converted(r.one(IntegerPower(times), combined(type.accumulator)), to: type)
      default: return combined(type)
      }
    },
    // Nothing stands before or after the only element.
    Rule(Cumulative.self) { cumulative, x, _ in x[0].shape[cumulative.axis] == 1 ? x[0] : nil },
    // A transposed product is the product of the operands exchanged.
    Rule(Transpose.self) { transpose, x, r in
      guard let inner = r.definition(x[0], as: Dot.self) else { return nil }
      let (left, right, dot) = (inner.operands[0], inner.operands[1], inner.operation)
      let batch = dot.leftBatch.count
      let (rows, columns) = (dot.leftFree(left.shape.rank).count, dot.rightFree(right.shape.rank).count)
      let exchanged = Array(0..<batch) + Array(batch + rows..<batch + rows + columns) + Array(batch..<batch + rows)
      guard rows > 0, columns > 0, transpose.permutation == exchanged else { return nil }
      let product = Dot(
        leftBatch: dot.rightBatch, rightBatch: dot.leftBatch, leftContracted: dot.rightContracted,
        rightContracted: dot.leftContracted)
      return r.one(product, right, left)
    },
    Rule(Transpose.self) { transpose, x, r in
      guard let inner = r.definition(x[0], as: RaggedDot.self), inner.operation.factors == .rowsWithRows else {
        return nil
      }
      let last = x[0].shape.rank - 1
      guard transpose.permutation == Array(0..<last - 1) + [last, last - 1] else { return nil }
      return r.one(inner.operation, inner.operands[1], inner.operands[0], inner.operands[2])
    },
    // A product with transposed matrices reads them as they lie.
    Rule(RaggedDot.self) { product, x, r in
      guard product.factors != .rowsWithRows, let inner = r.definition(x[1], as: Transpose.self) else { return nil }
      let last = x[1].shape.rank - 1
      guard inner.operation.permutation == Array(0..<last - 1) + [last, last - 1] else { return nil }
      let factors: RaggedDot.Factors =
        product.factors == .rowsWithMatrices ? .rowsWithTransposes : .rowsWithMatrices
      return r.one(RaggedDot(factors, sharedAxes: product.sharedAxes), x[0], inner.operands[0], x[2])
    },
    // Without anything to sum over, a product is elementwise.
    Rule(Dot.self) { dot, x, r in
      let terms = dot.leftContracted.reduce(1) { $0 * x[0].shape[$1] }
      guard terms == 1 else { return nil }
      let (left, right) = (x[0], x[1])
      let (rows, columns) = (dot.leftFree(left.shape.rank), dot.rightFree(right.shape.rank))
      let batch = Array(dot.leftBatch.indices)
      let shape = Shape(
        dot.leftBatch.map { left.shape[$0] } + rows.map { left.shape[$0] } + columns.map { right.shape[$0] })
      func spread(_ operand: Symbol, _ order: [Int], _ axes: [Int]) -> Symbol {
        let rest = operand.shape.indices.filter { !order.contains($0) }
        let front = r.one(Transpose(permutation: order + rest), operand)
        let kept = r.reshaped(front, Shape(order.map { operand.shape[$0] }))
        return r.one(Broadcast(shape: shape, axes: axes), kept)
      }
      let free = batch.count..<batch.count + rows.count
      let last = free.upperBound..<shape.rank
      return r.one(
        Multiply(), spread(left, dot.leftBatch + rows, batch + free),
        spread(right, dot.rightBatch + columns, batch + last))
    },
  ]

  /// Results without elements, and results of operands without elements, need no computation.
  static let emptiness: [Rule] = [
    Rule(every: { operation, operands, r in
      // Only views and pads can take all elements away.
      let kind = type(of: operation).kind
      guard !operands.isEmpty, !kind.holdsFunctions,
        operation.isView || kind == .pad || operands.contains(where: { $0.type.count == 0 }),
        let types = try? operation.resultTypes(of: operands.map(\.type)), types.count == 1
      else { return nil }
      let type = types[0]
      if type.count == 0 {
        guard let literal = try? HostLiteral(uninitialized: type) else { return nil }
        return r.builder.emit(Constant(literal: literal), [])[0]
      }
      guard operands.contains(where: { $0.type.count == 0 }) else { return nil }
      switch operation {
      case is Pad: return r.one(Broadcast(shape: type.shape, axes: []), operands[1])
      case is Scatter, is DynamicUpdateSlice: return operands[2].type.count == 0 ? operands[0] : nil
      case is Dot, is RaggedDot, is Convolution, is ConvolutionInputGradient, is ConvolutionWeightGradient,
        is WindowedSumTranspose:
        return r.builder.constant(0, type)
      default:
        // What sums over nothing is the same everywhere; one element of it tells which value.
        guard let reduce = operation as? Reduce else { return nil }
        let nothing = ReferenceArray(TensorType([0], type.elementType), repeating: 0)
        let value = Reduce(reduce.reducer, axes: [0]).evaluate([nothing], [type.with(shape: [])])[0]
        guard let literal = try? value.literal() else { return nil }
        return r.one(Broadcast(shape: type.shape, axes: []), r.builder.emit(Constant(literal: literal), [])[0])
      }
    })
  ]
}
