import DescentGraph
import DescentTensors

/// A layer of learned filters that slide over the spatial axes of its input.
///
/// `[batch, spatial…, channels]` becomes `[batch, spatial…, filters]`; the number of channels is bound by the first
/// example. The weights `[spatial…, channels / groups, filters]` are initialized by Glorot and Bengio's rule; before many
/// ReLU without normalization, `.heNormal` is the better choice.
public protocol ConvolutionLayer: Layer where Input == Tensor, Output == Tensor {
  /// The number of spatial axes.
  static var spatialAxes: Int { get }
  /// The weights `[spatial…, channels / groups, filters]`.
  var weight: Parameter { get set }
  /// What is added to each filter's output `[filters]`, or `nil` for nothing.
  var bias: Parameter? { get set }
  /// How many filters there are, and how they slide.
  var filters: Filters { get }

  /// A layer of the given filters.
  init(_ filters: Filters, bias: Bool)
}

extension ConvolutionLayer {
  /// A layer of so many filters of one size along all axes; `Filters` describes others.
  ///
  /// - Parameters:
  ///   - filters: The number of filters, which is the number of output channels.
  ///   - size: The size of a filter along each axis.
  ///   - strides: The distance between neighboring places of a filter.
  ///   - padding: What happens at the input's edges.
  ///   - dilation: The distance between neighboring elements of a filter.
  ///   - groups: The number of groups that the channels are divided into; filters see their own group only.
  ///   - bias: Whether a learned number is added to each filter's output.
  ///   - initializer: How the weights are initialized; the bias starts at 0.
  public init(
    filters: Int, size: Int, strides: Int = 1, padding: Padding = .valid, dilation: Int = 1, groups: Int = 1,
    bias: Bool = true, initializer: Initializer = .glorotUniform
  ) {
    self.init(
      Filters(
        filters, sizes: [size], strides: [strides], padding: padding, dilation: [dilation], groups: groups,
        initializer: initializer),
      bias: bias)
  }

  /// The filters' outputs at each of their places: `[batch, spatial…, channels]` becomes `[batch, spatial…, filters]`.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let (axes, filters) = (Self.spatialAxes, filters)
    return LayerSite("\(Self.self)", holding: weight).filtered(
      input, filters, axes: axes, weight: weight, bias: bias
    ) { input in
      // Filters of several groups see other rows each.
      filters.groups > 1
        ? nil
        : input.unfolded(
          sizes: filters.kernel(axes: axes), strides: filters.strides, padding: filters.padding,
          dilation: filters.dilation)
    } shape: { channels in
      (Shape(filters.kernel(axes: axes) + [channels / filters.groups, filters.count]), axes)
    } convolve: { input, kernel in
      convolution(
        input, kernel, strides: filters.strides, padding: filters.padding, dilation: filters.dilation,
        groups: filters.groups)
    }
  }
}

/// Learned filters that slide over signals: `[batch, length, channels]` becomes `[batch, length, filters]`.
public struct Conv1D: ConvolutionLayer {
  public static var spatialAxes: Int { 1 }
  public var weight = Parameter()
  public var bias: Parameter?
  public let filters: Filters

  public init(_ filters: Filters, bias: Bool = true) {
    self.filters = filters
    self.bias = bias ? Parameter() : nil
  }
}

/// Learned filters that slide over images: `[batch, height, width, channels]` becomes `[batch, height, width, filters]`.
public struct Conv2D: ConvolutionLayer {
  public static var spatialAxes: Int { 2 }
  public var weight = Parameter()
  public var bias: Parameter?
  public let filters: Filters

  public init(_ filters: Filters, bias: Bool = true) {
    self.filters = filters
    self.bias = bias ? Parameter() : nil
  }
}

/// Learned filters that slide over volumes: `[batch, depth, height, width, channels]` becomes `[batch, depth, height,
/// width, filters]`.
public struct Conv3D: ConvolutionLayer {
  public static var spatialAxes: Int { 3 }
  public var weight = Parameter()
  public var bias: Parameter?
  public let filters: Filters

  public init(_ filters: Filters, bias: Bool = true) {
    self.filters = filters
    self.bias = bias ? Parameter() : nil
  }
}
