import DescentGraph

/// Every operation with the operands that the suite tries it on, in one floating-point type.
///
/// The `switch` is exhaustive over `OperationKind`: an operation that is missing here does not compile.
struct OperationTable {
  let operands: Operands

  init(_ float: ElementType) { operands = Operands(float: float) }

  func samples(of kind: OperationKind) throws -> [Sample] {
    switch kind {
    case .negate: unary(Negate()) + integers(Negate())
    case .abs: unary(Abs(), [0.25...2, -2 ... -0.25]) + integers(Abs())
    case .sign: unary(Sign(), [0.25...2, -2 ... -0.25]) + integers(Sign())
    case .floor: unary(Floor(), [0.1...0.9, -1.9 ... -1.1])
    case .ceil: unary(Ceil(), [0.1...0.9, -1.9 ... -1.1])
    case .round: unary(Round(), [0.6...1.4, -1.4 ... -0.6])
    case .not: integers(Not()) + booleans(Not())
    case .isFinite: unary(IsFinite())
    case .popcount: integers(Popcount())
    case .stopGradient: stopped
    case .exp: unary(Exp())
    case .expm1: unary(Expm1(), [-1.5...1.5, -1e-3...1e-3])
    case .log: unary(Log(), [0.3...4])
    case .log1p: unary(Log1p(), [-0.7...3, -1e-3...1e-3])
    case .sqrt: unary(Sqrt(), [0.3...4])
    case .rsqrt: unary(Rsqrt(), [0.3...4])
    case .cbrt: unary(Cbrt(), [0.3...4, -4 ... -0.3])
    case .square: unary(Square()) + integers(Square())
    case .integerPower: integerPowers
    case .sin: unary(Sin(), [-4...4])
    case .cos: unary(Cos(), [-4...4])
    case .tan: unary(Tan(), [-1.2...1.2, 2...4])
    case .tanh: unary(Tanh(), [-3...3])
    case .logistic: unary(Logistic(), [-5...5])
    case .erf: unary(Erf(), [-2...2])
    case .erfc: unary(Erfc(), [-2...2, 3...5])
    case .erfInverse: unary(ErfInverse(), [-0.9...0.9])
    case .lgamma: unary(LogGamma(), [0.3...4, -1.8 ... -1.2, 10...30])
    case .digamma: unary(Digamma(), [0.3...4, -1.8 ... -1.2, 10...30])
    case .polygamma: polygammas

    case .add: binary(Add()) + integers(Add())
    case .subtract: binary(Subtract()) + integers(Subtract())
    case .multiply: binary(Multiply()) + integers(Multiply())
    case .divide: binary(Divide(), right: 0.5...2) + integers(Divide())
    case .remainder: remainders + integers(Remainder())
    case .power: binary(Power(), left: 0.4...2, right: -2...2.5)
    case .maximum: binary(Maximum(), left: -1...0, right: 0.1...1) + extremes(Maximum()) + integers(Maximum())
    case .minimum: binary(Minimum(), left: -1...0, right: 0.1...1) + extremes(Minimum()) + integers(Minimum())
    case .atan2: angles
    case .and: integers(And()) + booleans(And())
    case .or: integers(Or()) + booleans(Or())
    case .xor: integers(Xor()) + booleans(Xor())
    case .shiftLeft: shifts(ShiftLeft())
    case .shiftRight: shifts(ShiftRight())
    case .shiftRightArithmetic: shifts(ShiftRightArithmetic())
    case .compare: comparisons
    case .select: selections
    case .clamp: clamps

    case .constant: try constants
    case .iota: iotas
    case .randomBits: randomBits
    case .keyedBits: keyedBits
    case .convert: conversions
    case .bitcast: bitcasts

    case .reshape: reshapes
    case .transpose: transposes
    case .broadcast: broadcasts
    case .reverse: reversals
    case .concatenate: concatenations
    case .pad: pads
    case .slice: slices

    case .dynamicSlice: dynamicSlices
    case .dynamicUpdateSlice: dynamicUpdateSlices
    case .gather: gathers
    case .scatter: scatters
    case .sort: sorts
    case .topK: tops

    case .reduce: reductions + productsOfZeros
    case .argReduce: searches
    case .cumulative: cumulations
    case .dot: dots
    case .raggedDot: raggedDots
    case .convolution: convolutions
    case .convolutionInputGradient: convolutionInputGradients
    case .convolutionWeightGradient: convolutionWeightGradients
    case .windowedSum: windowedSums
    case .windowedSumTranspose: windowedSumTransposes
    case .windowedExtreme: windowedExtremes
    case .selectAndGather: gatherings
    case .selectAndScatter: scatterings
    case .cholesky: choleskyFactors
    case .triangularSolve: triangularSystems
    case .solve: systems
    case .lu: eliminations
    case .qr: orthogonalizations
    case .eigh: eigenvalues
    case .svd: singularValues
    case .fft: transforms

    case .scan: try scans
    case .call: try calls
    case .cond: try choices
    case .whileLoop: try whileLoops
    case .customDerivative: try customDerivatives
    case .barrier: barriers
    case .hostCall:
      [
        Sample(
          HostCall(
            HostCall.Function("numbers", resultTypes: [TensorType([2], .int32), TensorType([], .float64)]) { _ in
              [
                try ReferenceArray(TensorType([2], .int32), integers: [3, -4]).literal(),
                try HostLiteral(0.5, .float64),
              ]
            }))
      ]
    case .named: [Sample(Named("x"), operands.spread([2])), Sample(Named("x"), operands.booleans([true]))]

    // Every sample's operands are inputs.
    case .input: []
    // What passes write for themselves never reaches a user's graph, and is tested with the pass.
    case .internal: []
    }
  }
}
