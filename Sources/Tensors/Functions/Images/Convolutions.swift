import DescentGraph

/// The convolution of an input with weights; the kernel is not mirrored.
///
/// The tensors' ranks say over how many spatial axes: signals `[batch, length, channels]`, images `[batch, height, width,
/// channels]` and volumes `[batch, depth, height, width, channels]` are convolved with weights `[spatial…, channels /
/// groups, filters]`, which gives `[batch, spatial…, filters]`.
///
/// - Parameters:
///   - strides: The distance between neighboring places of the kernel, along each spatial axis or one for all; 1 where
///     none are given.
///   - padding: What lies beyond the input's edges: zeros, as many as this says.
///   - dilation: The distance between neighboring elements of the kernel, along each spatial axis or one for all.
///   - groups: The number of groups that the channels are divided into; filters see their own group only.
public func convolution(
  _ input: Tensor, _ weights: Tensor, strides: [Int]? = nil, padding: Padding = .valid, dilation: [Int]? = nil,
  groups: Int = 1
) -> Tensor {
  convolved("convolution", "channels, filters", input, weights) { rank in
    let windows = windowGeometry(
      over: Array(input.shape[1...rank]), size: Array(weights.shape[..<rank]), strides: strides, padding: padding,
      dilation: dilation)
    return .record(Convolution(ConvolutionGeometry(windows: windows, groups: groups)), [input, weights])
  }
}

/// The transposed convolution of an input `[batch, spatial…, channels]` with weights `[spatial…, filters / groups,
/// channels]`, giving `[batch, spatial…, filters]`: each element of the input adds the kernel, times itself, to the
/// output.
///
/// It is the transpose of the convolution with the same weights, strides and padding, which leads from the output's
/// shape to the input's. A spatial axis becomes `(size − 1) · stride + dilation · (kernel − 1) + 1 − padding`
/// elements long, and `size · stride` where the padding is `.same`.
///
/// Source: Dumoulin and Visin, *A guide to convolution arithmetic for deep learning*, 2016.
///
/// - Parameters:
///   - strides: The distance in the output between what neighboring elements of the input add, along each spatial axis
///     or one for all; 1 where none are given.
///   - padding: How much is cut off from the output's edges.
///   - outputPadding: By how many elements the output is longer at the end of each spatial axis, or one number for all:
///     several sizes, up to a stride apart, are convolved to the input's.
///   - dilation: The distance between neighboring elements of the kernel, along each spatial axis or one for all.
///   - groups: The number of groups that the channels are divided into; each makes its own share of the filters.
public func transposedConvolution(
  _ input: Tensor, _ weights: Tensor, strides: [Int]? = nil, padding: Padding = .valid, outputPadding: [Int]? = nil,
  dilation: [Int]? = nil, groups: Int = 1
) -> Tensor {
  let name = "transposedConvolution"
  return convolved(name, "filters, channels", input, weights) { rank in
    let channels = input.shape[rank + 1]
    guard weights.shape[rank + 1] == channels else {
      return .failure(
        name,
        "the input \(input.shape) has \(channels) channels, the weights \(weights.shape) take"
          + " \(weights.shape[rank + 1])")
    }
    guard groups >= 1, channels % groups == 0 else {
      return .failure(name, "\(channels) channels do not divide into \(groups) groups")
    }
    let (strides, rest) = (perAxis(strides, rank), perAxis(outputPadding, rank, otherwise: 0))
    // Sizes that are multiples of the strides are what `.same` leads to.
    let windows = windowGeometry(
      over: strides, size: Array(weights.shape[..<rank]), strides: strides, padding: padding, dilation: dilation)
    let made = Array(input.shape[1...rank])
    do throws(OperationError) {
      let sizes = try windows.inputSizes(
        giving: made, rest: rest, isWhole: padding == .same, for: name)
      let output = Shape([input.shape[0]] + sizes + [weights.shape[rank] &* groups])
      let geometry = ConvolutionGeometry(windows: windows, groups: groups)
      return .record(ConvolutionInputGradient(geometry, input: output), [input, weights])
    } catch {
      return Tensor(error: TensorError(error))
    }
  }
}

/// A convolution of tensors that have the same number of spatial axes, which is passed to the body.
private func convolved(
  _ name: String, _ lastAxes: String, _ input: Tensor, _ weights: Tensor, _ body: (Int) -> Tensor
) -> Tensor {
  input.unlessFailed(weights, of: name) {
    let rank = weights.rank - 2
    guard rank >= 1, input.rank == weights.rank else {
      return .failure(
        name,
        "takes an input [batch, spatial…, channels] and weights [spatial…, \(lastAxes)], not"
          + " \(input.shape) and \(weights.shape)")
    }
    return body(rank)
  }
}
