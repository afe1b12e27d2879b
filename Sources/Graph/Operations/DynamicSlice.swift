/// A part of a tensor that begins where numbers known only at run time say: operands are the tensor and its starts, one
/// for each of `axes`, moved to the nearest at which the part fits.
package struct DynamicSlice: Operation {
  /// The axes along which the part is cut out; the others stay whole.
  package let axes: [Int]
  /// The part's size along each of `axes`.
  package let sizes: [Int]

  /// Cuts out a part.
  package init(axes: [Int], sizes: [Int]) {
    self.axes = axes
    self.sizes = sizes
  }

  package static var kind: OperationKind { .dynamicSlice }
  package var attributes: String { "axes: \(axes), sizes: \(sizes)" }
  /// The same as the gathering of one window.
  package var geometry: IndexGeometry { IndexGeometry(axes: axes, sizes: sizes) }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try checkStarts(operands[1], axes)
    try check(geometry, operands[0], operands[1])
    return [operands[0].with(shape: Shape(geometry.window(of: operands[0].shape)))]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    [context.tangents[0]?.apply(self, context.operands[1])]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let starts = context.operands[1], let cotangent = context.cotangents[0] else { return [nil, nil] }
    let zeros = context.builder.constant(0, context.types[0])
    return [zeros.apply(DynamicUpdateSlice(axes: axes), starts, cotangent), nil]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let (tensor, starts) = (context.operands[0], context.operands[1])
    guard context.isBatched[1] else {
      return [tensor.apply(DynamicSlice(axes: axes.map { $0 + 1 }, sizes: sizes), starts)]
    }
    let windows = context.isBatched[0] ? geometry.prepending(batch: true) : geometry
    return [tensor.apply(Gather(windows), starts)]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    Gather(geometry).evaluate(operands, results)
  }
}

/// A tensor with a part replaced, which begins where numbers known only at run time say: operands are the tensor, the
/// part's starts, one for each of `axes`, moved to the nearest at which the part fits, and the part.
package struct DynamicUpdateSlice: Operation {
  /// The axes along which the part may be smaller than the tensor.
  package let axes: [Int]

  /// Replaces a part.
  package init(axes: [Int]) { self.axes = axes }

  package static var kind: OperationKind { .dynamicUpdateSlice }
  package var attributes: String { "axes: \(axes)" }

  /// The same as the scattering of one window.
  package func geometry(of part: Shape) -> IndexGeometry { IndexGeometry(axes: axes, sizes: axes.map { part[$0] }) }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let (tensor, part) = (operands[0], operands[2])
    try checkStarts(operands[1], axes)
    try checkAxes(axes, tensor.shape)
    guard tensor.elementType == part.elementType, tensor.rank == part.rank,
      tensor.shape.indices.allSatisfy({ axis in
        part.shape[axis] == tensor.shape[axis] || (axes.contains(axis) && part.shape[axis] < tensor.shape[axis])
      })
    else { throw OperationError(name, "\(part) is not a part of \(tensor) along axes \(axes)") }
    return [tensor]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (tensor, part) = (context.tangents[0], context.tangents[2])
    guard tensor != nil || part != nil else { return [nil] }
    let base = tensor ?? context.operands[0].zeros
    return [base.apply(self, context.operands[1], part ?? context.operands[2].zeros)]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let starts = context.operands[1], let cotangent = context.cotangents[0] else { return [nil, nil, nil] }
    let part = context.types[2]
    let slice = DynamicSlice(axes: axes, sizes: axes.map { part.shape[$0] })
    return [
      context.isLinear(0) ? cotangent.apply(self, starts, context.builder.constant(0, part)) : nil, nil,
      context.isLinear(2) ? cotangent.apply(slice, starts) : nil,
    ]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let (tensor, starts, part) = (context.batched(0), context.operands[1], context.batched(2))
    guard context.isBatched[1] else {
      return [tensor.apply(DynamicUpdateSlice(axes: axes.map { $0 + 1 }), starts, part)]
    }
    let single = Shape(Array(part.shape.sizes.dropFirst()))
    return [tensor.apply(Scatter(.set, geometry(of: single).prepending(batch: true)), starts, part)]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    Scatter(.set, geometry(of: operands[2].type.shape)).evaluate(operands, results)
  }
}

extension Operation {
  /// Refuses starts that are not an integer vector with a number for each axis.
  func checkStarts(_ starts: TensorType, _ axes: [Int]) throws(OperationError) {
    guard starts.elementType.isInteger, starts.shape == [axes.count] else {
      throw OperationError(name, "the starts are \(starts), not \(axes.count) integers for the axes \(axes)")
    }
  }
}
