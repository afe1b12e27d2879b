import DescentGraph

/// How the edges of an image are treated by a window that reaches over them.
public enum Padding: Sendable, Hashable, Codable {
  /// No padding: windows lie inside.
  case valid
  /// As much padding as gives size ÷ stride windows, rounded up; an odd element goes behind.
  case same
  /// The same number of elements on each side of each axis.
  case each(Int)

  /// The padding before and after, for each axis.
  func amounts(_ sizes: [Int], window: [Int], strides: [Int], dilation: [Int]) -> (low: [Int], high: [Int]) {
    switch self {
    case .valid: return (sizes.map { _ in 0 }, sizes.map { _ in 0 })
    case .each(let amount): return (sizes.map { _ in amount }, sizes.map { _ in amount })
    case .same:
      let totals = sizes.indices.map { axis in
        // What windows do not reach of their last stride; the shape rule refuses the absurd numbers that would overflow.
        let stride = Swift.max(1, strides[axis])
        let rest = sizes[axis] % stride
        return Swift.max(0, (window[axis] &- 1) &* dilation[axis] &+ 1 &- (rest == 0 ? stride : rest))
      }
      return (totals.map { $0 / 2 }, totals.map { $0 - $0 / 2 })
    }
  }
}

/// The convolution of images `[batch, height, width, channels]` with weights `[height, width, channels / groups,
/// filters]`, giving `[batch, height, width, filters]`. The kernel is not mirrored.
///
/// Tensors with one or three spatial axes are convolved the same way.
public func convolution(
  _ input: Tensor, _ weights: Tensor, strides: [Int]? = nil, padding: Padding = .valid, dilation: [Int]? = nil,
  groups: Int = 1
) -> Tensor {
  input.unlessFailed(weights) {
    let rank = weights.rank - 2
    guard rank >= 1, input.rank == weights.rank else {
      return .failure(
        "convolution",
        "takes an input [batch, spatial…, channels] and weights [spatial…, channels, filters], not"
          + " \(input.shape) and \(weights.shape)")
    }
    let windows = windowGeometry(
      input, size: Array(weights.shape[..<rank]), strides: strides, padding: padding, dilation: dilation)
    return .record(Convolution(ConvolutionGeometry(windows: windows, groups: groups)), [input, weights])
  }
}

/// The mean over windows of images `[batch, height, width, channels]`; windows do not overlap unless strides are given.
///
/// Padding does not count: a window at the edge is divided by the number of elements it covers.
public func averagePool(_ input: Tensor, size: Int, strides: Int? = nil, padding: Padding = .valid) -> Tensor {
  averagePool(input, sizes: [size], strides: strides.map { [$0] }, padding: padding)
}

/// The mean over windows of images; see `averagePool(_:size:strides:padding:)`.
///
/// - Parameters:
///   - sizes: The window's size along each spatial axis; one size serves all axes.
///   - strides: The distance between windows along each spatial axis, the sizes where none are given.
public func averagePool(
  _ input: Tensor, sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid
) -> Tensor {
  pooled(input, "averagePool", sizes, strides, padding) { windows in
    let sums = Tensor.record(WindowedSum(windows), [input])
    guard windows.low.contains(where: { $0 > 0 }) || windows.high.contains(where: { $0 > 0 }) else {
      return sums * .constant(1 / windows.size.reduce(1) { $0 * Double($1) }, input.elementType)
    }
    let covered = Tensor.record(WindowedSum(windows), [Tensor(ones: input.shape, input.elementType)])
    return sums / covered
  }
}

/// The largest element of windows of images `[batch, height, width, channels]`; windows do not overlap unless strides
/// are given.
public func maxPool(_ input: Tensor, size: Int, strides: Int? = nil, padding: Padding = .valid) -> Tensor {
  maxPool(input, sizes: [size], strides: strides.map { [$0] }, padding: padding)
}

/// The largest element of windows of images; see `maxPool(_:size:strides:padding:)`.
///
/// - Parameters:
///   - sizes: The window's size along each spatial axis; one size serves all axes.
///   - strides: The distance between windows along each spatial axis, the sizes where none are given.
public func maxPool(_ input: Tensor, sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid) -> Tensor {
  pooled(input, "maxPool", sizes, strides, padding) { .record(WindowedExtreme(.maximum, $0), [input]) }
}

private func pooled(
  _ input: Tensor, _ name: String, _ sizes: [Int], _ strides: [Int]?, _ padding: Padding,
  _ body: (WindowGeometry) -> Tensor
) -> Tensor {
  if input.error != nil { return input }
  let rank = input.rank - 2
  guard rank >= 1 else {
    return .failure(name, "takes images [batch, height, width, channels], not \(input.shape)")
  }
  let strides = strides ?? sizes
  guard (sizes + strides).allSatisfy({ $0 >= 1 }) else {
    return .failure(name, "sizes and strides must be positive, not \(sizes) and \(strides)")
  }
  guard sizes.count == 1 || sizes.count == rank, strides.count == 1 || strides.count == rank else {
    return .failure(name, "sizes \(sizes) and strides \(strides) for the \(rank) spatial axes of \(input.shape)")
  }
  let size = sizes.count == rank ? sizes : [Int](repeating: sizes[0], count: rank)
  return body(windowGeometry(input, size: size, strides: strides, padding: padding, dilation: nil))
}

private func windowGeometry(
  _ input: Tensor, size: [Int], strides: [Int]?, padding: Padding, dilation: [Int]?
) -> WindowGeometry {
  let ones = size.map { _ in 1 }
  func fitting(_ values: [Int]?) -> [Int] {
    guard let values else { return ones }
    return values.count == 1 ? size.map { _ in values[0] } : values
  }
  let (strides, dilation) = (fitting(strides), fitting(dilation))
  guard strides.count == size.count, dilation.count == size.count else {
    return WindowGeometry(size: size, strides: strides, dilation: dilation)
  }
  let spatial = Array(input.shape[1..<(input.rank - 1)])
  let (low, high) = padding.amounts(spatial, window: size, strides: strides, dilation: dilation)
  return WindowGeometry(size: size, strides: strides, low: low, high: high, dilation: dilation)
}
