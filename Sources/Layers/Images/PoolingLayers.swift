import DescentTensors

/// The largest element of windows of `[batch, spatial…, channels]`; see `maxPool(_:sizes:strides:padding:dilation:roundingUp:)`.
public struct MaxPool: Layer {
  /// The window's size along each spatial axis; one size serves all axes.
  public let sizes: [Int]
  /// The distance between windows along each spatial axis, the sizes where there are none.
  public let strides: [Int]?
  /// What is put around the images; it is never the largest element.
  public let padding: Padding
  /// The distance between neighboring elements of a window along each spatial axis, 1 where there are none.
  public let dilation: [Int]?
  /// Whether a window that begins within the images, but does not end there, counts.
  public let roundingUp: Bool

  /// Windows of one size along all axes.
  public init(
    size: Int, strides: Int? = nil, padding: Padding = .valid, dilation: Int = 1, roundingUp: Bool = false
  ) {
    self.init(
      sizes: [size], strides: strides.map { [$0] }, padding: padding, dilation: [dilation], roundingUp: roundingUp)
  }

  /// Windows of a size along each axis.
  public init(
    sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid, dilation: [Int]? = nil, roundingUp: Bool = false
  ) {
    (self.sizes, self.strides, self.padding) = (sizes, strides, padding)
    (self.dilation, self.roundingUp) = (dilation, roundingUp)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    maxPool(
      Run.current.input(input), sizes: sizes, strides: strides, padding: padding, dilation: dilation,
      roundingUp: roundingUp)
  }
}

/// The mean over windows of `[batch, spatial…, channels]`; see `averagePool(_:sizes:strides:padding:countingPadding:roundingUp:)`.
public struct AveragePool: Layer {
  /// The window's size along each spatial axis; one size serves all axes.
  public let sizes: [Int]
  /// The distance between windows along each spatial axis, the sizes where there are none.
  public let strides: [Int]?
  /// What is put around the images.
  public let padding: Padding
  /// Whether padding counts as zeros.
  public let countingPadding: Bool
  /// Whether a window that begins within the images, but does not end there, counts.
  public let roundingUp: Bool

  /// Windows of one size along all axes.
  public init(
    size: Int, strides: Int? = nil, padding: Padding = .valid, countingPadding: Bool = false, roundingUp: Bool = false
  ) {
    self.init(
      sizes: [size], strides: strides.map { [$0] }, padding: padding, countingPadding: countingPadding,
      roundingUp: roundingUp)
  }

  /// Windows of a size along each axis.
  public init(
    sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid, countingPadding: Bool = false,
    roundingUp: Bool = false
  ) {
    (self.sizes, self.strides, self.padding) = (sizes, strides, padding)
    (self.countingPadding, self.roundingUp) = (countingPadding, roundingUp)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    averagePool(
      Run.current.input(input), sizes: sizes, strides: strides, padding: padding, countingPadding: countingPadding,
      roundingUp: roundingUp)
  }
}

/// The largest element of windows that divide images into a number along each spatial axis; see
/// `adaptiveMaxPool(_:counts:)`.
public struct AdaptiveMaxPool: Layer {
  /// The number of windows along each spatial axis; one number serves all axes.
  public let counts: [Int]

  /// So many windows along each axis; one number serves all axes.
  public init(_ counts: Int...) { self.counts = counts }

  public func callAsFunction(_ input: Tensor) -> Tensor { adaptiveMaxPool(Run.current.input(input), counts: counts) }
}

/// The mean over windows that divide images into a number along each spatial axis; see
/// `adaptiveAveragePool(_:counts:)`.
public struct AdaptiveAveragePool: Layer {
  /// The number of windows along each spatial axis; one number serves all axes.
  public let counts: [Int]

  /// So many windows along each axis; one number serves all axes.
  public init(_ counts: Int...) { self.counts = counts }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    adaptiveAveragePool(Run.current.input(input), counts: counts)
  }
}

/// The largest element over all spatial axes: `[batch, spatial…, channels]` becomes `[batch, channels]`.
public struct GlobalMaxPool: Layer {
  /// A layer without settings.
  public init() {}

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    guard input.rank >= 3 else {
      return LayerSite("GlobalMaxPool").failure("takes images [batch, spatial…, channels], found \(input.shape)")
    }
    return Run.current.input(input).max(axes: Array(1..<input.rank - 1))
  }
}

/// The mean over all spatial axes: `[batch, spatial…, channels]` becomes `[batch, channels]`.
public struct GlobalAveragePool: Layer {
  /// A layer without settings.
  public init() {}

  public func callAsFunction(_ input: Tensor) -> Tensor { globalAveragePool(Run.current.input(input)) }
}
