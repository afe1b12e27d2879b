import DescentGraph

/// The mean over windows of images `[batch, height, width, channels]`; windows do not overlap unless strides are given.
///
/// - Parameter countingPadding: Whether padding counts as zeros, as in PyTorch; otherwise a window at the edge is divided
///   by the number of elements it covers, as in TensorFlow and Keras.
/// - Parameter roundingUp: Whether windows that reach beyond the end of an axis count, too, as long as they begin before it;
///   what lies beyond the padding never counts.
public func averagePool(
  _ input: Tensor, size: Int, strides: Int? = nil, padding: Padding = .valid, countingPadding: Bool = false,
  roundingUp: Bool = false
) -> Tensor {
  averagePool(
    input, sizes: [size], strides: strides.map { [$0] }, padding: padding, countingPadding: countingPadding,
    roundingUp: roundingUp)
}

/// The mean over windows of images; see `averagePool(_:size:strides:padding:countingPadding:roundingUp:)`.
///
/// - Parameters:
///   - sizes: The window's size along each spatial axis; one size serves all axes.
///   - strides: The distance between windows along each spatial axis, the sizes where none are given.
///   - padding: What is put around the images.
///   - countingPadding: Whether padding counts as zeros.
///   - roundingUp: Whether windows that reach beyond the end of an axis count, too.
public func averagePool(
  _ input: Tensor, sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid, countingPadding: Bool = false,
  roundingUp: Bool = false
) -> Tensor {
  pooled(input, "averagePool", sizes, strides, nil, padding, roundingUp) { input, windows, added in
    let sums = Tensor.record(WindowedSum(windows), [input])
    let isPadded = windows.low.contains { $0 > 0 } || windows.high.contains { $0 > 0 }
    let isAdded = added.contains { $0 > 0 }
    guard isPadded, !countingPadding || isAdded else {
      return sums * .constant(1 / windows.size.reduce(1) { $0 * Double($1) }, input.elementType)
    }
    guard countingPadding else {
      return sums / Tensor.record(WindowedSum(windows), [Tensor(ones: input.shape, input.elementType)])
    }
    let padded = input.shape.sizes.enumerated().map { axis, size in
      windows.low.indices.contains(axis - 1)
        ? size + windows.low[axis - 1] + windows.high[axis - 1] - added[axis - 1] : size
    }
    let reach = WindowGeometry(
      size: windows.size, strides: windows.strides, high: added, dilation: windows.dilation)
    return sums / Tensor.record(WindowedSum(reach), [Tensor(ones: Shape(padded), input.elementType)])
  }
}

/// The largest element of windows of images `[batch, height, width, channels]`; windows do not overlap unless strides
/// are given.
///
/// - Parameters:
///   - input: The images.
///   - size: The window's size along each spatial axis.
///   - strides: The distance between windows, the size where none is given.
///   - padding: What is put around the images; it is never the largest.
///   - dilation: The distance between the elements of a window.
///   - roundingUp: Whether windows that reach beyond the end of an axis count, too, as long as they begin before it.
public func maxPool(
  _ input: Tensor, size: Int, strides: Int? = nil, padding: Padding = .valid, dilation: Int = 1,
  roundingUp: Bool = false
) -> Tensor {
  maxPool(
    input, sizes: [size], strides: strides.map { [$0] }, padding: padding, dilation: [dilation],
    roundingUp: roundingUp)
}

/// The largest element of windows of images; see `maxPool(_:size:strides:padding:dilation:roundingUp:)`.
///
/// - Parameters:
///   - sizes: The window's size along each spatial axis; one size serves all axes.
///   - strides: The distance between windows along each spatial axis, the sizes where none are given.
///   - padding: What is put around the images; it is never the largest.
///   - dilation: The distance between the elements of a window along each spatial axis; one number serves all axes.
///   - roundingUp: Whether windows that reach beyond the end of an axis count, too.
public func maxPool(
  _ input: Tensor, sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid, dilation: [Int]? = nil,
  roundingUp: Bool = false
) -> Tensor {
  pooled(input, "maxPool", sizes, strides, dilation, padding, roundingUp) { input, windows, _ in
    .record(WindowedExtreme(.maximum, windows), [input])
  }
}

/// The mean over all spatial axes: `[batch, height, width, channels]` becomes `[batch, channels]`.
public func globalAveragePool(_ input: Tensor) -> Tensor {
  .accumulated("globalAveragePool", input) { input in
    guard input.rank >= 3 else {
      return .failure("globalAveragePool", "takes images [batch, height, width, channels], not \(input.shape)")
    }
    return input.mean(axes: Array(1..<input.rank - 1))
  }
}

private func pooled(
  _ input: Tensor, _ name: String, _ sizes: [Int], _ strides: [Int]?, _ dilation: [Int]?, _ padding: Padding,
  _ roundingUp: Bool, _ body: (_ input: Tensor, _ windows: WindowGeometry, _ added: [Int]) -> Tensor
) -> Tensor {
  .accumulated(name, input) { pooledWindows($0, name, sizes, strides, dilation, padding, roundingUp, body) }
}

private func pooledWindows(
  _ input: Tensor, _ name: String, _ sizes: [Int], _ strides: [Int]?, _ dilation: [Int]?, _ padding: Padding,
  _ roundingUp: Bool, _ body: (Tensor, WindowGeometry, [Int]) -> Tensor
) -> Tensor {
  let rank = input.rank - 2
  guard rank >= 1 else {
    return .failure(name, "takes images [batch, height, width, channels], not \(input.shape)")
  }
  let strides = strides ?? sizes
  guard (sizes + strides + (dilation ?? [])).allSatisfy({ $0 >= 1 }) else {
    return .failure(
      name,
      "sizes, strides and dilation must be positive, not \(sizes), \(strides)" + (dilation.map { " and \($0)" } ?? ""))
  }
  guard [sizes, strides, dilation ?? [1]].allSatisfy({ $0.count == 1 || $0.count == rank }) else {
    return .failure(name, "sizes \(sizes) and strides \(strides) for the \(rank) spatial axes of \(input.shape)")
  }
  let spatial = Array(input.shape[1...rank])
  var windows = windowGeometry(
    over: spatial, size: perAxis(sizes, rank), strides: strides, padding: padding, dilation: dilation)
  let added = roundingUp ? windows.missingEnds(of: spatial) : spatial.map { _ in 0 }
  windows.high = zip(windows.high, added).map { $0 &+ $1 }
  return body(input, windows, added)
}

extension WindowGeometry {
  /// How many elements are missing at the end of each axis for the last window that begins before its end.
  fileprivate func missingEnds(of sizes: [Int]) -> [Int] {
    guard [strides, low, high, dilation, size].allSatisfy({ $0.count == sizes.count }) else {
      return sizes.map { _ in 0 }
    }
    return sizes.indices.map { axis in
      // The shape rule refuses the absurd numbers that would overflow.
      let span = (size[axis] &- 1) &* dilation[axis] &+ 1
      let rest = sizes[axis] &+ low[axis] &+ high[axis] &- span
      guard rest > 0, rest % strides[axis] > 0 else { return 0 }
      let start = (rest / strides[axis] &+ 1) &* strides[axis]
      return start < sizes[axis] &+ low[axis] ? start &- rest : 0
    }
  }
}
