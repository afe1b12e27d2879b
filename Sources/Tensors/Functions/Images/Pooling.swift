import DescentGraph

/// The mean over windows of images `[batch, height, width, channels]`; windows do not overlap unless strides are given.
///
/// - Parameter countingPadding: Whether padding counts as zeros, as in PyTorch; otherwise a window at the edge is divided
///   by the number of elements it covers, as in TensorFlow and Keras.
public func averagePool(
  _ input: Tensor, size: Int, strides: Int? = nil, padding: Padding = .valid, countingPadding: Bool = false
) -> Tensor {
  averagePool(
    input, sizes: [size], strides: strides.map { [$0] }, padding: padding, countingPadding: countingPadding)
}

/// The mean over windows of images; see `averagePool(_:size:strides:padding:countingPadding:)`.
///
/// - Parameters:
///   - sizes: The window's size along each spatial axis; one size serves all axes.
///   - strides: The distance between windows along each spatial axis, the sizes where none are given.
///   - padding: What is put around the images.
///   - countingPadding: Whether padding counts as zeros.
public func averagePool(
  _ input: Tensor, sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid, countingPadding: Bool = false
) -> Tensor {
  pooled(input, "averagePool", sizes, strides, padding) { input, windows in
    let sums = Tensor.record(WindowedSum(windows), [input])
    let isPadded = windows.low.contains { $0 > 0 } || windows.high.contains { $0 > 0 }
    guard isPadded, !countingPadding else {
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
  pooled(input, "maxPool", sizes, strides, padding) { .record(WindowedExtreme(.maximum, $1), [$0]) }
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
  _ input: Tensor, _ name: String, _ sizes: [Int], _ strides: [Int]?, _ padding: Padding,
  _ body: (Tensor, WindowGeometry) -> Tensor
) -> Tensor {
  .accumulated(name, input) { pooledWindows($0, name, sizes, strides, padding, body) }
}

private func pooledWindows(
  _ input: Tensor, _ name: String, _ sizes: [Int], _ strides: [Int]?, _ padding: Padding,
  _ body: (Tensor, WindowGeometry) -> Tensor
) -> Tensor {
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
  let size = perAxis(sizes, rank)
  return body(
    input,
    windowGeometry(over: Array(input.shape[1...rank]), size: size, strides: strides, padding: padding, dilation: nil))
}
