import DescentGraph

extension Rule {
  /// A function of repeated values is computed once and then repeated.
  static let repetition: [Rule] = [
    Rule(every: { operation, operands, r in
      guard operation.isElementwise, !operands.isEmpty else { return nil }
      let shape = operands[0].shape
      guard shape.rank > 0 else { return nil }
      // All operands repeat along the same axes, or are one number.
      var pattern: (axes: [Int], shape: Shape)?
      var sources: [Symbol?] = []
      for operand in operands {
        if let scalar = r.uniform(operand) {
          sources.append(scalar)
        } else if let broadcast = r.definition(operand, as: Broadcast.self) {
          let (axes, source) = (broadcast.operation.axes, broadcast.operands[0])
          if let pattern, pattern.axes != axes { return nil }
          pattern = (axes, source.shape)
          sources.append(source)
        } else {
          return nil
        }
      }
      let small = pattern?.shape ?? []
      let parts = sources.compactMap { source in
        source.map { $0.shape == small ? $0 : r.one(Broadcast(shape: small, axes: []), $0) }
      }
      return r.one(Broadcast(shape: shape, axes: pattern?.axes ?? []), r.write(operation, parts)[0])
    })
  ]

  /// Small results of constants alone are computed now.
  static let folding: [Rule] = [
    Rule(every: { operation, operands, r in
      let kind = type(of: operation).kind
      guard let first = operands.first, r.definition(first, as: Constant.self) != nil, kind != .broadcast,
        !(operation is any CompilerOperation), !kind.holdsFunctions, kind != .barrier
      else { return nil }
      let constants = operands.compactMap { r.definition($0, as: Constant.self)?.operation.literal }
      guard constants.count == operands.count, constants.allSatisfy({ $0.type.count <= largestFolded }) else {
        return nil
      }
      do throws(OperationError) {
        let types = try operation.resultTypes(of: constants.map(\.type))
        guard types.count == 1, types[0].count <= largestFolded else { return nil }
        // The operands are read back from memory, so that each step is rounded to its element type as in a plan.
        let value = operation.evaluate(constants.map { ReferenceArray($0) }, types)[0]
        return r.builder.emit(Constant(literal: try value.literal()), [])[0]
      } catch {
        return nil
      }
    })
  ]

  private static let largestFolded = 4096
}

extension Operation {
  /// Whether every element of the result is computed from the operands' elements at the same place.
  package var isElementwise: Bool {
    switch Self.kind {
    case .negate, .abs, .sign, .floor, .ceil, .round, .not, .isFinite, .popcount, .exp, .expm1, .log, .log1p, .sqrt,
      .rsqrt, .cbrt, .square, .integerPower, .sin, .cos, .tan, .tanh, .logistic, .erf, .erfc, .erfInverse, .lgamma,
      .digamma, .polygamma, .add, .subtract, .multiply, .divide, .remainder, .power, .maximum, .minimum, .atan2, .and,
      .or, .xor, .shiftLeft, .shiftRight, .shiftRightArithmetic, .compare, .select, .clamp, .convert, .bitcast,
      .keyedBits:
      true
    case .input, .constant, .iota, .randomBits, .stopGradient, .reshape, .transpose, .broadcast, .reverse,
      .concatenate, .pad, .slice, .reduce, .argReduce, .cumulative, .dot, .raggedDot, .convolution,
      .convolutionInputGradient, .convolutionWeightGradient, .windowedSum, .windowedSumTranspose, .windowedExtreme,
      .selectAndGather, .selectAndScatter, .dynamicSlice, .dynamicUpdateSlice, .gather, .scatter, .sort, .topK,
      .cholesky, .triangularSolve, .solve, .lu, .qr, .eigh, .svd, .fft, .scan, .call, .cond, .whileLoop,
      .customDerivative, .named, .barrier, .hostCall, .internal:
      false
    }
  }
}
