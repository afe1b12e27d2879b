import Descent

extension NamesTests {
  /// The sizes of images over so many spatial axes.
  static let spatial: KeyValuePairs<Int, [Int]> = [1: [7], 2: [5, 4], 3: [3, 3, 4]]

  static func convolutions() throws -> Values {
    var values: Values = [:]
    for (axes, sizes) in spatial {
      let window = [Int](repeating: 2, count: axes)
      let image = numbers(Shape([2] + sizes + [4]))
      let weights = numbers(Shape(window + [4, 2]), 1)
      let halves = numbers(Shape(window + [2, 6]), 1)
      values["F.conv\(axes)d"] = [
        convolution(image, weights),
        convolution(image, halves, strides: [2], padding: .each(1), dilation: [2], groups: 2),
      ]
      let small = numbers(Shape([1] + sizes + [2]))
      values["F.conv_transpose\(axes)d"] = [
        transposedConvolution(small, weights),
        transposedConvolution(small, weights, strides: [3], padding: .each(1), outputPadding: [2]),
      ]
      let (bias, wideBias) = (reals([0.5, -1]), reals([0.5, -1, 0, 2]))
      switch axes {
      case 1:
        values["nn.Conv1d"] = [given(Conv1D(filters: 2, size: 2, strides: 2), weights, bias)(image)]
        values["nn.ConvTranspose1d"] = [
          given(TransposedConv1D(filters: 4, size: 2, strides: 2), weights, wideBias)(small)
        ]
      case 2:
        values["nn.Conv2d"] = [given(Conv2D(filters: 2, size: 2, strides: 2), weights, bias)(image)]
        values["nn.ConvTranspose2d"] = [
          given(TransposedConv2D(filters: 4, size: 2, strides: 2), weights, wideBias)(small)
        ]
      default:
        values["nn.Conv3d"] = [given(Conv3D(filters: 2, size: 2, strides: 2), weights, bias)(image)]
        values["nn.ConvTranspose3d"] = [
          given(TransposedConv3D(filters: 4, size: 2, strides: 2), weights, wideBias)(small)
        ]
      }
    }
    return values
  }

  private static func given<Filtering: ConvolutionLayer>(
    _ layer: Filtering, _ weights: Tensor, _ bias: Tensor
  ) -> Filtering {
    var layer = layer
    (layer.weight, layer.bias) = (Parameter(weights), Parameter(bias))
    return layer
  }

  private static func given<Filtering: TransposedConvolutionLayer>(
    _ layer: Filtering, _ weights: Tensor, _ bias: Tensor
  ) -> Filtering {
    var layer = layer
    (layer.weight, layer.bias) = (Parameter(weights), Parameter(bias))
    return layer
  }

  static func pooling() -> Values {
    var values: Values = [:]
    for (axes, sizes) in spatial {
      let image = numbers(Shape([2] + sizes + [4]))
      values["F.max_pool\(axes)d"] = [
        maxPool(image, size: 2), maxPool(image, size: 3, strides: 2, padding: .each(1)),
        maxPool(image, size: 2, roundingUp: true),
        maxPool(image, size: 2, strides: 1, padding: .each(1), dilation: 2),
      ]
      values["F.avg_pool\(axes)d"] = [
        averagePool(image, size: 2),
        averagePool(image, size: 3, strides: 2, padding: .each(1), countingPadding: true),
        averagePool(image, size: 3, strides: 2, padding: .each(1)),
        averagePool(image, size: 3, strides: 2, padding: .each(1), countingPadding: true, roundingUp: true),
        averagePool(image, size: 2, roundingUp: true),
      ]
      values["F.adaptive_avg_pool\(axes)d"] = [
        adaptiveAveragePool(image, counts: [2]), adaptiveAveragePool(image, counts: [1]),
        adaptiveAveragePool(image, counts: [6]),
      ]
      values["F.adaptive_max_pool\(axes)d"] = [
        adaptiveMaxPool(image, counts: [2]), adaptiveMaxPool(image, counts: [6]),
      ]
    }
    let image = numbers(1, 4, 5, 2)
    let patches = image.unfolded(sizes: [2], strides: [2], padding: .each(1))
    values["F.unfold"] = [patches]
    values["F.fold"] = [patches.folded(to: [4, 5], sizes: [2], strides: [2], padding: .each(1))]
    let grid = unit(1, 3, 2, 2, seed: 1) * 1.5
    let (volume, places) = (numbers(1, 3, 2, 4, 2), unit(1, 2, 3, 2, 3, seed: 1) * 1.5)
    values["F.grid_sample"] = [
      gridSample(image, at: grid), gridSample(image, at: grid, repeatingEdges: true),
      gridSample(image, at: grid, method: .nearest), gridSample(image, at: grid, aligningCorners: true),
      gridSample(volume, at: places), gridSample(volume, at: places, repeatingEdges: true),
      gridSample(volume, at: places, method: .nearest), gridSample(volume, at: places, aligningCorners: true),
    ]
    return values
  }

  static func normalization() -> Values {
    var values: Values = [:]
    let (query, key, value) = (numbers(2, 3, 4), numbers(2, 5, 4, seed: 1), numbers(2, 5, 3, seed: 2))
    let mask = numbers(3, 5)
    values["F.scaled_dot_product_attention"] = [
      scaledDotProductAttention(query, key, value), scaledDotProductAttention(query, key, value, mask: mask .> -1),
      scaledDotProductAttention(query, key, value, mask: mask),
      scaledDotProductAttention(query, query, query, isCausal: true),
      scaledDotProductAttention(query, key, value, scale: 0.3),
    ]
    let (x, three, images) = (numbers(3, 4), numbers(2, 3, 4), numbers(2, 3, 5, 4))
    values["F.layer_norm"] = [layerNorm(x), layerNorm(three, axes: [1, 2], epsilon: 0.1)]
    values["F.rms_norm"] = [
      rmsNorm(x, epsilon: Double.ulpOfOne), rmsNorm(x), rmsNorm(three, axes: [1, 2], epsilon: 0.1),
    ]
    values["F.group_norm"] = [groupNorm(images, groups: 2), groupNorm(images, groups: 2, epsilon: 0.1)]
    values["F.instance_norm"] = [instanceNorm(images), instanceNorm(images, epsilon: 0.1)]
    return values
  }
}
