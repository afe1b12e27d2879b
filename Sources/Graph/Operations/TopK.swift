/// The first few elements of a tensor in sorted order along an axis, and their indices as int32; of equal elements
/// those with the lower index.
///
/// NaN counts as larger than every number, and −0 as equal to 0.
package struct TopK: Operation {
  /// How many elements are taken.
  package let count: Int
  /// The axis along which elements compete.
  package let axis: Int
  /// Whether the smallest are taken instead of the largest.
  package let isSmallest: Bool

  /// Takes the first few elements, best first.
  package init(count: Int, axis: Int, isSmallest: Bool = false) {
    self.count = count
    self.axis = axis
    self.isSmallest = isSmallest
  }

  package static var kind: OperationKind { .topK }
  package var attributes: String { "\(count), axis: \(axis)" + (isSmallest ? ", smallest" : "") }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let shape = operands[0].shape
    try checkOrdered(axis, shape)
    guard count >= 0, count <= shape[axis] else {
      throw OperationError(name, "cannot take \(count) of the \(shape[axis]) elements along axis \(axis) of \(shape)")
    }
    var sizes = shape
    sizes[axis] = count
    return [operands[0].with(shape: sizes), TensorType(sizes, .int32)]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    [context.tangents[0]?.taken(along: axis, at: context.results[1]), nil]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    context.builder.emit(TopK(count: count, axis: axis + 1, isSmallest: isSmallest), context.operands)
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let source = ReductionGroups(operands[0].type.shape, axes: [axis]).all
    let target = ReductionGroups(results[0].shape, axes: [axis]).all
    var (values, indices) = (ReferenceArray(results[0], repeating: 0), ReferenceArray(results[1], repeating: 0))
    for (places, chosen) in zip(source, target) {
      let order = operands[0].order(of: places, isDescending: !isSmallest).prefix(count)
      let line = Shape([count])
      values.assign(
        ReferenceArray(results[0].with(shape: line), from: operands[0], at: order.map { places[$0] }), at: chosen)
      indices.assign(ReferenceArray(TensorType(line, .int32), integers: order.map(Int64.init)), at: chosen)
    }
    return [values, indices]
  }
}
