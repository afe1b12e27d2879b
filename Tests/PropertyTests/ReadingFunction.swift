import DescentGraph
import DescentTensors

/// A function that programs of readings are made of, and what it does to the distance between two correct evaluations.
struct ReadingFunction: Sendable {
  /// What is known of a step once its result was read.
  struct Context {
    let operands: [ReadingProgram.Entry]
    let result: Tensor
    let numbers: [Double]

    /// The distance between neighboring numbers of the result's type, as a part of the number.
    var unit: Double {
      switch result.elementType {
      case .float64: 0x1p-52
      case .float32: 0x1p-23
      case .float16: 0x1p-10
      case .bfloat16: 0x1p-7
      default: 0
      }
    }
    /// The size of the largest finite number.
    static func size(_ numbers: [Double]) -> Double {
      numbers.reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    }
    var size: Double { Self.size(numbers) }
    var noise: Double { operands[0].noise }
  }

  let name: String
  /// Whether results move little where operands do; others apply to exact values only.
  var isContinuous = true
  /// Whether operands fit.
  let takes: @Sendable ([Tensor], [Int]) -> Bool
  let apply: @Sendable ([Tensor], [Int]) -> Tensor
  /// How far a result may be away.
  let noise: @Sendable (Context) -> Double
}

extension ReadingFunction {
  /// Nothing is rounded, and distances do not grow.
  fileprivate static func steady(_ context: Context) -> Double { context.operands.map(\.noise).max() ?? 0 }

  /// Sums are rounded in an order that is free, unless they are exact.
  fileprivate static func summed(_ context: Context, terms: Double) -> Double {
    guard context.unit > 0 else { return 0 }
    let numbers = context.operands[0].numbers
    let total = numbers.reduce(0) { $1.isFinite ? $0 + $1.magnitude : $0 }
    let isExact =
      context.noise == 0 && total < 0x1p20 && numbers.allSatisfy { !$0.isFinite || $0 * 16 == ($0 * 16).rounded() }
    return isExact ? 0 : terms * context.noise + 4 * context.unit * total + 1e-300
  }

  fileprivate static func isFloating(_ tensor: Tensor) -> Bool { tensor.elementType.isFloatingPoint }
  fileprivate static func isNumeric(_ tensor: Tensor) -> Bool { tensor.elementType != .bool }
  fileprivate static func isInteger(_ tensor: Tensor) -> Bool { tensor.elementType.isInteger }
  fileprivate static func axis(_ tensor: Tensor, _ number: Int) -> Int { number % max(1, tensor.rank) }

  fileprivate static func fit(_ tensors: [Tensor]) -> Bool {
    tensors[0].elementType == tensors[1].elementType && tensors[0].elementType != .bool
      && (tensors[0].shape == tensors[1].shape || tensors[0].rank == 0 || tensors[1].rank == 0)
      && tensors[0].count <= 1000 && tensors[1].count <= 1000
  }

  fileprivate static func steadily(
    _ name: String, _ takes: @escaping @Sendable (Tensor) -> Bool,
    _ apply: @escaping @Sendable (Tensor, [Int]) -> Tensor
  ) -> ReadingFunction {
    ReadingFunction(name: name, takes: { tensors, _ in takes(tensors[0]) }, apply: { apply($0[0], $1) }, noise: steady)
  }

  /// What jumps: of exact values only, whose results are exact.
  fileprivate static func jumping(
    _ name: String, _ takes: @escaping @Sendable (Tensor) -> Bool,
    _ apply: @escaping @Sendable (Tensor, [Int]) -> Tensor
  ) -> ReadingFunction {
    ReadingFunction(
      name: name, isContinuous: false, takes: { tensors, _ in takes(tensors[0]) }, apply: { apply($0[0], $1) },
      noise: { _ in 0 })
  }

  /// A function with values within a few units that rounds.
  fileprivate static func rounding(
    _ name: String, growth: Double, _ apply: @escaping @Sendable (Tensor, [Int]) -> Tensor
  ) -> ReadingFunction {
    ReadingFunction(
      name: name, takes: { tensors, _ in isFloating(tensors[0]) && tensors[0].rank > 0 && tensors[0].shape.last != 0 },
      apply: { apply($0[0], $1) },
      noise: { context in
        let size = Context.size(context.operands[0].numbers)
        // Differences of large numbers lose what they have in common.
        return growth
          * (context.noise * max(1, size) + 8 * context.unit * max(1, context.size) + context.inputNoise(size))
      })
  }
}

extension ReadingFunction.Context {
  /// What rounding inside a function makes of its operands' sizes.
  fileprivate func inputNoise(_ size: Double) -> Double { size > 1e3 ? .infinity : 8 * unit * size }
}

extension ReadingProgram {
  /// The functions that programs are made of.
  static let functions: [ReadingFunction] = exact + sums + rearranging + rounded

  private static let exact: [ReadingFunction] = [
    .steadily("minus", ReadingFunction.isNumeric) { x, _ in -x },
    .steadily("abs", ReadingFunction.isNumeric) { x, _ in abs(x) },
    .steadily("abs of minus", ReadingFunction.isNumeric) { x, _ in abs(-x) },
    .steadily("relu", ReadingFunction.isFloating) { x, _ in relu(x) },
    .jumping("sign", ReadingFunction.isNumeric) { x, _ in sign(x) },
    .jumping("floor", ReadingFunction.isFloating) { x, _ in floor(x) },
    .jumping("clamped to 0...5", ReadingFunction.isNumeric) { x, _ in x.clamped(0, 5) },
    .jumping("converted", { _ in true }) { x, n in x.converted(to: ElementType.allCases[n[0] % 13]) },
    .jumping("converted twice", { _ in true }) { x, n in
      x.converted(to: ElementType.allCases[n[0] % 13]).converted(to: ElementType.allCases[n[1] % 13])
    },
    .jumping("where less", ReadingFunction.isNumeric) { x, _ in `where`(x .< x * x, x, x + x) },
    .jumping("equal to itself", ReadingFunction.isNumeric) { x, _ in x .== x },
    .jumping("square", ReadingFunction.isNumeric) { x, _ in square(x) },
    .jumping("cube", ReadingFunction.isNumeric) { x, _ in pow(x, 3) },
    .jumping("doubled", ReadingFunction.isNumeric) { x, _ in x + x },
    .jumping("tripled", ReadingFunction.isNumeric) { x, _ in x * 3 },
    .jumping("half", ReadingFunction.isFloating) { x, _ in x / 2 },
    .jumping("bits turned", ReadingFunction.isInteger) { x, _ in .!x },
    .jumping("shifted", ReadingFunction.isInteger) { x, _ in x << 1 },
    .jumping("divided by 3", ReadingFunction.isInteger) { x, _ in floorDivide(x, Tensor(3, x.elementType)) },
    .jumping("remainder of 3", ReadingFunction.isNumeric) { x, _ in remainder(x, Tensor(3, x.elementType)) },
    pair("sum", isSteady: false) { $0 + $1 },
    pair("difference", isSteady: false) { $0 - $1 },
    pair("product", isSteady: false) { $0 * $1 },
    pair("maximum", isSteady: true) { maximum($0, $1) },
    pair("minimum", isSteady: true) { minimum($0, $1) },
    pair("where greater", isSteady: false) { `where`($0 .> $1, $0, $1) },
  ]

  private static func pair(
    _ name: String, isSteady: Bool, _ apply: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> ReadingFunction {
    ReadingFunction(
      name: name, isContinuous: isSteady, takes: { tensors, _ in ReadingFunction.fit(tensors) },
      apply: { tensors, _ in apply(tensors[0], tensors[1]) },
      noise: { $0.operands.map(\.noise).max() ?? 0 })
  }

  private static let sums: [ReadingFunction] = [
    reduction("sum") { $0.sum(axes: $1) },
    reduction("mean", floatingOnly: true) { $0.mean(axes: $1) },
    reduction("maximum along axes", isSteady: true) { $0.max(axes: $1) },
    reduction("minimum along axes", isSteady: true) { $0.min(axes: $1) },
    ReadingFunction(
      name: "product of few", isContinuous: false,
      takes: { tensors, _ in ReadingFunction.isInteger(tensors[0]) },
      apply: { tensors, n in tensors[0].product(axes: tensors[0].shape.indices.filter { n[0] >> $0 & 1 == 1 }) },
      noise: { _ in 0 }),
    ReadingFunction(
      name: "cumulative sum", takes: { tensors, _ in ReadingFunction.isNumeric(tensors[0]) && tensors[0].rank > 0 },
      apply: { $0[0].cumulativeSum(axis: ReadingFunction.axis($0[0], $1[0])) },
      noise: { ReadingFunction.summed($0, terms: Double($0.operands[0].tensor.count)) }),
    ReadingFunction(
      name: "product with ones",
      takes: { tensors, _ in ReadingFunction.isNumeric(tensors[0]) && tensors[0].rank > 0 && tensors[0].shape.last != 0
      },
      apply: { tensors, _ in
        matmul(tensors[0], Tensor(ones: [tensors[0].shape[-1], 2], tensors[0].elementType))
      },
      noise: { ReadingFunction.summed($0, terms: Double($0.operands[0].tensor.count)) }),
  ]

  private static func reduction(
    _ name: String, floatingOnly: Bool = false, isSteady: Bool = false,
    _ apply: @escaping @Sendable (Tensor, [Int]) -> Tensor
  ) -> ReadingFunction {
    ReadingFunction(
      name: name,
      takes: { tensors, _ in
        (floatingOnly ? ReadingFunction.isFloating(tensors[0]) : ReadingFunction.isNumeric(tensors[0]))
          && tensors[0].count > 0
      },
      apply: { tensors, n in apply(tensors[0], tensors[0].shape.indices.filter { n[0] >> $0 & 1 == 1 || n[1] % 3 == 0 })
      },
      noise: { context in
        isSteady
          ? ReadingFunction.steady(context)
          : ReadingFunction.summed(context, terms: Double(context.operands[0].tensor.count))
      })
  }

  private static let counts = [2, 3, 17, 300, 70_000]

  private static let rearranging: [ReadingFunction] = [
    .steadily("repeated in front", { $0.count <= 64 }) { x, n in
      x.broadcast(to: Shape([counts[n[0] % 5]] + x.shape.sizes))
    },
    .steadily("repeated behind", { $0.count <= 64 }) { x, n in
      x.expanded(axis: -1).broadcast(to: Shape(x.shape.sizes + [counts[n[0] % 5]]))
    },
    .steadily("flattened", { _ in true }) { x, _ in x.reshaped([x.count]) },
    .steadily("transposed", { _ in true }) { x, _ in x.transposed() },
    .steadily("reversed", { $0.rank > 0 }) { x, n in x.reversed(axes: [ReadingFunction.axis(x, n[0])]) },
    .steadily("first half", { $0.rank > 0 }) { x, n in
      let axis = ReadingFunction.axis(x, n[0])
      return x.sliced(0..<(x.shape[axis] + 1) / 2, axis: axis)
    },
    .steadily("padded", { $0.rank > 0 && $0.count <= 1000 }) { x, n in
      x.padded(low: x.shape.indices.map { n[0] >> $0 & 1 }, high: x.shape.indices.map { n[1] >> $0 & 1 })
    },
    .steadily("twice side by side", { $0.rank > 0 && $0.count <= 1000 }) { x, n in
      concatenated([x, x], axis: ReadingFunction.axis(x, n[0]))
    },
  ]

  private static let rounded: [ReadingFunction] = [
    .rounding("exp of minus size", growth: 1) { x, _ in exp(-abs(x)) },
    .rounding("sigmoid", growth: 1) { x, _ in sigmoid(x) },
    .rounding("softmax", growth: 4) { x, _ in softmax(x) },
    .rounding("logSumExp", growth: 4) { x, _ in logSumExp(x) },
    .rounding("variance", growth: 16) { x, _ in x.variance(axes: [-1]) },
    .rounding("layerNorm", growth: 4000) { x, _ in layerNorm(x) },
    .rounding("rmsNorm", growth: 4000) { x, _ in rmsNorm(x) },
  ]
}
