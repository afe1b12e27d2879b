import Foundation

/// The discrete Fourier transform along an axis of n numbers: yₖ = Σⱼ xⱼ·e^(−2πi·j·k/n), with +2πi for the inverse,
/// which is not divided by n.
///
/// The operands are the real and the imaginary part, and so are the results. The transform is linear, and its transpose
/// is the one with the other sign.
package struct FFT: Operation {
  /// The axis that is transformed.
  package let axis: Int
  /// Whether the exponent's sign is that of the inverse transform.
  package let isInverse: Bool

  /// Transforms along an axis.
  package init(axis: Int, isInverse: Bool = false) {
    self.axis = axis
    self.isInverse = isInverse
  }

  package static var kind: OperationKind { .fft }
  package var attributes: String { "axis: \(axis)" + (isInverse ? ", inverse" : "") }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard operands[0].elementType.isFloatingPoint else {
      throw OperationError(name, "takes floating-point numbers, not \(operands[0].elementType)")
    }
    try checkAlike(operands)
    try checkAxes([axis], operands[0].shape)
    return operands
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    apply(context.operands[0].builder, context.tangents, zeros: context.operands[0])
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let some = context.cotangents[0] ?? context.cotangents[1] else { return [nil, nil] }
    let back = FFT(axis: axis, isInverse: !isInverse).apply(context.builder, context.cotangents, zeros: some)
    return [context.isLinear(0) ? back[0] : nil, context.isLinear(1) ? back[1] : nil]
  }

  private func apply(_ builder: GraphBuilder, _ parts: [Symbol?], zeros like: Symbol) -> [Symbol?] {
    builder.emit(self, parts.map { $0 ?? like.zeros })
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    context.builder.emit(FFT(axis: axis + 1, isInverse: isInverse), context.allBatched)
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let (real, imaginary, size) = (operands[0].reals, operands[1].reals, results[0].shape[axis])
    var (sumReal, sumImaginary) = (real, imaginary)
    let angles = (0..<size).map { (isInverse ? 2 : -2) * Double.pi * Double($0) / Double(size) }
    for places in ReductionGroups(results[0].shape, axes: [axis]).all {
      for (k, target) in places.enumerated() {
        var (x, y) = (0.0, 0.0)
        for (j, source) in places.enumerated() {
          let angle = angles[j * k % size]
          x += real[source] * cos(angle) - imaginary[source] * sin(angle)
          y += real[source] * sin(angle) + imaginary[source] * cos(angle)
        }
        (sumReal[target], sumImaginary[target]) = (x, y)
      }
    }
    return [ReferenceArray(results[0], reals: sumReal), ReferenceArray(results[1], reals: sumImaginary)]
  }
}
