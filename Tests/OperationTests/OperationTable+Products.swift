import DescentGraph

extension OperationTable {
  var dots: [Sample] {
    let products: [(Dot, Shape, Shape)] = [
      (Dot(leftContracted: [1], rightContracted: [0]), [2, 3], [3, 4]),
      (Dot(leftContracted: [0], rightContracted: [0]), [3, 2], [3, 4]),
      (Dot(leftContracted: [0], rightContracted: [1]), [3, 2], [4, 3]),
      (Dot(leftContracted: [0], rightContracted: [0]), [3], [3]),
      (Dot(leftContracted: [], rightContracted: []), [2], [3]),
      (Dot(leftContracted: [], rightContracted: []), [], []),
      (Dot(leftContracted: [0, 1], rightContracted: [1, 0]), [2, 3], [3, 2]),
      (Dot(leftContracted: [2, 0], rightContracted: [0, 1]), [2, 5, 3], [3, 2, 4]),
      (Dot(leftBatch: [0], rightBatch: [0], leftContracted: [2], rightContracted: [1]), [2, 3, 4], [2, 4, 2]),
      (Dot(leftBatch: [1], rightBatch: [2], leftContracted: [0], rightContracted: [0]), [3, 2, 4], [3, 2, 2]),
      (Dot(leftBatch: [1, 0], rightBatch: [0, 2], leftContracted: [], rightContracted: []), [2, 3, 2], [3, 1, 2]),
      (Dot(leftBatch: [0], rightBatch: [1], leftContracted: [1], rightContracted: [0]), [2, 3], [3, 2]),
      (Dot(leftContracted: [1], rightContracted: [0]), [2, 0], [0, 3]),
      (Dot(leftContracted: [1], rightContracted: [0]), [0, 2], [2, 3]),
      (Dot(leftContracted: [1], rightContracted: [0]), [1, 1], [1, 1]),
      (Dot(leftContracted: [1], rightContracted: [0]), [5, 17], [17, 3]),
    ]
    return products.map { Sample($0, operands.spread($1), operands.spread($2, salt: 2)) }
      + [
        Sample(
          Dot(leftContracted: [1], rightContracted: [0]), operands.integers([1, 2, 3, 100, 100, 100], .int8, [2, 3]),
          operands.integers([1, 2, 3], .int8)),
        Sample(
          Dot(leftContracted: [1], rightContracted: [0]), operands.exactly([1, .infinity, .nan, 0], [2, 2]),
          operands.exactly([0, 1]), isSmooth: false),
      ]
  }

  /// Group sizes that fill the rows, that do not, that are negative or too many; no rows, no groups, no terms, no columns;
  /// batches with matrices of their own and with common ones.
  var raggedDots: [Sample] {
    let cases: [(rows: Shape, matrices: Shape, sizes: Shape, values: [Int64], sharedAxes: Int)] = [
      ([6, 3], [3, 3, 2], [3], [2, 1, 3], 0),
      ([6, 3], [4, 3, 2], [4], [0, 4, 0, 0], 0),
      ([5, 3], [2, 3, 4], [2], [1, 2], 0),
      ([5, 2], [3, 2, 2], [3], [-2, 3, 9], 0),
      ([5, 2], [3, 2, 2], [3], [.max, 3, .min], 0),
      ([4, 3], [1, 3, 2], [1], [4], 0),
      ([1, 1], [1, 1, 1], [1], [1], 0),
      ([0, 3], [2, 3, 2], [2], [1, 0], 0),
      ([3, 2], [0, 2, 2], [0], [], 0),
      ([3, 0], [2, 0, 2], [2], [1, 1], 0),
      ([3, 2], [2, 2, 0], [2], [1, 1], 0),
      ([2, 4, 3], [2, 2, 3, 2], [2, 2], [1, 2, 3, 1], 0),
      ([2, 4, 3], [2, 3, 2], [2, 2], [1, 2, 3, 1], 1),
      ([2, 3, 4, 2], [2, 2, 2, 1], [2, 3, 2], [1, 3, 2, 2, 0, 1, 4, 0, 0, 0, 3, 5], 1),
      ([2, 1, 3, 2], [2, 2, 1], [2, 1, 2], [1, 1, 0, 3], 2),
      ([0, 4, 3], [2, 3, 2], [0, 2], [], 1),
    ]
    return cases.flatMap { rows, matrices, sizes, values, shared in
      let groups = operands.integers(values, .int64, sizes)
      let wide = Shape(rows.sizes.dropLast() + [matrices.sizes.last ?? 0])
      let (x, y) = (operands.spread(rows), operands.spread(wide, salt: 2))
      let weights = operands.spread(matrices, salt: 3)
      return [
        Sample(RaggedDot(sharedAxes: shared), x, weights, groups),
        Sample(RaggedDot(.rowsWithTransposes, sharedAxes: shared), y, weights, groups),
        Sample(RaggedDot(.rowsWithRows, sharedAxes: shared), x, y, groups),
      ]
    } + raggedEdges
  }

  /// All types of group sizes, and rows without numbers that belong to no group.
  private var raggedEdges: [Sample] {
    let types: [ElementType] = [.int8, .int16, .int32, .uint8, .uint16, .uint32]
    let (x, weights) = (operands.spread([4, 2]), operands.spread([2, 2, 3], salt: 2))
    let odd = operands.exactly([1, 2, .nan, .infinity, .nan, 1], [3, 2])
    return types.map { Sample(RaggedDot(), x, weights, operands.integers([1, 2], $0)) }
      + [
        // As an unsigned number −1 is the largest.
        Sample(RaggedDot(), x, weights, operands.integers([1, -1], .uint64)),
        Sample(RaggedDot(), odd, weights, operands.integers([1, 0], .int32), isSmooth: false),
        Sample(RaggedDot(.rowsWithRows), odd, odd, operands.integers([1, 0], .int32), isSmooth: false),
        Sample(RaggedDot(), odd, weights, operands.integers([1, 1], .int32), isSmooth: false),
      ]
  }

  /// Strides, padding, dilation, groups, one to four spatial axes, odd sizes, no examples, no channels.
  private var convolutionCases: [(geometry: ConvolutionGeometry, input: Shape, weights: Shape)] {
    func geometry(
      _ size: [Int], strides: [Int]? = nil, low: [Int]? = nil, high: [Int]? = nil, dilation: [Int]? = nil,
      groups: Int = 1
    ) -> ConvolutionGeometry {
      ConvolutionGeometry(
        windows: WindowGeometry(size: size, strides: strides, low: low, high: high, dilation: dilation), groups: groups)
    }
    return [
      (geometry([3, 3]), [2, 5, 4, 2], [3, 3, 2, 3]),
      (geometry([3, 2], strides: [2, 3]), [1, 6, 7, 1], [3, 2, 1, 2]),
      (geometry([3, 3], low: [1, 1], high: [1, 2]), [1, 4, 3, 1], [3, 3, 1, 2]),
      (
        geometry([2, 3], strides: [2, 1], low: [0, 2], high: [1, 1], dilation: [2, 1]), [2, 5, 3, 1], [2, 3, 1, 2]
      ),
      (geometry([2, 2], groups: 2), [1, 3, 3, 4], [2, 2, 2, 6]),
      (geometry([2, 2], strides: [2, 2], low: [1, 0], high: [0, 1], groups: 3), [2, 4, 3, 3], [2, 2, 1, 3]),
      (geometry([1, 1]), [1, 1, 1, 1], [1, 1, 1, 1]),
      (geometry([3], strides: [2], low: [1], high: [1]), [2, 7, 2], [3, 2, 2]),
      (geometry([2, 2, 2], low: [0, 1, 0], high: [1, 0, 0]), [1, 2, 2, 3, 1], [2, 2, 2, 1, 2]),
      (geometry([2, 2]), [0, 3, 3, 1], [2, 2, 1, 2]),
      (geometry([2, 2], strides: [3, 3]), [1, 6, 6, 1], [2, 2, 1, 1]),
      (geometry([3], strides: [2], low: [2], high: [1], dilation: [2], groups: 2), [1, 6, 4], [3, 2, 2]),
      (
        geometry([2, 2, 1], strides: [2, 1, 2], low: [1, 0, 0], high: [0, 1, 0], dilation: [1, 2, 1], groups: 2),
        [1, 3, 2, 3, 2], [2, 2, 1, 1, 2]
      ),
      (geometry([2, 1, 1, 2]), [1, 2, 1, 2, 3, 1], [2, 1, 1, 2, 1, 1]),
      (geometry([2, 2]), [1, 3, 3, 0], [2, 2, 0, 2]),
      (geometry([2], groups: 2), [1, 3, 2], [2, 1, 0]),
    ]
  }

  var convolutions: [Sample] {
    convolutionCases.map {
      Sample(Convolution($0.geometry), operands.spread($0.input), operands.spread($0.weights, salt: 2))
    }
  }

  var convolutionInputGradients: [Sample] {
    convolutionCases.map { geometry, input, weights in
      Sample(
        ConvolutionInputGradient(geometry, input: input), operands.spread(output(geometry, input, weights), salt: 3),
        operands.spread(weights, salt: 2))
    }
  }

  var convolutionWeightGradients: [Sample] {
    convolutionCases.map { geometry, input, weights in
      Sample(
        ConvolutionWeightGradient(geometry), operands.spread(input),
        operands.spread(output(geometry, input, weights), salt: 3))
    }
  }

  private func output(_ geometry: ConvolutionGeometry, _ input: Shape, _ weights: Shape) -> Shape {
    let rank = geometry.windows.rank
    let spatial = (try? geometry.windows.outputSizes(Array(input[1...rank]), for: "convolution")) ?? []
    return Shape([input[0]] + spatial + [weights[rank + 1]])
  }

  /// Windows side by side, overlapping, with gaps, padded, dilated, over one to four axes.
  private var windowCases: [(windows: WindowGeometry, input: Shape)] {
    [
      (WindowGeometry(size: [2, 2], strides: [2, 2]), [2, 4, 5, 2]),
      (WindowGeometry(size: [3, 2]), [1, 4, 4, 1]),
      (WindowGeometry(size: [2, 2], strides: [3, 3]), [1, 6, 5, 1]),
      (WindowGeometry(size: [3, 3], strides: [2, 2], low: [1, 1], high: [1, 2]), [1, 4, 4, 2]),
      (WindowGeometry(size: [2, 2], dilation: [2, 1]), [1, 4, 3, 1]),
      (WindowGeometry(size: [3], strides: [2], low: [1], high: [0]), [2, 6, 2]),
      (WindowGeometry(size: [1, 1]), [1, 1, 1, 1]),
      (WindowGeometry(size: [2, 2]), [0, 3, 3, 1]),
      (WindowGeometry(size: [2, 1, 2], strides: [1, 2, 2], low: [1, 0, 0], high: [0, 0, 1]), [1, 2, 3, 3, 1]),
      (WindowGeometry(size: [1, 2, 1, 2], dilation: [1, 1, 1, 2]), [1, 1, 2, 2, 3, 1]),
    ]
  }

  private func windowed(_ windows: WindowGeometry, _ input: Shape) -> Shape {
    let spatial = (try? windows.outputSizes(Array(input[1...windows.rank]), for: "windows")) ?? []
    return Shape([input[0]] + spatial + [input[windows.rank + 1]])
  }

  var windowedSums: [Sample] { windowCases.map { Sample(WindowedSum($0.windows), operands.spread($0.input)) } }

  var windowedSumTransposes: [Sample] {
    windowCases.map {
      Sample(WindowedSumTranspose($0.windows, input: $0.input), operands.spread(windowed($0.windows, $0.input)))
    }
  }

  /// Ties, NaN and infinities in a picture of one channel.
  private var tied: ReferenceArray {
    operands.exactly(
      [1, 1, 0, .nan, 1, 1, 2, 0, -.infinity, -.infinity, 3, 3, -.infinity, -.infinity, 3, 3], [1, 4, 4, 1])
  }

  private var quarters: WindowGeometry { WindowGeometry(size: [2, 2], strides: [2, 2]) }

  var windowedExtremes: [Sample] {
    [WindowedExtreme.Choice.maximum, .minimum].flatMap { choice in
      windowCases.map { Sample(WindowedExtreme(choice, $0.windows), operands.spread($0.input)) }
        + [Sample(WindowedExtreme(choice, quarters), tied, isSmooth: false)]
    }
  }

  var gatherings: [Sample] {
    [WindowedExtreme.Choice.maximum, .minimum].flatMap { choice in
      windowCases.map {
        Sample(SelectAndGather(choice, $0.windows), operands.spread($0.input), operands.spread($0.input, salt: 2))
      } + [Sample(SelectAndGather(choice, quarters), tied, operands.spread([1, 4, 4, 1]), isSmooth: false)]
    }
  }

  var scatterings: [Sample] {
    [WindowedExtreme.Choice.maximum, .minimum].flatMap { choice in
      windowCases.map {
        Sample(
          SelectAndScatter(choice, $0.windows), operands.spread($0.input),
          operands.spread(windowed($0.windows, $0.input), salt: 2))
      } + [Sample(SelectAndScatter(choice, quarters), tied, operands.spread([1, 2, 2, 1]), isSmooth: false)]
    }
  }
}
