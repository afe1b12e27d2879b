/// The parameters that a convolution and its two backward passes share.
///
/// Activations are `[batch, spatial…, channels]`, weights `[spatial…, input channels / groups, output channels]`. The
/// kernel is not mirrored (cross-correlation), as everywhere in the field.
package struct ConvolutionGeometry: Sendable, Hashable {
  /// Kernel size, strides, padding and dilation.
  package var windows: WindowGeometry
  /// The number of groups that the channels are divided into.
  package var groups: Int

  /// Describes a convolution.
  package init(windows: WindowGeometry, groups: Int = 1) {
    self.windows = windows
    self.groups = groups
  }

  var attributes: String { windows.attributes + (groups == 1 ? "" : ", groups: \(groups)") }

  /// The output's type for an input and weights.
  func outputType(_ input: TensorType, _ weights: TensorType, _ name: String) throws(OperationError) -> TensorType {
    let rank = windows.rank
    guard input.rank == rank + 2, weights.rank == rank + 2 else {
      throw OperationError(
        name,
        "takes an input [batch, \(rank) spatial axes, channels] and weights of \(rank + 2) axes, not"
          + " \(input.shape) and \(weights.shape)")
    }
    guard input.elementType == weights.elementType, input.elementType.isFloatingPoint else {
      throw OperationError(
        name,
        "takes floating-point numbers of one type, not \(input.elementType) and"
          + " \(weights.elementType)")
    }
    let channels = input.shape[rank + 1]
    guard groups >= 1, channels % groups == 0, weights.shape[rank + 1] % groups == 0 else {
      throw OperationError(
        name, "\(channels) input and \(weights.shape[rank + 1]) output channels do not divide into \(groups) groups")
    }
    guard weights.shape[rank] == channels / groups else {
      throw OperationError(
        name,
        "the input \(input.shape) has \(channels) channels, the weights \(weights.shape) take"
          + " \(weights.shape[rank] &* groups)")
    }
    guard Array(weights.shape[..<rank]) == windows.size else {
      throw OperationError(name, "the weights \(weights.shape) are not for a kernel of \(windows.size)")
    }
    let spatial = try windows.outputSizes(Array(input.shape[1...rank]), for: name)
    return input.with(shape: Shape([input.shape[0]] + spatial + [weights.shape[rank + 1]]))
  }

  /// Every product of the convolution as places in input, weights and output.
  func forEachTerm(
    _ input: Shape, _ weights: Shape, _ output: Shape, _ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void
  ) {
    let rank = windows.rank
    let (channels, filters) = (input[rank + 1], output[rank + 1])
    let (groupChannels, groupFilters) = (channels / groups, filters / groups)
    let coverage = windows.coverage(Array(input[1...rank]), Array(output[1...rank]))
    let pixels = Shape(Array(input[1...rank])).count
    for image in 0..<input[0] {
      for (window, covered) in coverage.enumerated() {
        for (offset, place) in covered {
          for filter in 0..<filters {
            let group = filter / max(1, groupFilters)
            for channel in 0..<groupChannels {
              body(
                (image * pixels + place) * channels + group * groupChannels + channel,
                (offset * groupChannels + channel) * filters + filter,
                (image * coverage.count + window) * filters + filter)
            }
          }
        }
      }
    }
  }
}

/// The convolution of an input `[batch, spatial…, channels]` with weights `[spatial…, channels / groups, filters]`.
package struct Convolution: Operation {
  /// Kernel, strides, padding, dilation and groups.
  package let geometry: ConvolutionGeometry

  /// Describes a convolution.
  package init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

  package static var kind: OperationKind { .convolution }
  package var attributes: String { geometry.attributes }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = try geometry.outputType(operands[0], operands[1], name)
    try checkSize(type)
    return [type]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (x, w) = (context.operands[0], context.operands[1])
    return [sum(context.tangents[0].map { $0.apply(self, w) }, context.tangents[1].map { x.apply(self, $0) })]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let cotangent = context.cotangents[0] else { return [nil, nil] }
    return [
      context.operands[1].map { weights in
        cotangent.apply(ConvolutionInputGradient(geometry, input: context.types[0].shape), weights)
      },
      context.operands[0].map { $0.apply(ConvolutionWeightGradient(geometry), cotangent) },
    ]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    if !context.isBatched[1] {
      let input = context.operands[0].mergingBatch()
      return [input.apply(self, context.operands[1]).splittingBatch(context.size)]
    }
    let grouped = geometry.grouped(context.size)
    let input = context.batched(0).mergingIntoChannels()
    let weights = context.operands[1].mergingIntoChannels()
    return [input.apply(Convolution(grouped), weights).splittingFromChannels(context.size)]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (x, w) = (operands[0], operands[1])
    var sums = [Double](repeating: 0, count: results[0].count)
    geometry.forEachTerm(x.type.shape, w.type.shape, results[0].shape) { sums[$2] += x.reals[$0] * w.reals[$1] }
    return [ReferenceArray(results[0], reals: sums)]
  }
}

/// The transpose of a convolution in its input: operands are the output's cotangent and the weights.
package struct ConvolutionInputGradient: Operation {
  /// The convolution's geometry.
  package let geometry: ConvolutionGeometry
  /// The shape of the convolution's input.
  package let input: Shape

  /// Describes the transpose for an input shape.
  package init(_ geometry: ConvolutionGeometry, input: Shape) {
    self.geometry = geometry
    self.input = input
  }

  package static var kind: OperationKind { .convolutionInputGradient }
  package var attributes: String { geometry.attributes }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let type = operands[0].with(shape: input)
    let output = try geometry.outputType(type, operands[1], name)
    guard output == operands[0] else {
      throw OperationError(name, "the output is \(output.shape), its cotangent \(operands[0].shape)")
    }
    try checkSize(type)
    return [type]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (y, w) = (context.operands[0], context.operands[1])
    return [sum(context.tangents[0].map { $0.apply(self, w) }, context.tangents[1].map { y.apply(self, $0) })]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let cotangent = context.cotangents[0] else { return [nil, nil] }
    return [
      context.operands[1].map { cotangent.apply(Convolution(geometry), $0) },
      context.operands[0].map { cotangent.apply(ConvolutionWeightGradient(geometry), $0) },
    ]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    if !context.isBatched[1] {
      let merged = ConvolutionInputGradient(geometry, input: input.mergingBatch(context.size))
      return [context.operands[0].mergingBatch().apply(merged, context.operands[1]).splittingBatch(context.size)]
    }
    var wide = input
    wide[wide.rank - 1] *= context.size
    let grouped = ConvolutionInputGradient(geometry.grouped(context.size), input: wide)
    let weights = context.operands[1].mergingIntoChannels()
    return [context.batched(0).mergingIntoChannels().apply(grouped, weights).splittingFromChannels(context.size)]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (y, w) = (operands[0], operands[1])
    var sums = [Double](repeating: 0, count: results[0].count)
    geometry.forEachTerm(input, w.type.shape, y.type.shape) { sums[$0] += y.reals[$2] * w.reals[$1] }
    return [ReferenceArray(results[0], reals: sums)]
  }
}

/// The transpose of a convolution in its weights: operands are the input and the output's cotangent.
package struct ConvolutionWeightGradient: Operation {
  /// The convolution's geometry, kernel size included.
  package let geometry: ConvolutionGeometry

  /// Describes the transpose.
  package init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

  package static var kind: OperationKind { .convolutionWeightGradient }
  package var attributes: String { geometry.attributes }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let (x, y) = (operands[0], operands[1])
    guard x.rank == geometry.windows.rank + 2, y.rank == x.rank else {
      throw OperationError(
        name,
        "takes an input and an output's cotangent of \(geometry.windows.rank + 2) axes, not"
          + " \(x.shape) and \(y.shape)")
    }
    let channels = x.shape[x.rank - 1] / max(1, geometry.groups)
    let type = x.with(shape: Shape(geometry.windows.size + [channels, y.shape[y.rank - 1]]))
    let output = try geometry.outputType(x, type, name)
    guard output == y else { throw OperationError(name, "the output is \(output), its cotangent \(y)") }
    return [type]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (x, y) = (context.operands[0], context.operands[1])
    return [sum(context.tangents[0].map { $0.apply(self, y) }, context.tangents[1].map { x.apply(self, $0) })]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let cotangent = context.cotangents[0] else { return [nil, nil] }
    return [
      context.operands[1].map { y in
        y.apply(ConvolutionInputGradient(geometry, input: context.types[0].shape), cotangent)
      },
      context.operands[0].map { $0.apply(Convolution(geometry), cotangent) },
    ]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let grouped = ConvolutionWeightGradient(geometry.grouped(context.size))
    let (x, y) = (context.batched(0).mergingIntoChannels(), context.batched(1).mergingIntoChannels())
    return [x.apply(grouped, y).splittingFromChannels(context.size)]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (x, y) = (operands[0], operands[1])
    var sums = [Double](repeating: 0, count: results[0].count)
    geometry.forEachTerm(x.type.shape, results[0].shape, y.type.shape) { sums[$1] += x.reals[$0] * y.reals[$2] }
    return [ReferenceArray(results[0], reals: sums)]
  }
}
