/// Every operation there is, under the name that errors and printed graphs give it.
///
/// The list is closed, so that whoever must know all operations (a backend's lowering, the table that tests every
/// operation) can `switch` over it, and the compiler names the places that a new operation has to be added to.
package enum OperationKind: String, Sendable, Hashable, CaseIterable {
  case input, constant, iota, randomBits
  case keyedBits = "keyedRandomBits"
  case negate, abs, sign, floor, ceil, round, not, isFinite, popcount, stopGradient
  case exp, expm1, log, log1p, sqrt, rsqrt, cbrt, square, integerPower, sin, cos, tan, tanh
  case logistic = "sigmoid"
  case erf, erfc, erfInverse, lgamma, digamma, polygamma
  case add, subtract, multiply, divide, remainder, maximum, minimum, atan2
  case power = "pow"
  case and, or, xor, shiftLeft, shiftRight, shiftRightArithmetic
  case compare, clamp, convert, bitcast
  case select = "where"
  case reshape, transpose, broadcast, reverse, concatenate, pad, slice
  case dynamicSlice, dynamicUpdateSlice, gather, scatter, sort, topK
  case reduce, argReduce, cumulative, dot, raggedDot
  case convolution, convolutionInputGradient, convolutionWeightGradient
  case windowedSum, windowedSumTranspose, windowedExtreme, selectAndGather, selectAndScatter
  case cholesky, triangularSolve, solve, lu, qr, eigh, svd, fft
  case scan, call, cond, whileLoop, named, barrier, hostCall
  case customDerivative = "customGradient"
  /// What a pass over graphs writes for itself, and never hands out to be differentiated or batched.
  case `internal`
}

extension OperationKind {
  /// Whether the operation holds functions: it is a `GraphOperation`.
  package var holdsFunctions: Bool {
    switch self {
    case .scan, .call, .cond, .whileLoop, .customDerivative: true
    default: false
    }
  }

  /// How many operands the operation takes; `nil` where any number will do.
  var operandCount: Int? {
    switch self {
    case .input, .constant, .iota: 0
    case .randomBits, .negate, .abs, .sign, .floor, .ceil, .round, .not, .isFinite, .popcount, .stopGradient: 1
    case .exp, .expm1, .log, .log1p, .sqrt, .rsqrt, .cbrt, .square, .integerPower: 1
    case .sin, .cos, .tan, .tanh, .logistic: 1
    case .erf, .erfc, .erfInverse, .lgamma, .digamma, .polygamma: 1
    case .convert, .bitcast, .reshape, .transpose, .broadcast, .reverse, .slice: 1
    case .reduce, .argReduce, .cumulative: 1
    case .windowedSum, .windowedSumTranspose, .windowedExtreme, .named: 1
    case .add, .subtract, .multiply, .divide, .remainder, .power, .maximum, .minimum, .atan2: 2
    case .and, .or, .xor, .shiftLeft, .shiftRight, .shiftRightArithmetic, .compare, .pad, .dot: 2
    case .convolution, .convolutionInputGradient, .convolutionWeightGradient, .selectAndGather, .selectAndScatter: 2
    case .cholesky, .lu, .qr, .eigh, .svd: 1
    case .triangularSolve, .solve, .fft: 2
    case .topK: 1
    case .dynamicSlice, .gather: 2
    case .select, .clamp, .keyedBits, .dynamicUpdateSlice, .scatter, .raggedDot: 3
    case .concatenate, .sort, .scan, .call, .cond, .whileLoop, .customDerivative, .barrier, .hostCall, .internal: nil
    }
  }
}

extension Operation {
  /// The shape rule, applied to as many operands as it takes.
  ///
  /// - Throws: `OperationError` of a wrong number of operands, or of the shape rule.
  package func checkedResultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    if let count = Self.kind.operandCount, count != operands.count {
      throw OperationError(name, "takes \(count) operand\(count == 1 ? "" : "s"), not \(operands.count)")
    }
    return try resultTypes(of: operands)
  }
}
