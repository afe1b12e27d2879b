/// Tensors concatenated along an axis.
package struct Concatenate: Operation {
  /// The axis along which they follow each other.
  package let axis: Int

  /// Joins along an axis.
  package init(axis: Int) { self.axis = axis }

  package static var kind: OperationKind { .concatenate }
  package var attributes: String { "axis: \(axis)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard let first = operands.first else { throw OperationError(name, "needs at least one tensor") }
    guard first.shape.indices.contains(axis) else {
      throw OperationError(name, "axis \(axis) does not exist in shape \(first.shape)")
    }
    for type in operands.dropFirst() {
      guard type.elementType == first.elementType, type.rank == first.rank,
        type.shape.removing(axes: [axis]) == first.shape.removing(axes: [axis])
      else { throw OperationError(name, "\(first) and \(type) do not fit along axis \(axis)") }
    }
    var shape = first.shape
    var size = 0
    for type in operands {
      let (sum, overflow) = size.addingReportingOverflow(type.shape[axis])
      guard !overflow else { throw OperationError(name, "the sizes along axis \(axis) add up to too much") }
      size = sum
    }
    shape[axis] = size
    try checkSize(first.with(shape: shape))
    return [first.with(shape: shape)]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    guard let some = context.tangents.lazy.compactMap({ $0 }).first else { return [nil] }
    let parts = zip(context.operands, context.tangents).map { operand, tangent in tangent ?? operand.zeros }
    return [some.builder.emit(self, parts)[0]]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let cotangent = context.cotangents[0] else { return context.types.map { _ in nil } }
    var start = 0
    return context.types.indices.map { index in
      let size = context.types[index].shape[axis]
      defer { start += size }
      guard context.isLinear(index) else { return nil }
      var starts = cotangent.shape.map { _ in 0 }
      var limits = cotangent.shape.sizes
      starts[axis] = start
      limits[axis] = start + size
      return cotangent.apply(Slice(starts: starts, limits: limits))
    }
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    context.builder.emit(Concatenate(axis: axis + 1), context.allBatched)
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let shape = results[0].shape
    var result = ReferenceArray(results[0], repeating: 0)
    var offset = 0
    for operand in operands {
      let places = StridedPlaces(shape: operand.type.shape, strides: shape.strides, offset: offset)
      result.assign(operand, at: places.all)
      offset += operand.type.shape[axis] * shape.strides[axis]
    }
    return [result]
  }
}
