import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

@Suite struct DepthwiseConvolutionTests {
  private let images = sample([2, 5, 6, 3])

  /// A group for each channel, each with filters of its own.
  @Test func isAGroupedConvolution() throws {
    let layer = try DepthwiseConv2D(size: 3, multiplier: 2, strides: 2, padding: .same).initialized(for: images)
    #expect(layer.weight.tensor?.shape == [3, 3, 1, 6] && layer.bias?.tensor?.shape == [6])
    var grouped = Conv2D(filters: 6, size: 3, strides: 2, padding: .same, groups: 3)
    (grouped.weight, grouped.bias) = (layer.weight, layer.bias)
    #expect(try layer(images).scalars() == grouped(images).scalars())
    // Each channel by itself.
    let one = images.sliced(1..<2, axis: -1)
    let kernel = try #require(layer.weight.tensor).sliced(2..<4, axis: -1)
    let alone = convolution(one, kernel, strides: [2], padding: .same)
    try expectClose(layer(images).sliced(2..<4, axis: -1).scalars(), alone.scalars())
    try expectGradient(of: layer) { square($0(images)).sum() }
    try expectGradient(of: [images]) { square(layer($0[0])).sum() }
  }

  @Test func overOneAndThreeAxes() throws {
    let signals = sample([2, 7, 3])
    let one = try DepthwiseConv1D(size: 3, bias: false).initialized(for: signals)
    #expect(one.weight.tensor?.shape == [3, 1, 3] && one(signals).shape == [2, 5, 3])
    let volumes = sample([1, 3, 4, 5, 2])
    let three = try DepthwiseConv3D(Filters(2, sizes: [1, 2, 3])).initialized(for: volumes)
    #expect(three.weight.tensor?.shape == [1, 2, 3, 1, 4] && three(volumes).shape == [1, 3, 3, 3, 4])
  }

  @Test func separableIsBothSteps() throws {
    struct Model: Layer {
      var conv = SeparableConv2D(filters: 4, size: 3, multiplier: 2, padding: .same)
      func callAsFunction(_ x: Tensor) -> Tensor { conv(x) }
    }
    let model = try Model().initialized(for: images)
    #expect(
      model.parameters.map(\.path) == ["conv.depthwise.weight", "conv.pointwise.weight", "conv.pointwise.bias"])
    #expect(model(images).shape == [2, 5, 6, 4])
    // The product of both kernels is that of a full convolution.
    let depthwise = try #require(model.conv.depthwise.weight.tensor).reshaped([3, 3, 3, 2])
    let pointwise = try #require(model.conv.pointwise.weight.tensor).reshaped([3, 2, 4])
    var full = Conv2D(filters: 4, size: 3, padding: .same)
    full.weight = Parameter(einsum("hwcm,cmf->hwcf", depthwise, pointwise))
    full.bias = model.conv.pointwise.bias
    try expectClose(model(images).scalars(), full(images).scalars())
    try expectGradient(of: model) { square($0(images)).sum() }
    let signals = sample([2, 7, 3])
    #expect(try SeparableConv1D(filters: 5, size: 3).initialized(for: signals)(signals).shape == [2, 5, 5])
  }

  @Test func namesTheFault() throws {
    let layer = try DepthwiseConv2D(size: 3).initialized(for: images)
    #expect(
      fault(of: layer(sample([2, 5, 6, 4]))).hasPrefix(
        "DepthwiseConv2D: was made for 3 channels, found an input [2, 5, 6, 4]"))
    #expect(fault(of: layer(sample([2, 5, 3]))).contains("takes images [batch, height, width, channels]"))
    #expect(fault(of: layer(sample([2, 2, 2, 3]))).contains("a window of 3 does not fit"))
    #expect(fault(of: layer(Tensor(integers: [1]))).hasPrefix("DepthwiseConv2D: "))
    for wrong in [
      DepthwiseConv2D(size: 0), DepthwiseConv2D(size: 1, multiplier: 0), DepthwiseConv2D(size: 1, multiplier: .max),
      DepthwiseConv2D(size: 1, strides: 0), DepthwiseConv2D(Filters(1, sizes: [1], groups: 2)),
    ] {
      #expect(fault { _ = try wrong.initialized(for: images) }.hasPrefix("DepthwiseConv2D: "))
    }
    #expect(fault { _ = try layer.initialized(for: sample([2, 5, 6, 0])) }.hasPrefix("DepthwiseConv2D: "))
  }
}
