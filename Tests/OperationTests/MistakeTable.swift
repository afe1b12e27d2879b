import DescentGraph

/// An operation asked for something impossible, and what it answers.
struct Mistake {
  let operation: any Operation
  let operands: [TensorType]
  let message: String

  init(_ operation: any Operation, _ operands: TensorType..., message: String) {
    self.operation = operation
    self.operands = operands
    self.message = message
  }
}

/// What every operation answers to operands that do not fit; exhaustive like the table of samples.
enum MistakeTable {
  private static let image = TensorType([1, 4, 4, 3], .float32)

  static func floats(_ sizes: Int...) -> TensorType { TensorType(Shape(sizes), .float32) }
  static func integers(_ sizes: Int...) -> TensorType { TensorType(Shape(sizes), .int32) }
  static func booleans(_ sizes: Int...) -> TensorType { TensorType(Shape(sizes), .bool) }

  private static func floating(_ operation: any Operation) -> [Mistake] {
    [Mistake(operation, integers(2), message: "\(operation.name): takes floating-point numbers, not int32")]
  }

  private static func numeric(_ operation: any Operation) -> [Mistake] {
    [Mistake(operation, booleans(2), message: "\(operation.name): takes numbers, not bool")]
  }

  private static func pair(_ operation: any Operation) -> [Mistake] {
    let name = operation.name
    return [
      Mistake(operation, floats(2), floats(3), message: "\(name): shapes differ: [2] and [3]"),
      Mistake(
        operation, floats(2), integers(2),
        message: "\(name): element types differ: float32 and int32; convert one of them with converted(to:)"),
    ]
  }

  private static func numericPair(_ operation: any Operation) -> [Mistake] {
    pair(operation) + [
      Mistake(operation, booleans(2), booleans(2), message: "\(operation.name): takes numbers, not bool")
    ]
  }

  private static func bits(_ operation: any Operation, _ words: String) -> [Mistake] {
    pair(operation) + [
      Mistake(operation, floats(2), floats(2), message: "\(operation.name): takes \(words), not float32")
    ]
  }

  static func mistakes(of kind: OperationKind) -> [Mistake] {
    switch kind {
    case .floor: floating(Floor())
    case .ceil: floating(Ceil())
    case .round: floating(Round())
    case .isFinite: floating(IsFinite())
    case .exp: floating(Exp())
    case .expm1: floating(Expm1())
    case .log: floating(Log())
    case .log1p: floating(Log1p())
    case .sqrt: floating(Sqrt())
    case .rsqrt: floating(Rsqrt())
    case .cbrt: floating(Cbrt())
    case .sin: floating(Sin())
    case .cos: floating(Cos())
    case .tan: floating(Tan())
    case .tanh: floating(Tanh())
    case .logistic: floating(Logistic())
    case .erf: floating(Erf())
    case .erfc: floating(Erfc())
    case .erfInverse: floating(ErfInverse())
    case .lgamma: floating(LogGamma())
    case .digamma: floating(Digamma())
    case .polygamma, .integerPower: powers(kind)
    case .negate: numeric(Negate())
    case .abs: numeric(Abs())
    case .sign: numeric(Sign())
    case .square: numeric(Square())
    case .popcount: [Mistake(Popcount(), floats(2), message: "popcount: takes integers, not float32")]
    case .not: [Mistake(Not(), floats(2), message: "not: takes integers or booleans, not float32")]

    case .add: numericPair(Add())
    case .subtract: numericPair(Subtract())
    case .multiply: numericPair(Multiply())
    case .divide: numericPair(Divide())
    case .remainder: numericPair(Remainder())
    case .maximum: numericPair(Maximum())
    case .minimum: numericPair(Minimum())
    case .power:
      pair(Power())
        + [Mistake(Power(), integers(2), integers(2), message: "pow: takes floating-point numbers, not int32")]
    case .atan2:
      pair(Atan2())
        + [Mistake(Atan2(), integers(2), integers(2), message: "atan2: takes floating-point numbers, not int32")]
    case .and: bits(And(), "integers or booleans")
    case .or: bits(Or(), "integers or booleans")
    case .xor: bits(Xor(), "integers or booleans")
    case .shiftLeft:
      bits(ShiftLeft(), "integers")
        + [Mistake(ShiftLeft(), booleans(1), booleans(1), message: "shiftLeft: takes integers, not bool")]
    case .shiftRight: bits(ShiftRight(), "integers")
    case .shiftRightArithmetic: bits(ShiftRightArithmetic(), "integers")
    case .compare: pair(Compare(.lessOrEqual))
    case .select: selections
    case .clamp: clamps
    case .bitcast: bitcasts

    case .iota, .randomBits: sources
    case .keyedBits: keyedBits
    case .reshape, .transpose, .broadcast, .reverse, .concatenate: shapes
    case .pad, .slice: parts
    case .dynamicSlice, .dynamicUpdateSlice, .gather, .scatter, .sort, .topK: indexing(kind)
    case .reduce, .argReduce: reductions
    case .cumulative: cumulations
    case .dot: dots
    case .raggedDot: raggedDots
    case .convolution, .convolutionInputGradient, .convolutionWeightGradient: convolutions
    case .windowedSum, .windowedSumTranspose, .windowedExtreme, .selectAndGather, .selectAndScatter: windows

    case .cholesky, .triangularSolve, .solve, .lu, .qr, .eigh, .svd, .fft: linearAlgebra

    // These take whatever they are given.
    case .scan, .call, .cond, .whileLoop, .customDerivative: control
    case .barrier: [Mistake(Barrier(), message: "barrier: takes at least one value")]
    case .input, .constant, .convert, .stopGradient, .named, .hostCall, .internal: []
    }
  }

  private static var selections: [Mistake] {
    [
      Mistake(Select(), floats(2), floats(2), floats(2), message: "where: the condition is float32, not bool"),
      Mistake(Select(), booleans(2), floats(2), floats(3), message: "where: shapes differ: [2] and [3]"),
      Mistake(
        Select(), booleans(3), floats(2), floats(2), message: "where: the condition has shape [3], the choices [2]"),
    ]
  }

  private static var keyedBits: [Mistake] {
    let words = TensorType([2], .uint32)
    return [
      Mistake(KeyedBits(), words, words, integers(2), message: "keyedRandomBits: takes uint32, not int32"),
      Mistake(
        KeyedBits(), words, words, TensorType([3], .uint32), message: "keyedRandomBits: shapes differ: [2] and [3]"),
    ]
  }

  private static var sources: [Mistake] {
    [
      Mistake(Iota(type: floats(2), axis: 1), message: "iota: axis 1 does not exist in shape [2]"),
      Mistake(Iota(type: floats(-2), axis: 0), message: "iota: the shape [-2] has a negative size"),
      Mistake(
        Iota(type: floats(.max, 2), axis: 0),
        message: "iota: the shape [9223372036854775807, 2] has more elements than can be addressed"),
      Mistake(RandomBits(shape: [2]), integers(2), message: "randomBits: the key is int32[2], not uint32[2]"),
      Mistake(
        RandomBits(shape: [-1]), TensorType([2], .uint32), message: "randomBits: the shape [-1] has a negative size"),
    ]
  }

  private static var shapes: [Mistake] {
    [
      Mistake(Reshape(shape: [4]), floats(2, 3), message: "reshape: [2, 3] has 6 elements, [4] would have 4"),
      Mistake(Reshape(shape: [-6]), floats(2, 3), message: "reshape: the shape [-6] has a negative size"),
      Mistake(
        Transpose(permutation: [0, 0]), floats(2, 3),
        message: "transpose: [0, 0] is not an order of the 2 axes of [2, 3]"),
      Mistake(
        Broadcast(shape: [2, 3], axes: [1, 0]), floats(3, 2),
        message: "broadcast: axes [1, 0] do not place [3, 2] in [2, 3]"),
      Mistake(
        Broadcast(shape: [2, 3], axes: [0]), floats(3),
        message: "broadcast: [3] does not fit [2, 3]: axis 0 has 3, not 2"),
      Mistake(Reverse(axes: [2]), floats(2, 3), message: "reverse: axis 2 does not exist in shape [2, 3]"),
      Mistake(Reverse(axes: [0, 0]), floats(2, 3), message: "reverse: axis 0 is named twice"),
      Mistake(Concatenate(axis: 0), message: "concatenate: needs at least one tensor"),
      Mistake(Concatenate(axis: 1), floats(2), message: "concatenate: axis 1 does not exist in shape [2]"),
      Mistake(
        Concatenate(axis: 0), floats(2, 3), floats(2, 4),
        message: "concatenate: float32[2, 3] and float32[2, 4] do not fit along axis 0"),
      Mistake(
        Concatenate(axis: 0), floats(2), integers(2),
        message: "concatenate: float32[2] and int32[2] do not fit along axis 0"),
    ]
  }

  private static var parts: [Mistake] {
    [
      Mistake(
        Pad(low: [1], high: [1]), floats(2), floats(1),
        message: "pad: the filling is float32[1], not a scalar of float32"),
      Mistake(
        Pad(low: [1], high: [1]), floats(2, 2), floats(), message: "pad: the amounts do not fit the 2 axes of [2, 2]"),
      Mistake(
        Pad(low: [1], high: [1], interior: [-1]), floats(2), floats(),
        message: "pad: the amounts do not fit the 1 axes of [2]"),
      Mistake(
        Pad(low: [-2], high: [-1]), floats(2), floats(), message: "pad: axis 0 of [2] cannot be padded by -2 and -1"),
      Mistake(
        Pad(low: [.max], high: [1]), floats(2), floats(),
        message: "pad: axis 0 of [2] cannot be padded by 9223372036854775807 and 1"),
      Mistake(Slice(starts: [0], limits: [1]), floats(2, 2), message: "slice: 1 ranges for the 2 axes of [2, 2]"),
      Mistake(Slice(starts: [1], limits: [3]), floats(2), message: "slice: 1..<3 by 1 does not fit axis 0 of [2]"),
      Mistake(Slice(starts: [-1], limits: [1]), floats(2), message: "slice: -1..<1 by 1 does not fit axis 0 of [2]"),
      Mistake(
        Slice(starts: [0], limits: [1], steps: [0]), floats(2), message: "slice: 0..<1 by 0 does not fit axis 0 of [2]"),
    ]
  }

  private static var reductions: [Mistake] {
    [
      Mistake(Reduce(.sum, axes: [2]), floats(2, 3), message: "sum: axis 2 does not exist in shape [2, 3]"),
      Mistake(Reduce(.maximum, axes: [1, 1]), floats(2, 3), message: "maximum: axis 1 is named twice"),
      Mistake(
        Reduce(.sum, axes: [0]), booleans(2), message: "sum: takes numbers, not bool; convert with converted(to:)"),
      Mistake(Reduce(.and, axes: [0]), floats(2), message: "and: takes booleans, not float32"),
      Mistake(ArgReduce(.argMaximum, axis: 1), floats(2), message: "argMaximum: axis 1 does not exist in shape [2]"),
      Mistake(ArgReduce(.argMaximum, axis: 0), booleans(2), message: "argMaximum: takes numbers, not bool"),
      Mistake(
        ArgReduce(.argMinimum, axis: 1), floats(2, 0),
        message: "argMinimum: axis 1 of [2, 0] is empty, so nothing is smallest"),
    ]
  }

  private static var dots: [Mistake] {
    let product = Dot(leftContracted: [1], rightContracted: [0])
    return [
      Mistake(
        product, floats(2, 3), integers(3, 4),
        message: "dot: element types differ: float32 and int32; convert one with converted(to:)"),
      Mistake(product, booleans(2, 3), booleans(3, 4), message: "dot: takes numbers, not bool"),
      Mistake(
        product, floats(2, 3), floats(4, 4), message: "dot: axis 1 of [2, 3] pairs with axis 0 of [4, 4] (3 ≠ 4)"),
      Mistake(product, floats(2), floats(2), message: "dot: axis 1 does not exist in shape [2]"),
      Mistake(
        Dot(leftContracted: [0, 1], rightContracted: [0]), floats(2, 3), floats(2),
        message: "dot: the operands name different numbers of axes"),
      Mistake(
        Dot(leftBatch: [0], rightBatch: [0], leftContracted: [0], rightContracted: [1]), floats(2, 2), floats(2, 2),
        message: "dot: axis 0 is named twice"),
    ]
  }

  private static var raggedDots: [Mistake] {
    let (product, weights) = (RaggedDot(), RaggedDot(.rowsWithRows))
    let rows = "rows […, rows, columns]"
    let matrices = "and matrices […, groups, height, width]"
    return [
      Mistake(
        product, floats(4, 3), integers(2, 3, 5), integers(2),
        message: "raggedDot: takes floating-point numbers of one type, not float32 and int32"),
      Mistake(
        product, integers(4, 3), integers(2, 3, 5), integers(2),
        message: "raggedDot: takes floating-point numbers of one type, not int32 and int32"),
      Mistake(
        product, floats(4, 3), floats(2, 3, 5), floats(2), message: "raggedDot: group sizes are integers, not float32"),
      Mistake(
        product, floats(3), floats(2, 3, 5), integers(2),
        message: "raggedDot: takes \(rows) \(matrices), not [3] and [2, 3, 5]"),
      Mistake(
        product, floats(4, 3), floats(3, 5), integers(2),
        message: "raggedDot: takes \(rows) \(matrices), not [4, 3] and [3, 5]"),
      Mistake(
        RaggedDot(sharedAxes: 1), floats(6, 4, 3), floats(6, 2, 3, 5), integers(6, 2),
        message:
          "raggedDot: takes \(rows) \(matrices) with 1 batch axes fewer, not [6, 4, 3] and [6, 2, 3, 5]"),
      Mistake(
        weights, floats(4, 3), floats(2, 4, 5), integers(2),
        message: "raggedDot: takes \(rows) on both sides, not [4, 3] and [2, 4, 5]"),
      Mistake(
        product, floats(4, 3), floats(2, 3, 5), integers(1, 2),
        message: "raggedDot: takes one axis of group sizes after those of batches, not [1, 2]"),
      Mistake(
        product, floats(6, 4, 3), floats(6, 2, 3, 5), integers(5, 2),
        message: "raggedDot: batch axes of [6, 4, 3], [6, 2, 3, 5] and group sizes [5, 2] differ"),
      Mistake(
        product, floats(4, 3), floats(2, 3, 5), integers(3),
        message: "raggedDot: 3 group sizes do not fit the 2 matrices of [2, 3, 5]"),
      Mistake(
        product, floats(4, 3), floats(2, 4, 5), integers(2),
        message: "raggedDot: rows of [4, 3] have 3 elements, the matrices of [2, 4, 5] take 4"),
      Mistake(
        weights, floats(4, 3), floats(5, 2), integers(2),
        message: "raggedDot: 4 rows of [4, 3] do not pair with 5 rows of [5, 2]"),
    ]
  }

  private static var convolutions: [Mistake] {
    let plain = ConvolutionGeometry(windows: WindowGeometry(size: [3, 3]))
    return [
      Mistake(
        Convolution(plain), floats(4, 4), floats(3, 3, 3, 2),
        message: "convolution: takes an input [batch, 2 spatial axes, channels] and weights of 4 axes, not [4, 4] and"
          + " [3, 3, 3, 2]"),
      Mistake(
        Convolution(plain), image, TensorType([3, 3, 3, 2], .float64),
        message: "convolution: takes floating-point numbers of one type, not float32 and float64"),
      Mistake(
        Convolution(ConvolutionGeometry(windows: plain.windows, groups: 2)), image, floats(3, 3, 3, 2),
        message: "convolution: 3 input and 2 output channels do not divide into 2 groups"),
      Mistake(
        Convolution(ConvolutionGeometry(windows: plain.windows, groups: 0)), image, floats(3, 3, 3, 2),
        message: "convolution: 3 input and 2 output channels do not divide into 0 groups"),
      Mistake(
        Convolution(plain), image, floats(3, 3, 2, 2),
        message: "convolution: the input [1, 4, 4, 3] has 3 channels, the weights [3, 3, 2, 2] take 2"),
      Mistake(
        Convolution(plain), image, floats(2, 3, 3, 2),
        message: "convolution: the weights [2, 3, 3, 2] are not for a kernel of [3, 3]"),
      Mistake(
        Convolution(ConvolutionGeometry(windows: WindowGeometry(size: [5, 3]))), image, floats(5, 3, 3, 2),
        message: "convolution: a window of 5 does not fit into 4 elements, padding included, of spatial axis 0"),
      Mistake(
        Convolution(ConvolutionGeometry(windows: WindowGeometry(size: [3, 3], strides: [0, 1]))), image,
        floats(3, 3, 3, 2),
        message: "convolution: window, stride and dilation must be positive and padding not negative: window: [3, 3],"
          + " strides: [0, 1]"),
      Mistake(
        ConvolutionInputGradient(plain, input: [1, 4, 4, 3]), floats(1, 3, 3, 2), floats(3, 3, 3, 2),
        message: "convolutionInputGradient: the output is [1, 2, 2, 2], its cotangent [1, 3, 3, 2]"),
      Mistake(
        ConvolutionWeightGradient(plain), image, floats(1, 3, 3, 2),
        message: "convolutionWeightGradient: the output is float32[1, 2, 2, 2], its cotangent float32[1, 3, 3, 2]"),
      Mistake(
        ConvolutionWeightGradient(plain), floats(4), floats(4),
        message: "convolutionWeightGradient: takes an input and an output's cotangent of 4 axes, not [4] and [4]"),
    ]
  }

  private static var windows: [Mistake] {
    let pairs = WindowGeometry(size: [2, 2])
    return [
      Mistake(
        WindowedSum(pairs), floats(4, 4),
        message: "windowedSum: takes [batch, 2 spatial axes, channels], that is 4 axes, not [4, 4]"),
      Mistake(
        WindowedSum(pairs), integers(1, 4, 4, 1), message: "windowedSum: takes floating-point numbers, not int32"),
      Mistake(
        WindowedSum(WindowGeometry(size: [2, 2], strides: [1, 2, 3])), image,
        message: "windowedSum: takes a number for each of 2 spatial axes, not window: [2, 2], strides: [1, 2, 3]"),
      Mistake(
        WindowedSum(WindowGeometry(size: [1, 1], low: [1 << 40, 1 << 40])), image,
        message: "windowedSum: the shape [1, 1099511627780, 1099511627780, 3] has more elements than can be addressed"),
      Mistake(
        WindowedSum(WindowGeometry(size: [.max, 1], dilation: [2, 1])), image,
        message:
          "windowedSum: the window or its padding is too large: window: [9223372036854775807, 1], dilation: [2, 1]"),
      Mistake(
        WindowedSumTranspose(pairs, input: [1, 4, 4, 1]), floats(1, 2, 2, 1),
        message: "windowedSumTranspose: [1, 2, 2, 1] is not what windows over [1, 4, 4, 1] give"),
      Mistake(
        WindowedExtreme(.maximum, WindowGeometry(size: [2, 2], low: [2, 0])), image,
        message: "windowedMaximum: padding must be smaller than the window: window: [2, 2], padding: [2, 0]…[0, 0]"),
      Mistake(
        WindowedExtreme(.minimum, WindowGeometry(size: [5, 1])), image,
        message: "windowedMinimum: a window of 5 does not fit into 4 elements, padding included, of spatial axis 0"),
      Mistake(
        SelectAndGather(.maximum, pairs), image, floats(1, 4, 4, 1),
        message: "selectAndGather: shapes differ: [1, 4, 4, 3] and [1, 4, 4, 1]"),
      Mistake(
        SelectAndScatter(.maximum, pairs), image, floats(1, 2, 2, 3),
        message: "selectAndScatter: windows over float32[1, 4, 4, 3] give float32[1, 3, 3, 3], not float32[1, 2, 2, 3]"),
    ]
  }
}
