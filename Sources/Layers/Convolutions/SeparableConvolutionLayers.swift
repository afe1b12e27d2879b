import DescentTensors

/// A convolution in two steps over signals: filters of each channel, then sums over the channels of each place.
///
/// `[batch, length, channels]` becomes `[batch, length, filters]`, with far fewer weights and products than `Conv1D`. Source:
/// Chollet, "Xception", 2017.
public struct SeparableConv1D: Layer {
  /// The filters of each channel.
  public var depthwise: DepthwiseConv1D
  /// The sums over channels.
  public var pointwise: Conv1D

  /// A layer of so many filters.
  ///
  /// - Parameters:
  ///   - filters: The number of filters, which is the number of output channels.
  ///   - size: The size of a filter along each axis.
  ///   - multiplier: The number of filters of each channel in the first step.
  ///   - strides: The distance between neighboring places of a filter.
  ///   - padding: What happens at the input's edges.
  ///   - dilation: The distance between neighboring elements of a filter.
  ///   - bias: Whether a learned number is added to each filter's output.
  ///   - initializer: How the weights of both steps are initialized; the bias starts at 0.
  public init(
    filters: Int, size: Int, multiplier: Int = 1, strides: Int = 1, padding: Padding = .valid, dilation: Int = 1,
    bias: Bool = true, initializer: Initializer = .glorotUniform
  ) {
    depthwise = DepthwiseConv1D(
      size: size, multiplier: multiplier, strides: strides, padding: padding, dilation: dilation, bias: false,
      initializer: initializer)
    pointwise = Conv1D(filters: filters, size: 1, bias: bias, initializer: initializer)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor { pointwise(depthwise(input)) }
}

/// A convolution in two steps over images: filters of each channel, then sums over the channels of each place.
///
/// `[batch, height, width, channels]` becomes `[batch, height, width, filters]`, with far fewer weights and products than
/// `Conv2D`. Source: Chollet, "Xception", 2017.
public struct SeparableConv2D: Layer {
  /// The filters of each channel.
  public var depthwise: DepthwiseConv2D
  /// The sums over channels.
  public var pointwise: Conv2D

  /// A layer of so many filters.
  ///
  /// - Parameters:
  ///   - filters: The number of filters, which is the number of output channels.
  ///   - size: The size of a filter along each axis.
  ///   - multiplier: The number of filters of each channel in the first step.
  ///   - strides: The distance between neighboring places of a filter.
  ///   - padding: What happens at the input's edges.
  ///   - dilation: The distance between neighboring elements of a filter.
  ///   - bias: Whether a learned number is added to each filter's output.
  ///   - initializer: How the weights of both steps are initialized; the bias starts at 0.
  public init(
    filters: Int, size: Int, multiplier: Int = 1, strides: Int = 1, padding: Padding = .valid, dilation: Int = 1,
    bias: Bool = true, initializer: Initializer = .glorotUniform
  ) {
    depthwise = DepthwiseConv2D(
      size: size, multiplier: multiplier, strides: strides, padding: padding, dilation: dilation, bias: false,
      initializer: initializer)
    pointwise = Conv2D(filters: filters, size: 1, bias: bias, initializer: initializer)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor { pointwise(depthwise(input)) }
}
