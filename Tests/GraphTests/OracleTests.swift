import DescentGraph
import Testing

/// The reference evaluation against numbers that NumPy and PyTorch computed from the same operands.
@Suite("reference evaluation against NumPy and PyTorch")
struct OracleTests {
  /// Whole numbers that follow a formula, so that every program writes the same operands.
  private func numbers(_ sizes: [Int], _ factor: Int = 37, _ modulus: Int = 19, _ offset: Int = 9) -> ReferenceArray {
    let type = TensorType(Shape(sizes), .float64)
    return ReferenceArray(type, reals: (0..<type.count).map { Double($0 * factor % modulus - offset) })
  }

  private func weights(_ sizes: [Int]) -> ReferenceArray { numbers(sizes, 23, 13, 6) }
  private func cotangent(_ sizes: [Int]) -> ReferenceArray { numbers(sizes, 11, 7, 3) }

  private func value(_ operation: some Operation, _ operands: ReferenceArray...) throws -> [Double] {
    let types = try operation.resultTypes(of: operands.map(\.type))
    let result = operation.evaluate(operands, types)[0]
    return (0..<result.type.count).map(result.real)
  }

  @Test func dot() throws {
    let both = Dot(leftBatch: [1], rightBatch: [0], leftContracted: [0, 2], rightContracted: [3, 1])
    #expect(try value(both, numbers([2, 3, 4]), weights([3, 4, 2, 2])) == [-61, 63, 86, -89, 12, -63])
    let batched = Dot(leftBatch: [1], rightBatch: [0], leftContracted: [2], rightContracted: [1])
    let expected: [Double] = [63, -54, -21, 10, -26, 33, -8, 9, -9, 36, -3, 0]
    #expect(try value(batched, numbers([2, 3, 2]), weights([3, 2, 2])) == expected)
  }

  @Test func raggedDot() throws {
    let (x, w, g) = (numbers([6, 2]), weights([3, 2, 3]), cotangent([6, 3]))
    let sizes = ReferenceArray(TensorType([3], .int32), integers: [2, 0, 3])
    #expect(
      try value(RaggedDot(), x, w, sizes) == [
        36, -81, 36, -62, -3, 43, -13, -46, -1, -9, -30, 1, -5, -14, 3, 0, 0, 0,
      ])
    #expect(
      try value(RaggedDot(.rowsWithTransposes), g, w, sizes) == [20, -9, -13, 16, 22, 1, -10, -1, -21, 18, 0, 0])
    #expect(
      try value(RaggedDot(.rowsWithRows), x, g, sizes) == [
        43, -17, 42, -13, 2, 3, 0, 0, 0, 0, 0, 0, -2, -10, -4, -3, -9, -1,
      ])
  }

  @Test func convolutionWithStridePaddingAndDilation() throws {
    let windows = WindowGeometry(size: [2, 2], strides: [2, 1], low: [1, 0], high: [0, 2], dilation: [1, 2])
    let geometry = ConvolutionGeometry(windows: windows)
    let (x, k) = (numbers([1, 4, 5, 2]), weights([2, 2, 2, 2]))
    #expect(
      try value(Convolution(geometry), x, k) == [
        65, -85, -11, 27, -11, 25, -7, 24, -5, 12, -2, 15, 14, 1, 30, -13, 23, 8, 35, -8,
      ])
    let g = cotangent([1, 2, 5, 2])
    #expect(
      try value(ConvolutionInputGradient(geometry, input: x.type.shape), g, k) == [
        18, -9, 20, -6, 25, -14, -24, -6, -31, 2, -16, 4, -18, 3, 7, 0, 5, 0, 38, -14, -14, 6, -12, 9, 18, -2, 11, 6,
        25,
        -14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      ])
    #expect(
      try value(ConvolutionWeightGradient(geometry), x, g) == [
        26, -40, 27, -45, -2, -4, -4, -4, 24, 14, -27, 27, -12, 16, -8, 10,
      ])
  }

  @Test func convolutionInGroups() throws {
    let windows = WindowGeometry(size: [2, 3], strides: [1, 2], low: [0, 1], high: [1, 1], dilation: [2, 1])
    let geometry = ConvolutionGeometry(windows: windows, groups: 2)
    let (x, k) = (numbers([2, 3, 3, 4]), weights([2, 3, 2, 2]))
    #expect(
      try value(Convolution(geometry), x, k) == [63, 44, -56, 28, 7, -63, 0, 15, 33, -39, -64, 24, -1, -43, 41, 27])
    let g = cotangent([2, 2, 2, 2])
    #expect(
      try value(ConvolutionInputGradient(geometry, input: x.type.shape), g, k) == [
        15, -6, 5, -1, 24, -11, 14, -4, 10, -4, 10, -2, 5, -2, 15, -3, 4, -3, 6, 6, 0, 0, -15, 3, 6, -15, -5, 2, 9, -26,
        -16, 5, 4, -10, -10, 4, -5, 2, -10, 2, -16, 5, -16, 2, -10, 4, -5, 1, -15, 6, 0, 0, 6, 6, 4, -2, 15, -6, 5, -1,
        -2,
        5, 10, -4, -7, 14, 14, -7, -4, 10, 5, -2,
      ])
    #expect(
      try value(ConvolutionWeightGradient(geometry), x, g) == [
        16, 20, 19, 21, 50, 0, -4, -39, -16, -32, -16, -34, 4, -3, 4, -4, -4, -14, -2, -14, 0, -3, 2, -2,
      ])
  }

  @Test func windows() throws {
    let windows = WindowGeometry(size: [3, 2], strides: [2, 1], low: [1, 1], high: [1, 1])
    let x = numbers([1, 5, 4, 2])
    #expect(
      try value(WindowedExtreme(.maximum, windows), x) == [
        2, 9, 8, 9, 8, 7, 6, 5, 4, 3, 5, 4, 5, 4, 9, 8, 9, 8, 7, 6, 5, 4, 5, 4, 3, 2, 1, 9, -1, 9,
      ])
    #expect(
      try value(WindowedSum(windows), x) == [
        -7, 10, 1, 16, 12, 8, 4, 0, 0, -2, 1, -2, -4, -10, 3, -3, 10, 4, 2, -1, 2, 0, 0, -4, -8, -12, -16, -1, -10, 7,
      ])
    // Raised a little with the place, so that no two elements tie.
    let untied = ReferenceArray(x.type, reals: x.reals.enumerated().map { $1 + 1e-3 * Double($0) })
    #expect(
      try value(SelectAndScatter(.maximum, windows), untied, cotangent([1, 3, 5, 2])) == [
        0, 3, -3, 3, 0, -3, 1, -2, -3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -5, 3, -1, 3, 6, -6, 2, -1, 3, 0, -3, 0, 0, 0,
        0, 0,
        0, 0, 0, 1,
      ])
  }

  @Test func reductions() throws {
    let x = numbers([2, 3, 4])
    #expect(try value(Reduce(.sum, axes: [2, 0]), x) == [1, -12, 32])
    #expect(try value(Reduce(.maximum, axes: [1]), x) == [6, 9, 8, 7, 9, 8, 7, 6])
    #expect(try value(Reduce(.minimum, axes: [0, 1, 2]), x) == [-9])
    #expect(try value(ArgReduce(.argMaximum, axis: 1), x) == [1, 0, 0, 0, 2, 2, 2, 2])
    #expect(try value(ArgReduce(.argMinimum, axis: 2), x) == [0, 3, 3, 3, 3, 3])
  }

  @Test func shapes() throws {
    let x = numbers([2, 3, 4])
    #expect(
      try value(Transpose(permutation: [2, 0, 1]), x) == [
        -9, 6, 2, -2, -6, 9, 9, 5, 1, -3, -7, 8, 8, 4, 0, -4, -8, 7, 7, 3, -1, -5, -9, 6,
      ])
    #expect(try value(Slice(starts: [0, 1, 0], limits: [2, 3, 4], steps: [1, 2, 3]), x) == [6, 3, -6, -9])
    #expect(
      try value(Reverse(axes: [1, 2]), x) == [
        -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -9, 6, 7, 8, 9, -9, -8, -7, -6, -5, -4, -3, -2,
      ])
    let rows: [Double] = [-9, 9, -9, 9, -9, 9, 8, 7, 8, 7, 8, 7]
    #expect(try value(Broadcast(shape: [2, 3, 2], axes: [0, 2]), numbers([2, 2])) == rows)
    let one = ReferenceArray(TensorType([], .float64), reals: [0.5])
    #expect(
      try value(Pad(low: [1], high: [2], interior: [1]), numbers([3]), one) == [0.5, -9, 0.5, 9, 0.5, 8, 0.5, 0.5])
    #expect(try value(Pad(low: [-1], high: [-1], interior: [1]), numbers([3]), one) == [0.5, 9, 0.5])
    #expect(try value(Pad(low: [-2, 1], high: [2, -1]), numbers([3, 2]), one) == [0.5, 6, 0.5, 0.5, 0.5, 0.5])
  }

  @Test func functions() throws {
    func at(_ operation: some Operation, _ points: [Double], give values: [Double]) throws {
      let x = ReferenceArray(TensorType([points.count], .float64), reals: points)
      for (found, wanted) in zip(try value(operation, x), values) {
        #expect(abs(found - wanted) <= 2e-16 * max(1e-10, abs(wanted)) || found == wanted, "\(operation.name)")
      }
    }
    try at(Erf(), [0.5, -1.25, 2], give: [0.5204998778130465, -0.9229001282564582, 0.9953222650189527])
    try at(Log1p(), [1e-10, -0.5, 3], give: [9.999999999500001e-11, -0.6931471805599453, 1.3862943611198906])
    try at(Expm1(), [1e-10, -0.5, 3], give: [1.00000000005e-10, -0.3934693402873666, 19.085536923187668])
    try at(Tanh(), [0.5, -3], give: [0.46211715726000974, -0.9950547536867305])
    try at(Logistic(), [0, 800, -800], give: [0.5, 1, 0])
    try at(Round(), [0.5, 1.5, -0.5, 2.5, -2.5], give: [0, 2, 0, 2, -2])
    try at(Sign(), [3, -2, 0], give: [1, -1, 0])
  }

  /// The known answers that come with Random123, the generator's reference implementation.
  @Test func threefry() throws {
    let answers: [(key: (UInt32, UInt32), counter: UInt64, words: (UInt32, UInt32))] = [
      ((0, 0), 0, (0x6b20_0159, 0x99ba_4efe)),
      ((.max, .max), .max, (0x1cb9_96fc, 0xbb00_2be7)),
      ((0x1319_8a2e, 0x0370_7344), 0x243f_6a88_85a3_08d3, (0xc492_3a9c, 0x483d_f7a0)),
    ]
    for answer in answers { #expect(Threefry.words(key: answer.key, counter: answer.counter) == answer.words) }

    let key = ReferenceArray(TensorType([2], .uint32), integers: [0x1319_8a2e, 0x0370_7344])
    let words = (0..<6).map { (counter: UInt64) in
      let (first, second) = Threefry.words(key: (0x1319_8a2e, 0x0370_7344), counter: counter)
      return Double(first ^ second)
    }
    #expect(try value(RandomBits(shape: [2, 3]), key) == words)
  }
}
