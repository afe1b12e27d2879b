/// The windows of a tensor that index vectors address: operands are the tensor and the indices.
///
/// It covers taking along an axis, gathering slices by index vectors, and either within batches; see `IndexGeometry`.
package struct Gather: Operation {
  /// What is addressed and where it goes.
  package let geometry: IndexGeometry

  /// Gathers windows.
  package init(_ geometry: IndexGeometry) { self.geometry = geometry }

  package static var kind: OperationKind { .gather }
  package var attributes: String { geometry.attributes }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    try check(geometry, operands[0], operands[1])
    let type = operands[0].with(shape: geometry.gathered(from: operands[0].shape, at: operands[1].shape))
    try checkSize(type)
    return [type]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    [context.tangents[0]?.apply(self, context.operands[1])]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let indices = context.operands[1], let cotangent = context.cotangents[0] else { return [nil, nil] }
    let zeros = context.builder.constant(0, context.types[0])
    return [zeros.apply(Scatter(.add, geometry), indices, cotangent), nil]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let (tensor, indices) = (context.operands[0], context.operands[1])
    if context.isBatched[0] {
      if !context.isBatched[1], geometry.batch == 0 {
        let wide = tensor.apply(Gather(geometry.prepending(batch: false)), indices)
        return [wide]
      }
      return [tensor.apply(Gather(geometry.prepending(batch: true)), context.batched(1))]
    }
    // The examples are further places; what they gather comes out where the places stand.
    let batch = geometry.batch
    let inner = indices.moving(axis: 0, to: batch)
    return [tensor.apply(self, inner).moving(axis: batch + geometry.position, to: 0)]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var places = [Int?](repeating: nil, count: results[0].count)
    geometry.forEach(in: operands[0].type.shape, at: operands[1]) { places[$0] = $1 }
    var result = ReferenceArray(results[0], repeating: 0)
    let kept = places.indices.filter { places[$0] != nil }
    let values = ReferenceArray(
      results[0].with(shape: [kept.count]), from: operands[0], at: kept.compactMap { places[$0] })
    result.assign(values, at: kept)
    return [result]
  }
}

extension Symbol {
  /// The value with one axis in another place.
  func moving(axis: Int, to place: Int) -> Symbol {
    var order = Array(shape.indices)
    order.insert(order.remove(at: axis), at: place)
    return transposed(order)
  }

  /// The elements at indices along an axis; the indices have this value's shape but along that axis.
  func taken(along axis: Int, at indices: Symbol) -> Symbol {
    if shape[axis] == 0 { return builder.constant(0, type.with(shape: indices.shape)) }
    let last = shape.rank - 1
    let (values, places) = (moving(axis: axis, to: last), indices.moving(axis: axis, to: last))
    let vectors = places.reshaped(Shape(places.shape.sizes + [1]))
    let gathered = values.apply(Gather(IndexGeometry(batch: last, axes: [last])), vectors)
    return gathered.reshaped(places.shape).moving(axis: last, to: axis)
  }
}
