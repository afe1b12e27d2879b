import DescentGraph
import DescentTensors

/// A layer of learned filters that slide over images.
///
/// `[batch, height, width, channels]` becomes `[batch, height, width, filters]`; the number of channels is bound by the
/// first example. The weights `[height, width, channels / groups, filters]` begin as Glorot and Bengio have it; in front
/// of many ReLU without normalisation, `.heNormal` is the better choice.
public struct Conv2D: Layer {
  /// The weights `[size, size, channels / groups, filters]`.
  public var weight = Parameter()
  /// What is added to each filter's output `[filters]`, or `nil` for nothing.
  public var bias: Parameter?
  /// The number of filters, which is the number of output channels.
  public let filters: Int
  /// The height and width of a filter.
  public let size: Int
  /// The distance between neighbouring places of a filter.
  public let strides: Int
  /// What happens at the image's edges.
  public let padding: Padding
  /// The distance between neighbouring elements of a filter.
  public let dilation: Int
  /// The number of groups that the channels are divided into; filters see their own group only.
  public let groups: Int
  /// How the weights begin; the bias begins at 0.
  public let initializer: Initializer

  /// A layer of the given number of filters.
  public init(
    filters: Int, size: Int, strides: Int = 1, padding: Padding = .valid, dilation: Int = 1, groups: Int = 1,
    bias: Bool = true, initializer: Initializer = .glorotUniform
  ) {
    self.filters = filters
    self.size = size
    self.strides = strides
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.bias = bias ? Parameter() : nil
    self.initializer = initializer
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let site = LayerSite("Conv2D", holding: weight)
    if let fault { return site.failure(fault) }
    guard input.rank == 4 else {
      return site.failure("takes images [batch, height, width, channels], found \(input.shape)")
    }
    if let refusal = site.refusal(of: input) { return refusal }
    let channels = input.shape[3]
    guard channels % groups == 0, filters % groups == 0 else {
      return site.failure("\(channels) channels and \(filters) filters do not divide into \(groups) groups")
    }
    let shape: Shape = [size, size, channels / groups, filters]
    if let made = weight.tensor, made.rank == 4, made.shape != shape, made.shape.replacing(2, by: shape[2]) == shape {
      return site.failure("was made for \(made.shape[2] * groups) channels, found an input \(input.shape)")
    }
    let kernel = site.values(of: weight, shape, input.elementType, initializer)
    if kernel.error != nil { return kernel }
    let output = site.titled(
      convolution(
        input, kernel, strides: [strides, strides], padding: padding, dilation: [dilation, dilation], groups: groups))
    guard let bias, output.error == nil else { return output }
    return output + site.values(of: bias, [filters], input.elementType, .zeros)
  }

  /// What is wrong with the settings.
  private var fault: String? {
    // Far beyond any image, and small enough for sums of these to stay whole numbers of the machine.
    let limits = 1...(1 << 30)
    for (name, value) in [
      ("filters", filters), ("size", size), ("strides", strides), ("dilation", dilation), ("groups", groups),
    ] where !limits.contains(value) {
      return "its \(name) must lie in 1...\(limits.upperBound), found \(value)"
    }
    return nil
  }
}

extension Shape {
  fileprivate func replacing(_ axis: Int, by size: Int) -> Shape {
    var shape = self
    shape[axis] = size
    return shape
  }
}
