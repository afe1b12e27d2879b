import DescentGraph
import DescentTensors
import Testing

/// Convolutions, forward and transposed, over one to three spatial axes, against sums written out.
@Suite("convolutions")
struct ConvolutionTests {
  /// A convolution in one of its many forms; sizes per spatial axis.
  struct Form: Sendable, CustomTestStringConvertible {
    var sizes: [Int]
    var kernel: [Int]
    var strides: [Int]
    var padding: Padding = .valid
    var dilation = [1]
    var groups = 1
    var outputPadding = [0]

    var testDescription: String { "\(sizes) \(kernel) \(strides) \(padding) \(dilation) \(groups) \(outputPadding)" }
  }

  static let forms = [
    Form(sizes: [5], kernel: [3], strides: [2]),
    Form(sizes: [4], kernel: [3], strides: [3], padding: .sides(low: [0], high: [2]), outputPadding: [2]),
    Form(sizes: [3], kernel: [2], strides: [3], padding: .same),
    Form(sizes: [3, 2], kernel: [3, 3], strides: [2], padding: .same, groups: 2),
    Form(
      sizes: [3, 4], kernel: [2, 3], strides: [2, 1], padding: .each(1), dilation: [3, 1], outputPadding: [1, 0]),
    Form(
      sizes: [2, 3, 2], kernel: [2, 1, 3], strides: [2, 2, 1], padding: .sides(low: [0, 0, 1], high: [1, 0, 1])),
    Form(sizes: [2, 2, 2], kernel: [2, 2, 2], strides: [2], padding: .same, groups: 2),
  ]

  private func wave(_ shape: Shape, _ phase: Double) -> Tensor {
    Tensor((0..<shape.count).map { (1.7 * Double($0) + phase).remainder(dividingBy: 3) }, shape: shape, .float64)
  }

  /// What each element of the input adds to the output, in plain loops over `[batch, spatial…, channels]`.
  private func scattered(_ x: Tensor, _ w: Tensor, _ form: Form, to shape: Shape, low: [Int]) throws -> [Double] {
    let (values, weights) = (try x.scalars(), try w.scalars())
    let axes = form.sizes.count
    let (channels, filters) = (x.shape[axes + 1], shape[axes + 1])
    var sums = [Double](repeating: 0, count: shape.count)
    for place in 0..<x.count {
      let channel = place % channels
      var rest = place / channels
      var at = [Int](repeating: 0, count: axes)
      for axis in (0..<axes).reversed() {
        at[axis] = rest % form.sizes[axis]
        rest /= form.sizes[axis]
      }
      let group = channel / (channels / form.groups)
      for offset in 0..<Shape(form.kernel).count {
        var spatial = rest  // the number of the example
        var inside = true
        for (axis, index) in at.enumerated() {
          let step = Shape(form.kernel).strides[axis]
          let k = offset / step % form.kernel[axis]
          let stride = form.strides[form.strides.count == 1 ? 0 : axis]
          let dilation = form.dilation[form.dilation.count == 1 ? 0 : axis]
          let target = index * stride + k * dilation - low[axis]
          inside = inside && (0..<shape[axis + 1]).contains(target)
          spatial = spatial * shape[axis + 1] + target
        }
        guard inside else { continue }
        for filter in 0..<filters / form.groups {
          let weight = weights[(offset * (filters / form.groups) + filter) * channels + channel]
          sums[spatial * filters + group * (filters / form.groups) + filter] += weight * values[place]
        }
      }
    }
    return sums
  }

  @Test(arguments: forms) func transposedScatters(form: Form) throws {
    let (channels, filters) = (4, 6)
    let axes = form.sizes.count
    let x = wave(Shape([2] + form.sizes + [channels]), 0.3)
    let w = wave(Shape(form.kernel + [filters / form.groups, channels]), 1.1)
    func up(_ x: Tensor, _ w: Tensor) -> Tensor {
      transposedConvolution(
        x, w, strides: form.strides, padding: form.padding, outputPadding: form.outputPadding, dilation: form.dilation,
        groups: form.groups)
    }
    func down(_ y: Tensor, _ w: Tensor) -> Tensor {
      convolution(
        y, w, strides: form.strides, padding: form.padding, dilation: form.dilation, groups: form.groups)
    }
    let y = up(x, w)
    var (low, sizes): ([Int], [Int]) = ([], [])
    for axis in 0..<axes {
      func one(_ values: [Int]) -> Int { values[values.count == 1 ? 0 : axis] }
      let reach = (form.kernel[axis] - 1) * one(form.dilation) + 1
      let stride = one(form.strides)
      let (before, after): (Int, Int)
      switch form.padding {
      case .valid: (before, after) = (0, 0)
      case .each(let amount): (before, after) = (amount, amount)
      case .sides(let low, let high): (before, after) = (one(low), one(high))
      case .same: (before, after) = (max(0, reach - stride) / 2, reach - stride - max(0, reach - stride) / 2)
      }
      low.append(before)
      sizes.append((form.sizes[axis] - 1) * stride + reach - before - after + one(form.outputPadding))
    }
    #expect(y.shape.sizes == [2] + sizes + [filters])
    let wanted = try scattered(x, w, form, to: y.shape, low: low)
    for (found, wanted) in zip(try y.scalars(), wanted) { #expect(abs(found - wanted) < 1e-12) }
    // It leads back to where a convolution with the same weights comes from, and is its transpose.
    let back = down(y, w)
    #expect(back.shape == x.shape)
    let slope = try gradient(at: wave(y.shape, 2)) { (down($0, w) * x).sum() }
    for (found, wanted) in zip(try slope.scalars(), wanted) { #expect(abs(found - wanted) < 1e-12) }
    // In Float32 through the libraries.
    let narrow = try up(x.converted(to: .float32), w.converted(to: .float32)).scalars()
    for (found, wanted) in zip(narrow, wanted) { #expect(abs(found - wanted) < 1e-4) }
  }

  @Test func byHand() throws {
    let x = Tensor([1, 2, 3], shape: [1, 3, 1])
    let w = Tensor([1, 10, 100], shape: [3, 1, 1])
    #expect(try transposedConvolution(x, w).scalars() == [1, 12, 123, 230, 300])
    #expect(try transposedConvolution(x, w, strides: [2]).scalars() == [1, 10, 102, 20, 203, 30, 300])
    #expect(try transposedConvolution(x, w, strides: [2], padding: .each(1)).scalars() == [10, 102, 20, 203, 30])
    #expect(
      try transposedConvolution(x, w, strides: [2], padding: .each(1), outputPadding: [1]).scalars()
        == [10, 102, 20, 203, 30, 300])
    #expect(try transposedConvolution(x, w, strides: [2], padding: .same).scalars() == [1, 10, 102, 20, 203, 30])
    #expect(transposedConvolution(x, w, strides: [4], padding: .same).count == 12)
    #expect(try convolution(x, w, padding: .sides(low: [2], high: [0])).scalars() == [100, 210, 321])
    #expect(try maxPool(x, size: 2, strides: 1, padding: .sides(low: [1], high: [0])).scalars() == [1, 2, 3])
    // One number serves all axes, and volumes are pooled like images.
    let volume = wave([1, 4, 4, 4, 2], 0)
    #expect(convolution(volume, wave([2, 2, 2, 2, 3], 1), strides: [2]).shape == [1, 2, 2, 2, 3])
    #expect(averagePool(volume, size: 2).shape == [1, 2, 2, 2, 2])
    let blocks = volume.reshaped([1, 2, 2, 2, 2, 2, 2, 2])
    #expect(try maxPool(volume, size: 2).scalars() == blocks.max(axes: [2, 4, 6]).scalars())
  }
}
