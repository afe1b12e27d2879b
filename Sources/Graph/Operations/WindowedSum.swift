/// The sum over each window of `[batch, spatial…, channels]`.
package struct WindowedSum: Operation {
  /// How the windows lie.
  package let windows: WindowGeometry

  /// Sums over windows.
  package init(_ windows: WindowGeometry) { self.windows = windows }

  package static var kind: OperationKind { .windowedSum }
  package var attributes: String { windows.attributes }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    [try windowedType(operands[0], windows)]
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [context.tangents[0]?.apply(self)] }
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    [context.cotangents[0]?.apply(WindowedSumTranspose(windows, input: context.types[0].shape))]
  }
  package func batched(_ context: BatchContext) -> [Symbol] {
    [context.operands[0].mergingBatch().apply(self).splittingBatch(context.size)]
  }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var sums = [Double](repeating: 0, count: results[0].count)
    forEachWindow(operands[0].type.shape, windows) { output, places in
      for place in places { sums[output] += operands[0].reals[place] }
    }
    return [ReferenceArray(results[0], reals: sums)]
  }
}

/// The transpose of a windowed sum: every element receives the sum of what the windows that cover it hold.
package struct WindowedSumTranspose: Operation {
  /// How the windows lie.
  package let windows: WindowGeometry
  /// The shape of the windowed sum's input.
  package let input: Shape

  /// Describes the transpose for an input shape.
  package init(_ windows: WindowGeometry, input: Shape) {
    self.windows = windows
    self.input = input
  }

  package static var kind: OperationKind { .windowedSumTranspose }
  package var attributes: String { windows.attributes }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = operands[0].with(shape: input)
    guard try windowedType(type, windows) == operands[0] else {
      throw OperationError(name, "\(operands[0].shape) is not what windows over \(input) give")
    }
    return [type]
  }
  package func tangents(_ context: ForwardContext) -> [Symbol?] { [context.tangents[0]?.apply(self)] }
  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    [context.cotangents[0]?.apply(WindowedSum(windows))]
  }
  package func batched(_ context: BatchContext) -> [Symbol] {
    let merged = WindowedSumTranspose(windows, input: input.mergingBatch(context.size))
    return [context.operands[0].mergingBatch().apply(merged).splittingBatch(context.size)]
  }
  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var sums = [Double](repeating: 0, count: results[0].count)
    forEachWindow(input, windows) { output, places in
      for place in places { sums[place] += operands[0].reals[output] }
    }
    return [ReferenceArray(results[0], reals: sums)]
  }
}

extension Operation {
  /// The type of windows over an input.
  func windowedType(_ input: TensorType, _ windows: WindowGeometry) throws(OperationError) -> TensorType {
    guard input.rank == windows.rank + 2 else {
      throw OperationError(
        name,
        "takes [batch, \(windows.rank) spatial axes, channels], that is \(windows.rank + 2) axes, not \(input.shape)")
    }
    guard input.elementType.isFloatingPoint else {
      throw OperationError(name, "takes floating-point numbers, not \(input.elementType)")
    }
    let spatial = try windows.outputSizes(Array(input.shape[1...windows.rank]), for: name)
    let type = input.with(shape: Shape([input.shape[0]] + spatial + [input.shape[windows.rank + 1]]))
    try checkSize(type)
    return type
  }

  /// Calls the body for each element of the result of windows over an input, with the places that its window covers.
  func forEachWindow(_ input: Shape, _ windows: WindowGeometry, _ body: (_ output: Int, _ places: [Int]) -> Void) {
    let spatial = Array(input[1...windows.rank])
    let channels = input[windows.rank + 1]
    let pixels = Shape(spatial).count
    guard let sizes = try? windows.outputSizes(spatial, for: name) else { return }
    let coverage = windows.coverage(spatial, sizes)
    for image in 0..<input[0] {
      for (window, covered) in coverage.enumerated() {
        for channel in 0..<channels {
          let output = (image * coverage.count + window) * channels + channel
          body(output, covered.map { (image * pixels + $0.place) * channels + channel })
        }
      }
    }
  }
}
