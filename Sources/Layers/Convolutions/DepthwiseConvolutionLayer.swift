import DescentGraph
import DescentTensors

/// A layer of learned filters of which each sees one channel: a grouped convolution with a group for each channel.
///
/// `[batch, spatial…, channels]` becomes `[batch, spatial…, channels · multiplier]`, the filters of the first channel first;
/// the number of channels is bound by the first example. The weights are `[spatial…, 1, channels · multiplier]`.
public protocol DepthwiseConvolutionLayer: WeightedLayer {
  /// The number of spatial axes.
  static var spatialAxes: Int { get }
  /// What is added to each filter's output `[channels · multiplier]`, or `nil` for nothing.
  var bias: Parameter? { get set }
  /// How many filters each channel has, and how they slide.
  var filters: Filters { get }

  /// A layer whose filters are counted for each channel; those of a group are its own.
  init(_ filters: Filters, bias: Bool)
}

extension DepthwiseConvolutionLayer {
  /// A layer of filters of one size along all axes; `Filters` describes others.
  ///
  /// - Parameters:
  ///   - size: The size of a filter along each axis.
  ///   - multiplier: The number of filters of each channel.
  ///   - strides: The distance between neighboring places of a filter.
  ///   - padding: What happens at the input's edges.
  ///   - dilation: The distance between neighboring elements of a filter.
  ///   - bias: Whether a learned number is added to each filter's output.
  ///   - initializer: How the weights are initialized; the bias starts at 0.
  public init(
    size: Int, multiplier: Int = 1, strides: Int = 1, padding: Padding = .valid, dilation: Int = 1, bias: Bool = true,
    initializer: Initializer = .glorotUniform
  ) {
    self.init(
      Filters(
        multiplier, sizes: [size], strides: [strides], padding: padding, dilation: [dilation],
        initializer: initializer),
      bias: bias)
  }

  /// The filters' outputs at each of their places: `[batch, spatial…, channels]` becomes `[batch, spatial…, channels ·
  /// multiplier]`.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let axes = Self.spatialAxes
    let site = LayerSite("\(Self.self)", holding: weight)
    // Counted for each channel, and small enough for those of all channels to be counted.
    guard filters.groups == 1, (1...1 << 20).contains(filters.count) else {
      return site.failure(
        "has \(filters.count) filters for each channel, in \(filters.groups) groups; it needs 1...\(1 << 20) in one")
    }
    let channels = input.rank == axes + 2 ? min(input.shape[axes + 1], 1 << 30) : 1
    guard channels >= 1 else { return site.failure("takes channels along the last axis, found \(input.shape)") }
    if let made = weight.tensor, made.rank == axes + 2, made.shape[axes + 1] != channels * filters.count,
      input.rank == axes + 2
    {
      return site.failure(
        "was made for \(made.shape[axes + 1] / filters.count) channels, found an input \(input.shape)")
    }
    let all = Filters(
      channels * filters.count, sizes: filters.sizes, strides: filters.strides, padding: filters.padding,
      dilation: filters.dilation, groups: channels, initializer: filters.initializer)
    return site.filtered(input, all, axes: axes, weight: weight, bias: bias) { channels in
      (Shape(all.kernel(axes: axes) + [1, all.count]), axes)
    } convolve: { input, kernel in
      convolution(
        input, kernel, strides: all.strides, padding: all.padding, dilation: all.dilation, groups: all.groups)
    }
  }
}

/// Learned filters, each over one channel of signals: `[batch, length, channels]` becomes `[batch, length, channels ·
/// multiplier]`.
public struct DepthwiseConv1D: DepthwiseConvolutionLayer {
  public static var spatialAxes: Int { 1 }
  public var weight = Parameter()
  public var bias: Parameter?
  public let filters: Filters

  public init(_ filters: Filters, bias: Bool = true) {
    self.filters = filters
    self.bias = bias ? Parameter() : nil
  }
}

/// Learned filters, each over one channel of images: `[batch, height, width, channels]` becomes `[batch, height, width,
/// channels · multiplier]`.
public struct DepthwiseConv2D: DepthwiseConvolutionLayer {
  public static var spatialAxes: Int { 2 }
  public var weight = Parameter()
  public var bias: Parameter?
  public let filters: Filters

  public init(_ filters: Filters, bias: Bool = true) {
    self.filters = filters
    self.bias = bias ? Parameter() : nil
  }
}

/// Learned filters, each over one channel of volumes: `[batch, depth, height, width, channels]` becomes `[batch, depth,
/// height, width, channels · multiplier]`.
public struct DepthwiseConv3D: DepthwiseConvolutionLayer {
  public static var spatialAxes: Int { 3 }
  public var weight = Parameter()
  public var bias: Parameter?
  public let filters: Filters

  public init(_ filters: Filters, bias: Bool = true) {
    self.filters = filters
    self.bias = bias ? Parameter() : nil
  }
}
