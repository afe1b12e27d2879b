/// The operand repeated to a larger shape: operand axis `i` becomes result axis `axes[i]`, all others repeat it.
package struct Broadcast: Operation {
  /// The result's shape.
  package let shape: Shape
  /// For each operand axis, the result's axis; increasing.
  package let axes: [Int]

  /// Repeats along the axes that are not named.
  package init(shape: Shape, axes: [Int]) {
    self.shape = shape
    self.axes = axes
  }

  package static var kind: OperationKind { .broadcast }
  package var attributes: String { "\(shape), axes: \(axes)" }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let source = operands[0].shape
    try checkSize(operands[0].with(shape: shape))
    guard axes.count == source.rank, zip(axes, axes.dropFirst()).allSatisfy({ $0 < $1 }),
      axes.allSatisfy({ shape.indices.contains($0) })
    else { throw OperationError(name, "axes \(axes) do not place \(source) in \(shape)") }
    for (axis, target) in axes.enumerated() where source[axis] != shape[target] {
      throw OperationError(
        name, "\(source) does not fit \(shape): axis \(axis) has \(source[axis]), not \(shape[target])")
    }
    return [operands[0].with(shape: shape)]
  }

  private var repeated: [Int] { shape.indices.filter { !axes.contains($0) } }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    [context.tangents[0]?.broadcast(shape, axes: axes)]
  }
  package func transposed(_ context: TransposeContext) -> [Symbol?] { [context.cotangents[0]?.sum(axes: repeated)] }
  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].broadcast(shape.prepending(context.size), axes: [0] + axes.map { $0 + 1 })]
  }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var strides = [Int](repeating: 0, count: shape.rank)
    for (axis, stride) in zip(axes, operands[0].type.shape.strides) { strides[axis] = stride }
    return [ReferenceArray(results[0], from: operands[0], at: StridedPlaces(shape: shape, strides: strides).all)]
  }
}
