/// A part of a tensor: from `starts`, up to but not including `limits`, every `steps`-th element along each axis.
package struct Slice: Operation {
  /// The first index along each axis.
  package let starts: [Int]
  /// One past the last index along each axis.
  package let limits: [Int]
  /// The distance between indices along each axis, at least 1.
  package let steps: [Int]

  /// Takes a part.
  package init(starts: [Int], limits: [Int], steps: [Int]? = nil) {
    self.starts = starts
    self.limits = limits
    self.steps = steps ?? starts.map { _ in 1 }
  }

  package static var kind: OperationKind { .slice }
  package var attributes: String {
    starts.indices.map { "\(starts[$0])..<\(limits[$0])" + (steps[$0] == 1 ? "" : " by \(steps[$0])") }
      .joined(separator: ", ")
  }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let shape = operands[0].shape
    guard starts.count == shape.rank, limits.count == shape.rank, steps.count == shape.rank else {
      throw OperationError(name, "\(starts.count) ranges for the \(shape.rank) axes of \(shape)")
    }
    for axis in shape.indices {
      guard starts[axis] >= 0, starts[axis] <= limits[axis], limits[axis] <= shape[axis], steps[axis] >= 1 else {
        throw OperationError(
          name, "\(starts[axis])..<\(limits[axis]) by \(steps[axis]) does not fit axis \(axis) of \(shape)")
      }
    }
    let sizes = shape.indices.map { limits[$0] == starts[$0] ? 0 : (limits[$0] - starts[$0] - 1) / steps[$0] + 1 }
    return [operands[0].with(shape: Shape(sizes))]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] { [context.tangents[0]?.apply(self)] }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let cotangent = context.cotangents[0] else { return [nil] }
    let (source, part) = (context.types[0].shape, cotangent.shape)
    let high = source.indices.map { axis in
      let covered = part[axis] == 0 ? 0 : (part[axis] - 1) * steps[axis] + 1
      return source[axis] - starts[axis] - covered
    }
    let pad = Pad(low: starts, high: high, interior: steps.map { $0 - 1 })
    return [cotangent.apply(pad, context.builder.constant(0, cotangent.type.with(shape: [])))]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].apply(Slice(starts: [0] + starts, limits: [context.size] + limits, steps: [1] + steps))]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let strides = operands[0].type.shape.strides
    let offset = zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
    let places = StridedPlaces(shape: results[0].shape, strides: zip(strides, steps).map { $0 * $1 }, offset: offset)
    return [ReferenceArray(results[0], from: operands[0], at: places.all)]
  }
}
