import DescentGraph
import DescentTensors
import Testing

/// What is made of windows and blocks of pixels without a kernel of its own.
@Suite("patches, adaptive pooling, pixel blocks")
struct WindowFunctionTests {
  private func wave(_ shape: Shape, _ phase: Double = 0) -> Tensor {
    Tensor((0..<shape.count).map { (1.3 * Double($0) + phase).remainder(dividingBy: 4) }, shape: shape, .float64)
  }

  private func near(_ a: Tensor, _ b: Tensor) throws -> Bool {
    guard a.shape == b.shape else { return false }
    return zip(try a.scalars(), try b.scalars()).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  /// A convolution is a product of patches and weights, and folding is the transpose of unfolding.
  @Test func patches() throws {
    let forms: [(Shape, [Int], [Int], Padding, [Int])] = [
      ([2, 5, 6, 3], [3, 2], [1], .valid, [1]), ([1, 7, 5, 2], [2, 3], [2, 1], .same, [1]),
      ([2, 9, 1], [3], [2], .sides(low: [2], high: [1]), [2]), ([1, 3, 4, 3, 2], [2], [1, 2, 1], .each(1), [1]),
    ]
    for (shape, sizes, strides, padding, dilation) in forms {
      let x = wave(shape)
      let kernel = sizes.count == 1 ? [Int](repeating: sizes[0], count: shape.rank - 2) : sizes
      let w = wave(Shape(kernel + [shape[shape.rank - 1], 2]), 1)
      let patches = x.unfolded(sizes: sizes, strides: strides, padding: padding, dilation: dilation)
      let product = matmul(patches, w.reshaped([-1, 2]))
      #expect(try near(product, convolution(x, w, strides: strides, padding: padding, dilation: dilation)), "\(shape)")
      let back = wave(patches.shape, 2)
      let spatial = Array(shape[1..<shape.rank - 1])
      let folded = back.folded(to: spatial, sizes: sizes, strides: strides, padding: padding, dilation: dilation)
      let slope = try gradient(at: x) {
        ($0.unfolded(sizes: sizes, strides: strides, padding: padding, dilation: dilation) * back).sum()
      }
      #expect(try near(folded, slope), "\(shape)")
    }
    let x = Tensor([1, 2, 3, 4], shape: [1, 4, 1])
    #expect(try x.unfolded(sizes: [3]).scalars() == [1, 2, 3, 2, 3, 4])
    #expect(
      try x.unfolded(sizes: [2], strides: [2]).folded(to: [4], sizes: [2], strides: [2]).scalars() == [1, 2, 3, 4])
    #expect(x.unfolded(sizes: [5]).error?.message.contains("does not fit") == true)
    #expect(x.folded(to: [4], sizes: [3]).error?.message.contains("are not patches of 3 elements") == true)
    #expect(
      x.unfolded(sizes: [1 << 40], padding: .each(1 << 40)).error?.message.contains("too large to be laid out") == true)
  }

  @Test func adaptivePools() throws {
    let x = Tensor((0..<10).map(Double.init), shape: [1, 10, 1])
    #expect(try adaptiveAveragePool(x, counts: [5]).scalars() == [0.5, 2.5, 4.5, 6.5, 8.5])
    // 0..<4, 3..<7 and 6..<10, as elsewhere.
    #expect(try adaptiveAveragePool(x, counts: [3]).scalars() == [1.5, 4.5, 7.5])
    #expect(try adaptiveMaxPool(x, counts: [3]).scalars() == [3, 6, 9])
    let images = wave([2, 6, 9, 3])
    #expect(try near(adaptiveMaxPool(images, counts: [2, 3]), maxPool(images, size: 3)))
    #expect(try near(adaptiveAveragePool(images, counts: [1]), images.mean(axes: [1, 2], keepingAxes: true)))
    let mixed = adaptiveAveragePool(images, counts: [4, 2])
    #expect(mixed.shape == [2, 4, 2, 3])
    let corner = images.sliced(0..<2, axis: 1).sliced(0..<5, axis: 2).mean(axes: [1, 2])
    #expect(try near(mixed[.all, 0, 0], corner))
    #expect(adaptiveMaxPool(images, counts: [0]).error?.message.contains("do not divide") == true)
    // Of more windows than elements each has the one or two that it touches.
    #expect(try adaptiveMaxPool(x, counts: [15]).scalars() == [0, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 9, 9])
    #expect(try adaptiveAveragePool(x, counts: [20]).scalars() == (0..<20).map { Double($0 / 2) })
    #expect(adaptiveMaxPool(images, counts: [.max]).error != nil)
  }

  @Test func pixelBlocks() throws {
    let x = Tensor((0..<8).map(Double.init), shape: [1, 1, 1, 8])
    #expect(try pixelShuffle(x, factor: 2).scalars() == [0, 4, 1, 5, 2, 6, 3, 7])
    for shape in [[2, 3, 4, 12], [1, 2, 2, 2, 16], [2, 5, 6]] as [Shape] {
      let x = wave(shape)
      let large = pixelShuffle(x, factor: 2)
      let spatial = shape.sizes[1..<shape.rank - 1].map { 2 * $0 }
      let channels = shape[shape.rank - 1] >> (shape.rank - 2)
      #expect(large.shape.sizes == [shape[0]] + spatial + [channels])
      #expect(try near(pixelUnshuffle(large, factor: 2), x))
    }
    #expect(pixelShuffle(x, factor: 3).error?.message == "8 channels do not divide into blocks of 9")
    #expect(pixelUnshuffle(x, factor: 2).error?.message.contains("do not divide into blocks of 2") == true)
    #expect(pixelShuffle(x, factor: 0).error != nil && pixelShuffle(x, factor: .max).error != nil)
  }

  @Test func gridSampling() throws {
    let images = wave([2, 3, 4, 2])
    // The centers of pixels give the pixels, and those of larger ones what resizing gives.
    func grid(_ rows: Int, _ columns: Int) -> Tensor {
      let y = Tensor((0..<rows).map { (2 * Double($0) + 1) / Double(rows) - 1 }, .float64)
      let x = Tensor((0..<columns).map { (2 * Double($0) + 1) / Double(columns) - 1 }, .float64)
      let axes = meshGrid([y, x])
      return stacked([axes[1], axes[0]], axis: -1).expanded(axis: 0).broadcast(to: [2, rows, columns, 2])
    }
    #expect(try near(gridSample(images, at: grid(3, 4)), images))
    #expect(try near(gridSample(images, at: grid(7, 5), repeatingEdges: true), images.resized([7, 5])))
    #expect(try near(gridSample(images, at: grid(3, 4), method: .nearest), images))
    // Half a pixel beyond the edge, half of it is nothing.
    let corner = Tensor([-1, -1 + 1.0 / 3], shape: [1, 1, 1, 2], .float64)
    let first = gridSample(images.sliced(0..<1), at: corner)
    #expect(try near(first[0, 0, 0], images[0, 0, 0] * 0.5))
    #expect(try gridSample(images.sliced(0..<1), at: corner * 9.0).scalars() == [0, 0])
    let step = 1e-6
    let (at, way) = (grid(2, 3) * 0.7, wave([2, 2, 3, 2], 1))
    let slope = try (gradient(at: at) { square(gridSample(images, at: $0)).sum() } * way).sum().item()
    let ends = try [1.0, -1].map { try square(gridSample(images, at: at + way * ($0 * step))).sum().item() }
    #expect(abs(slope - (ends[0] - ends[1]) / (2 * step)) < 1e-5 * (1 + abs(slope)))
    #expect(gridSample(images, at: wave([2, 3, 4, 3])).error?.operation == "gridSample")
    let volumes = wave([1, 2, 3, 2, 2])
    let (inside, along) = (wave([1, 1, 2, 2, 3], 3) * 0.6 + 0.013, wave([1, 1, 2, 2, 3], 4))
    func value(_ grid: Tensor) -> Tensor { square(gridSample(volumes, at: grid)).sum() }
    let rise = try (gradient(at: inside, of: value) * along).sum().item()
    let both = try [1.0, -1].map { try value(inside + along * ($0 * step)).item() }
    #expect(abs(rise - (both[0] - both[1]) / (2 * step)) < 1e-5 * (1 + abs(rise)))
  }

  /// Over one, two and three spatial axes; what has none is a mistake.
  @Test func globalMeans() throws {
    for spatial in [[4], [2, 3], [2, 1, 2]] {
      let count = spatial.reduce(1, *)
      let x = Tensor((0..<2 * count * 2).map(Double.init), shape: Shape([2] + spatial + [2]), .float64)
      let found = globalAveragePool(x)
      #expect(found.shape == [2, 2])
      let middle = Double(count - 1)
      #expect(try found.scalars() == [middle, middle + 1, middle + Double(2 * count), middle + Double(2 * count) + 1])
    }
    #expect(globalAveragePool(Tensor(zeros: [2, 3])).error?.message.contains("takes images") == true)
  }
}
