import DescentTensors

/// One vector of each example: `[batch, …]` becomes `[batch, features]`; see `flattened(keeping:)`.
public struct Flatten: Layer {
  /// The number of leading axes that stay.
  public let keeping: Int

  /// Makes one axis of all but the leading ones.
  ///
  /// - Parameter keeping: The number of leading axes that stay.
  public init(keeping: Int = 1) { self.keeping = keeping }

  public func callAsFunction(_ input: Tensor) -> Tensor { input.flattened(keeping: keeping) }
}

/// Images with spatial axes that are a whole number of times as long.
public struct Upsampling: Layer {
  /// How many times as long each spatial axis becomes; one number serves all axes.
  public let factors: [Int]
  /// How images are interpolated.
  public let method: ResizeMethod
  /// Whether the outermost elements stay at the edges, as points; only where elements are interpolated.
  public let aligningCorners: Bool

  /// Makes images larger: `[batch, spatial…, channels]` becomes `[batch, factor · spatial…, channels]`.
  ///
  /// - Parameters:
  ///   - factors: How many times as long each spatial axis becomes; one number serves all axes.
  ///   - method: How images are interpolated.
  ///   - aligningCorners: Whether the outermost elements stay at the edges, as points; only where elements are interpolated.
  public init(_ factors: Int..., method: ResizeMethod = .nearest, aligningCorners: Bool = false) {
    (self.factors, self.method, self.aligningCorners) = (factors, method, aligningCorners)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let site = LayerSite("Upsampling")
    let axes = input.rank - 2
    guard axes >= 1, factors.count == 1 || factors.count == axes else {
      return site.failure(
        "takes images [batch, spatial…, channels] and a factor for each axis, found \(input.shape) and \(factors)")
    }
    let factors = factors.count == axes ? factors : [Int](repeating: factors[0], count: axes)
    guard factors.allSatisfy({ (1...1 << 20).contains($0) }) else {
      return site.failure("its factors must lie in 1...\(1 << 20), found \(factors)")
    }
    let sizes = zip(input.shape.sizes[1...axes], factors).map { $0 &* $1 }
    return Run.current.input(input).resized(sizes, method: method, aligningCorners: aligningCorners)
  }
}

/// Images of other sizes; see `resized(_:method:aligningCorners:antialiasing:)`.
public struct Resizing: Layer {
  /// The size of each spatial axis.
  public let sizes: [Int]
  /// How images are interpolated.
  public let method: ResizeMethod
  /// Whether the outermost elements stay at the edges, as points; only where elements are interpolated.
  public let aligningCorners: Bool
  /// Whether what is made smaller is averaged; only where elements are interpolated and corners are not aligned.
  public let antialiasing: Bool

  /// Gives images other sizes: `[batch, spatial…, channels]` becomes `[batch, sizes…, channels]`.
  ///
  /// - Parameters:
  ///   - sizes: The size of each spatial axis.
  ///   - method: How images are interpolated.
  ///   - aligningCorners: Whether the outermost elements stay at the edges, as points; only where elements are interpolated.
  ///   - antialiasing: Whether what is made smaller is averaged; only where elements are interpolated and corners are not aligned.
  public init(
    _ sizes: Int..., method: ResizeMethod = .linear, aligningCorners: Bool = false, antialiasing: Bool = false
  ) {
    (self.sizes, self.method) = (sizes, method)
    (self.aligningCorners, self.antialiasing) = (aligningCorners, antialiasing)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    Run.current.input(input).resized(
      sizes, method: method, aligningCorners: aligningCorners, antialiasing: antialiasing)
  }
}

/// Images with further elements around their spatial axes; see `padded(low:high:mode:)`.
public struct SpatialPadding: Layer {
  /// The number of elements before each spatial axis; one number serves all axes.
  public let low: [Int]
  /// The number of elements after each spatial axis; one number serves all axes.
  public let high: [Int]
  /// What the padding is filled with.
  public let mode: PaddingMode

  /// As much on both sides of each axis.
  ///
  /// - Parameters:
  ///   - amount: The number of elements on each side.
  ///   - mode: What the padding is filled with.
  public init(_ amount: Int, mode: PaddingMode = .constant(0)) {
    self.init(low: [amount], high: [amount], mode: mode)
  }

  /// Other numbers before and after each axis.
  ///
  /// - Parameters:
  ///   - low: The number of elements before each spatial axis; one number serves all axes.
  ///   - high: The number of elements after each spatial axis; one number serves all axes.
  ///   - mode: What the padding is filled with.
  public init(low: [Int], high: [Int], mode: PaddingMode = .constant(0)) {
    self.low = low
    self.high = high
    self.mode = mode
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let axes = input.rank - 2
    guard axes >= 1, [low, high].allSatisfy({ $0.count == 1 || $0.count == axes }) else {
      return LayerSite("SpatialPadding").failure(
        "takes images [batch, spatial…, channels] and amounts for each axis, found \(input.shape), \(low) and \(high)")
    }
    func amounts(_ given: [Int]) -> [Int] {
      [0] + (given.count == axes ? given : [Int](repeating: given[0], count: axes)) + [0]
    }
    return Run.current.input(input).padded(low: amounts(low), high: amounts(high), mode: mode)
  }
}

/// Images with fewer channels and more pixels; see `pixelShuffle(_:factor:)`.
public struct PixelShuffle: Layer {
  /// How many times as long each spatial axis becomes.
  public let factor: Int

  /// Makes each axis so many times as long.
  public init(factor: Int) { self.factor = factor }

  public func callAsFunction(_ input: Tensor) -> Tensor { pixelShuffle(Run.current.input(input), factor: factor) }
}

/// Images with more channels and fewer pixels: the inverse of `PixelShuffle`; see `pixelUnshuffle(_:factor:)`.
public struct PixelUnshuffle: Layer {
  /// How many times as short each spatial axis becomes.
  public let factor: Int

  /// Makes each axis so many times as short.
  public init(factor: Int) { self.factor = factor }

  public func callAsFunction(_ input: Tensor) -> Tensor { pixelUnshuffle(Run.current.input(input), factor: factor) }
}
