import DescentGraph
import DescentTensors

/// A layer of learned filters that each element of its input adds, times itself, to the output: it makes images larger.
///
/// `[batch, spatial…, channels]` becomes `[batch, spatial…, filters]`, by `transposedConvolution`; the number of
/// channels is bound by the first example. The weights `[spatial…, filters / groups, channels]` are those of the
/// convolution whose transpose the layer is.
public protocol TransposedConvolutionLayer: Layer where Input == Tensor, Output == Tensor {
  /// The number of spatial axes.
  static var spatialAxes: Int { get }
  /// The weights `[spatial…, filters / groups, channels]`.
  var weight: Parameter { get set }
  /// What is added to each filter's output `[filters]`, or `nil` for nothing.
  var bias: Parameter? { get set }
  /// How many filters there are, and how they lie in the output.
  var filters: Filters { get }
  /// By how many elements the output is longer at the end of each spatial axis; one number serves all axes.
  var outputPadding: [Int] { get }

  /// A layer of the given filters.
  init(_ filters: Filters, outputPadding: [Int], bias: Bool)
}

extension TransposedConvolutionLayer {
  /// A layer of so many filters of one size along all axes; `Filters` describes others.
  ///
  /// - Parameters:
  ///   - filters: The number of filters, which is the number of output channels.
  ///   - size: The size of a filter along each axis.
  ///   - strides: The distance in the output between what neighboring elements of the input add.
  ///   - padding: How much is cut off from the output's edges; by `.same` the output is `strides` times as long.
  ///   - outputPadding: By how many elements the output is longer at the end of each axis.
  ///   - dilation: The distance between neighboring elements of a filter.
  ///   - groups: The number of groups that the channels are divided into; each makes its share of the filters.
  ///   - bias: Whether a learned number is added to each filter's output.
  ///   - initializer: How the weights are initialized; the bias starts at 0.
  public init(
    filters: Int, size: Int, strides: Int = 1, padding: Padding = .valid, outputPadding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, initializer: Initializer = .glorotUniform
  ) {
    self.init(
      Filters(
        filters, sizes: [size], strides: [strides], padding: padding, dilation: [dilation], groups: groups,
        initializer: initializer),
      outputPadding: [outputPadding], bias: bias)
  }

  /// What the filters add up to: `[batch, spatial…, channels]` becomes `[batch, spatial…, filters]`, with larger spatial
  /// axes.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let (axes, filters) = (Self.spatialAxes, filters)
    return LayerSite("\(Self.self)", holding: weight).filtered(
      input, filters, axes: axes, weight: weight, bias: bias
    ) { channels in
      (Shape(filters.kernel(axes: axes) + [filters.count / filters.groups, channels]), axes + 1)
    } convolve: { input, kernel in
      transposedConvolution(
        input, kernel, strides: filters.strides, padding: filters.padding, outputPadding: outputPadding,
        dilation: filters.dilation, groups: filters.groups)
    }
  }
}

/// Learned filters that make signals longer: `[batch, length, channels]` becomes `[batch, length, filters]`.
public struct TransposedConv1D: TransposedConvolutionLayer {
  public static var spatialAxes: Int { 1 }
  public var weight = Parameter()
  public var bias: Parameter?
  public let filters: Filters
  public let outputPadding: [Int]

  public init(_ filters: Filters, outputPadding: [Int] = [0], bias: Bool = true) {
    self.filters = filters
    self.outputPadding = outputPadding
    self.bias = bias ? Parameter() : nil
  }
}

/// Learned filters that make images larger: `[batch, height, width, channels]` becomes `[batch, height, width, filters]`.
public struct TransposedConv2D: TransposedConvolutionLayer {
  public static var spatialAxes: Int { 2 }
  public var weight = Parameter()
  public var bias: Parameter?
  public let filters: Filters
  public let outputPadding: [Int]

  public init(_ filters: Filters, outputPadding: [Int] = [0], bias: Bool = true) {
    self.filters = filters
    self.outputPadding = outputPadding
    self.bias = bias ? Parameter() : nil
  }
}

/// Learned filters that make volumes larger: `[batch, depth, height, width, channels]` becomes `[batch, depth, height,
/// width, filters]`.
public struct TransposedConv3D: TransposedConvolutionLayer {
  public static var spatialAxes: Int { 3 }
  public var weight = Parameter()
  public var bias: Parameter?
  public let filters: Filters
  public let outputPadding: [Int]

  public init(_ filters: Filters, outputPadding: [Int] = [0], bias: Bool = true) {
    self.filters = filters
    self.outputPadding = outputPadding
    self.bias = bias ? Parameter() : nil
  }
}
