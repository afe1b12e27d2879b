import DescentGraph
import Testing

@Suite struct ProductTests {
  static let products: [(left: Shape, right: Shape, dot: Dot)] = [
    ([3, 4], [4, 5], Dot(leftContracted: [1], rightContracted: [0])),
    ([4, 3], [5, 4], Dot(leftContracted: [0], rightContracted: [1])),
    ([4, 3], [4, 5], Dot(leftContracted: [0], rightContracted: [0])),
    ([3, 4], [5, 4], Dot(leftContracted: [1], rightContracted: [1])),
    ([7], [7], Dot(leftContracted: [0], rightContracted: [0])),
    ([3, 7], [7], Dot(leftContracted: [1], rightContracted: [0])),
    ([7], [7, 3], Dot(leftContracted: [0], rightContracted: [0])),
    ([4], [6], Dot(leftContracted: [], rightContracted: [])),
    ([4, 1], [1, 6], Dot(leftContracted: [1], rightContracted: [0])),
    ([2, 3, 4], [2, 4, 5], Dot(leftBatch: [0], rightBatch: [0], leftContracted: [2], rightContracted: [1])),
    ([3, 2, 4], [4, 5, 2], Dot(leftBatch: [1], rightBatch: [2], leftContracted: [2], rightContracted: [0])),
    (
      [2, 3, 4, 5], [2, 6, 4, 5],
      Dot(leftBatch: [0, 2], rightBatch: [0, 2], leftContracted: [3], rightContracted: [3])
    ),
    ([2, 3, 4], [4, 3, 5], Dot(leftContracted: [1, 2], rightContracted: [1, 0])),
    ([2, 3, 4], [3, 4, 5], Dot(leftContracted: [1, 2], rightContracted: [0, 1])),
    ([6, 2, 3], [3, 5], Dot(leftContracted: [2], rightContracted: [0])),
    ([6, 4], [6, 4], Dot(leftBatch: [0], rightBatch: [0], leftContracted: [1], rightContracted: [1])),
    ([0, 4], [4, 5], Dot(leftContracted: [1], rightContracted: [0])),
    ([3, 0], [0, 5], Dot(leftContracted: [1], rightContracted: [0])),
    ([40, 65], [65, 33], Dot(leftContracted: [1], rightContracted: [0])),
  ]

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16, .int8, .int32, .uint16, .int64])
  func dots(elementType: ElementType) throws {
    for product in Self.products {
      let builder = GraphBuilder()
      let left = builder.input(TensorType(product.left, elementType))
      let right = builder.input(TensorType(product.right, elementType))
      try expectAgreement(try builder.graph(outputs: [left.apply(product.dot, right)]))
    }
  }

  /// Groups that are empty, alone, uneven, negative and too many.
  static let groups: [[Int64]] = [
    [30], [0, 30, 0], [10, 10, 10], [1, 25, 3, 0, 4], [5, 5], [-7, 29, 2, 9], [0, 0], (0..<12).map { $0 % 5 },
  ]

  @Test(arguments: groups) func raggedDots(sizes: [Int64]) throws {
    for elementType in [ElementType.float32, .float64, .bfloat16] {
      for shared in [0, 1] { try expectRaggedAgreement([30, 7, 9], sizes, elementType, shared) }
    }
  }

  /// Rows enough for several threads, whose shares begin and end within groups.
  @Test func largeRaggedDots() throws {
    try expectRaggedAgreement([400, 40, 70], [1, 310, 3, 0, 70], .float32, 0)
  }

  private func expectRaggedAgreement(
    _ extents: [Int], _ sizes: [Int64], _ elementType: ElementType, _ shared: Int
  ) throws {
    let builder = GraphBuilder()
    let (rows, height, width) = (extents[0], extents[1], extents[2])
    let batch = shared == 1 ? [2] : []
    let x = builder.input(TensorType(Shape(batch + [rows, height]), elementType))
    let y = builder.input(TensorType(Shape(batch + [rows, width]), elementType))
    let matrices = builder.input(TensorType([sizes.count, height, width], elementType))
    let turned = builder.input(TensorType([sizes.count, width, height], elementType))
    let literal = try ReferenceArray(TensorType([sizes.count], .int64), integers: sizes).literal()
    let one = builder.emit(Constant(literal: literal), [])[0]
    let groups = shared == 1 ? one.broadcast(leading: 2) : one
    try expectAgreement(
      try builder.graph(outputs: [
        x.apply(RaggedDot(sharedAxes: shared), matrices, groups),
        y.apply(RaggedDot(.rowsWithTransposes, sharedAxes: shared), matrices, groups),
        x.apply(RaggedDot(.rowsWithRows, sharedAxes: shared), y, groups),
        x.apply(Tanh()).apply(RaggedDot(sharedAxes: shared), turned.transposed([0, 2, 1]), groups).apply(Square()),
      ]))
  }

  @Test func dotsOfViews() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorType([6, 8], .float32))
    let y = builder.input(TensorType([8, 6], .float32))
    let matrix = Dot(leftContracted: [1], rightContracted: [0])
    let bias = builder.input(TensorType([6], .float32))
    try expectAgreement(
      try builder.graph(outputs: [
        x.transposed([1, 0]).apply(matrix, y.transposed([1, 0])),
        x.apply(Tanh()).transposed([1, 0]).apply(matrix, y.transposed([1, 0]).apply(Exp())),
        x.apply(matrix, y).transposed([1, 0]),
        x.apply(Slice(starts: [1, 2], limits: [5, 6])).apply(matrix, y.apply(Slice(starts: [0, 0], limits: [4, 6]))),
        x.apply(Reverse(axes: [0])).apply(matrix, y),
        x.apply(Slice(starts: [0, 0], limits: [6, 8], steps: [2, 2])).apply(
          matrix, y.apply(Slice(starts: [0, 0], limits: [4, 6]))),
        bias.broadcast([5, 6], axes: [1]).apply(matrix, x),
        (x.apply(matrix, y) + bias.broadcast([6, 6], axes: [1])).apply(Tanh()),
      ]))
  }

  /// One to four spatial axes, of which a kernel takes three at most.
  static let geometries: [ConvolutionGeometry] = [
    ConvolutionGeometry(windows: WindowGeometry(size: [3, 3])),
    ConvolutionGeometry(windows: WindowGeometry(size: [3, 2], strides: [2, 1], low: [1, 0], high: [1, 1])),
    ConvolutionGeometry(windows: WindowGeometry(size: [2, 3], dilation: [2, 1]), groups: 2),
    ConvolutionGeometry(windows: WindowGeometry(size: [1, 1])),
    ConvolutionGeometry(
      windows: WindowGeometry(size: [3], strides: [2], low: [2], high: [1], dilation: [2]), groups: 2),
    ConvolutionGeometry(
      windows: WindowGeometry(size: [3, 2, 2], strides: [2, 1, 2], low: [1, 0, 1], high: [1, 1, 0])),
    ConvolutionGeometry(windows: WindowGeometry(size: [2, 1, 2], dilation: [1, 1, 2]), groups: 2),
    ConvolutionGeometry(windows: WindowGeometry(size: [2, 1, 1, 2])),
  ]

  @Test(arguments: geometries) func convolutions(geometry: ConvolutionGeometry) throws {
    for elementType in [ElementType.float32, .float64, .bfloat16] {
      let builder = GraphBuilder()
      let rank = geometry.windows.rank
      let x = builder.input(TensorType(Shape([2] + [7, 6, 5, 2].prefix(rank) + [4]), elementType))
      let weights = TensorType(Shape(geometry.windows.size + [4 / geometry.groups, 6]), elementType)
      let w = builder.input(weights)
      let (y, cotangent, gradients) = convolution(x, w, geometry, builder)
      let last = (y + cotangent).apply(Tanh()).transposed([rank + 1] + Array(0...rank))
      try expectAgreement(try builder.graph(outputs: [y] + gradients + [last]), mayUseReference: rank > 3)
    }
  }

  /// Kernels of 3×3 over many channels, which a library may compute with fewer products than there are pairs: on images
  /// that its tiles of 4×4 do and do not fill, with padding on all, some and no sides.
  @Test(arguments: [
    (size: [16, 12], low: [1, 1], high: [1, 1]), (size: [15, 17], low: [1, 0], high: [0, 1]),
    (size: [17, 14], low: [0, 0], high: [0, 0]), (size: [9, 22], low: [2, 0], high: [2, 0]),
    (size: [19, 14], low: [0, 1], high: [0, 1]),
  ])
  func convolutionsOfManyChannels(size: [Int], low: [Int], high: [Int]) throws {
    let geometry = ConvolutionGeometry(windows: WindowGeometry(size: [3, 3], low: low, high: high))
    let builder = GraphBuilder()
    let x = builder.input(TensorType([3, size[0], size[1], 32], .float32))
    let w = builder.input(TensorType([3, 3, 32, 48], .float32))
    let (y, _, gradients) = convolution(x, w, geometry, builder)
    try expectAgreement(try builder.graph(outputs: [y] + gradients))
  }

  /// A convolution, a cotangent of it, and what that gives for input and weights.
  private func convolution(
    _ x: Symbol, _ w: Symbol, _ geometry: ConvolutionGeometry, _ builder: GraphBuilder
  ) -> (result: Symbol, cotangent: Symbol, gradients: [Symbol]) {
    let y = x.apply(Convolution(geometry), w)
    let cotangent = builder.input(y.type)
    return (
      y, cotangent,
      [
        cotangent.apply(ConvolutionInputGradient(geometry, input: x.shape), w),
        x.apply(ConvolutionWeightGradient(geometry), cotangent),
      ]
    )
  }

  @Test func windows() throws {
    for elementType in [ElementType.float32, .float64, .float16] {
      for windows in [
        WindowGeometry(size: [2, 2], strides: [2, 2]),
        WindowGeometry(size: [3, 2], strides: [1, 2], low: [1, 0], high: [1, 1]),
      ] {
        let builder = GraphBuilder()
        let x = builder.input(TensorType([2, 6, 6, 3], elementType))
        let t = builder.input(x.type)
        let sums = x.apply(WindowedSum(windows))
        let cotangent = builder.input(sums.type)
        var outputs = [sums, cotangent.apply(WindowedSumTranspose(windows, input: x.shape))]
        for choice in [WindowedExtreme.Choice.maximum, .minimum] {
          outputs.append(x.apply(WindowedExtreme(choice, windows)))
          outputs.append(x.apply(SelectAndGather(choice, windows), t))
          outputs.append(x.apply(SelectAndScatter(choice, windows), cotangent))
        }
        try expectAgreement(try builder.graph(outputs: outputs))
      }
    }
  }
}
