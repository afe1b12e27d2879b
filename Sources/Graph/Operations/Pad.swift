/// A tensor with further elements around and between its own: operands are the tensor and the scalar to fill with.
///
/// Negative amounts at the ends take elements away.
package struct Pad: Operation {
  /// How many elements come before the first along each axis.
  package let low: [Int]
  /// How many elements come after the last along each axis.
  package let high: [Int]
  /// How many elements come between neighbors along each axis.
  package let interior: [Int]

  /// Adds elements around and between.
  package init(low: [Int], high: [Int], interior: [Int]? = nil) {
    self.low = low
    self.high = high
    self.interior = interior ?? low.map { _ in 0 }
  }

  package static var kind: OperationKind { .pad }
  package var attributes: String {
    "low: \(low), high: \(high)" + (interior.contains { $0 != 0 } ? ", interior: \(interior)" : "")
  }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let shape = operands[0].shape
    guard operands[1] == operands[0].with(shape: []) else {
      throw OperationError(name, "the filling is \(operands[1]), not a scalar of \(operands[0].elementType)")
    }
    guard low.count == shape.rank, high.count == shape.rank, interior.count == shape.rank,
      interior.allSatisfy({ $0 >= 0 })
    else { throw OperationError(name, "the amounts do not fit the \(shape.rank) axes of \(shape)") }
    var sizes: [Int] = []
    for axis in shape.indices {
      let (spread, overflow) = Swift.max(0, shape[axis] - 1).multipliedReportingOverflow(by: interior[axis])
      let (size, overflow2) = spread.addingReportingOverflow(shape[axis])
      let (padded, overflow3) = size.addingReportingOverflow(low[axis])
      let (whole, overflow4) = padded.addingReportingOverflow(high[axis])
      guard !overflow, !overflow2, !overflow3, !overflow4, whole >= 0 else {
        throw OperationError(name, "axis \(axis) of \(shape) cannot be padded by \(low[axis]) and \(high[axis])")
      }
      sizes.append(whole)
    }
    let type = operands[0].with(shape: Shape(sizes))
    try checkSize(type)
    return [type]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (tensor, filling) = (context.tangents[0], context.tangents[1])
    guard tensor != nil || filling != nil else { return [nil] }
    let scalar = filling ?? context.operands[1].zeros
    return [(tensor ?? context.operands[0].zeros).apply(self, scalar)]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let cotangent = context.cotangents[0] else { return [nil, nil] }
    let inside = unpadded(cotangent, context.types[0].shape)
    let rest =
      context.isLinear(1)
      ? cotangent.sum(axes: Array(cotangent.shape.indices)) - inside.sum(axes: Array(inside.shape.indices)) : nil
    return [context.isLinear(0) ? inside : nil, rest]
  }

  /// The elements of a padded tensor that came from the operand; 0 where a negative amount took them away.
  private func unpadded(_ padded: Symbol, _ shape: Shape) -> Symbol {
    let zero = padded.builder.constant(0, padded.type.with(shape: []))
    let whole = padded.apply(Pad(low: low.map { -$0 }, high: high.map { -$0 }), zero)
    guard interior.contains(where: { $0 != 0 }) else { return whole }
    return whole.apply(
      Slice(starts: shape.map { _ in 0 }, limits: whole.shape.sizes, steps: interior.map { $0 + 1 }))
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let operand = context.batched(0)
    let wide = Pad(low: [0] + low, high: [0] + high, interior: [0] + interior)
    guard context.isBatched[1] else { return [operand.apply(wide, context.operands[1])] }
    // A filling of its own for every example: pad with zeros and choose by a mask of where the operand landed.
    let zero = context.builder.constant(0, operand.type.with(shape: []))
    let values = operand.apply(wide, zero)
    let mask = operand.constant(1).apply(wide, zero)
    let fill = context.operands[1].broadcast(values.shape, axes: [0])
    return [fill.selected(where: mask.equals(mask.zeros), otherwise: values)]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (source, shape) = (operands[0].type.shape, results[0].shape)
    var result = ReferenceArray(results[0], from: operands[1], at: [Int](repeating: 0, count: shape.count))
    let strides = shape.strides
    var kept: [Int] = []
    var places: [Int] = []
    for index in 0..<source.count {
      var rest = index
      var place = 0
      var inside = true
      for axis in source.indices.reversed() {
        let target = low[axis] + rest % source[axis] * (interior[axis] + 1)
        rest /= source[axis]
        inside = inside && target >= 0 && target < shape[axis]
        place += target * strides[axis]
      }
      if inside {
        kept.append(index)
        places.append(place)
      }
    }
    result.assign(ReferenceArray(results[0].with(shape: [kept.count]), from: operands[0], at: kept), at: places)
    return [result]
  }
}
