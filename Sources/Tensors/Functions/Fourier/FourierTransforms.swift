import DescentGraph

/// The normalization of a Fourier transform and its inverse; n is the number of elements transformed.
public enum FourierNorm: Sendable, Hashable {
  /// The inverse is divided by n.
  case backward
  /// Both are divided by √n, which preserves norms.
  case orthonormal
  /// The forward transform is divided by n.
  case forward

  fileprivate func scale(_ count: Int, isInverse: Bool) -> Double {
    let count = Double(max(1, count))
    switch self {
    case .backward: return isInverse ? 1 / count : 1
    case .orthonormal: return 1 / count.squareRoot()
    case .forward: return isInverse ? 1 : 1 / count
    }
  }
}

/// The discrete Fourier transform along an axis: element `k` is the sum of `x[j] · e^(−2πi·j·k/n)`.
///
/// - Parameters:
///   - x: Complex numbers.
///   - count: The number of elements to transform: the axis is cut or filled with zeros to it first.
///   - axis: The axis that is transformed.
///   - norm: What the result is divided by.
/// - Complexity: O(n · log n), whatever the prime factors of n.
public func fft(
  _ x: ComplexTensor, count: Int? = nil, axis: Int = -1, norm: FourierNorm = .backward
) -> ComplexTensor {
  transformed("fft", x, counts: count.map { [$0] }, axes: [axis], norm, isInverse: false)
}

/// The discrete Fourier transform of real numbers along an axis, all of it; `realFFT` gives the half that says it all.
public func fft(_ x: Tensor, count: Int? = nil, axis: Int = -1, norm: FourierNorm = .backward) -> ComplexTensor {
  fft(ComplexTensor(x), count: count, axis: axis, norm: norm)
}

/// The inverse of `fft`.
public func inverseFFT(
  _ x: ComplexTensor, count: Int? = nil, axis: Int = -1, norm: FourierNorm = .backward
) -> ComplexTensor {
  transformed("inverseFFT", x, counts: count.map { [$0] }, axes: [axis], norm, isInverse: true)
}

/// The discrete Fourier transform along several axes, along all where none are given.
public func fftND(
  _ x: ComplexTensor, counts: [Int]? = nil, axes: [Int]? = nil, norm: FourierNorm = .backward
) -> ComplexTensor {
  transformed("fftND", x, counts: counts, axes: axes ?? Array(x.shape.indices), norm, isInverse: false)
}

/// The inverse of `fftND`.
public func inverseFFTND(
  _ x: ComplexTensor, counts: [Int]? = nil, axes: [Int]? = nil, norm: FourierNorm = .backward
) -> ComplexTensor {
  transformed("inverseFFTND", x, counts: counts, axes: axes ?? Array(x.shape.indices), norm, isInverse: true)
}

/// The discrete Fourier transform of pictures, along the last two axes.
public func fft2D(_ x: ComplexTensor, norm: FourierNorm = .backward) -> ComplexTensor {
  transformed("fft2D", x, counts: nil, axes: [-2, -1], norm, isInverse: false)
}

/// The inverse of `fft2D`.
public func inverseFFT2D(_ x: ComplexTensor, norm: FourierNorm = .backward) -> ComplexTensor {
  transformed("inverseFFT2D", x, counts: nil, axes: [-2, -1], norm, isInverse: true)
}

/// The first n/2 + 1 elements of the discrete Fourier transform of real numbers along an axis; the others are their
/// conjugates.
public func realFFT(_ x: Tensor, count: Int? = nil, axis: Int = -1, norm: FourierNorm = .backward) -> ComplexTensor {
  let whole = transformed(
    "realFFT", ComplexTensor(x), counts: count.map { [$0] }, axes: [axis], norm, isInverse: false)
  guard whole.real.error == nil, let front = whole.real.resolved(axis) else { return whole }
  guard whole.shape[front] > 0 else {
    return ComplexTensor(.failure("realFFT", "axis \(axis) of \(x.shape) is empty and has no spectrum"))
  }
  return whole.map { $0.sliced(0..<whole.shape[front] / 2 + 1, axis: front) }
}

/// The inverse of `realFFT`: `count` real numbers from the first count/2 + 1 elements of their transform.
///
/// - Parameters:
///   - x: The elements; the imaginary parts of the first, and of the last where `count` is even, count for nothing.
///   - count: The number of real numbers, 2·(elements − 1) where none is given.
///   - axis: The axis that is transformed.
///   - norm: What the result is divided by.
public func inverseRealFFT(
  _ x: ComplexTensor, count: Int? = nil, axis: Int = -1, norm: FourierNorm = .backward
) -> Tensor {
  .calling {
    if x.real.error != nil { return x.real }
    guard let front = x.real.resolved(axis) else {
      return .failure("inverseRealFFT", "axis \(axis) does not exist in shape \(x.shape)")
    }
    let count = count ?? max(0, 2 * (x.shape[front] - 1))
    guard count >= 1 else { return .failure("inverseRealFFT", "cannot give \(count) numbers from \(x.shape)") }
    let half = fitted("inverseRealFFT", x, count: count / 2 + 1, axis: front)
    if half.real.error != nil { return half.real }
    let mirrored = half.conjugate.map {
      $0.sliced(1..<(count + 1) / 2, axis: front).reversed(axes: [front])
    }
    let whole = ComplexTensor(
      real: concatenated([half.real, mirrored.real], axis: front),
      imaginary: concatenated([half.imaginary, mirrored.imaginary], axis: front))
    return transformed("inverseRealFFT", whole, counts: nil, axes: [front], norm, isInverse: true).real
  }
}

/// The elements rolled by half the size along the given axes, along all where none are given, which brings the
/// frequency 0 into the middle.
public func fftShift(_ x: Tensor, axes: [Int]? = nil) -> Tensor { shifted("fftShift", x, axes) { ($0 + 1) / 2 } }

/// The inverse of `fftShift`.
public func inverseFFTShift(_ x: Tensor, axes: [Int]? = nil) -> Tensor {
  shifted("inverseFFTShift", x, axes) { $0 / 2 }
}

/// The frequencies of the elements of a transform of `count` numbers that are `spacing` apart: 0, 1, …, −2, −1 divided
/// by `count · spacing`.
public func fftFrequencies(_ count: Int, spacing: Double = 1, _ elementType: ElementType = .float32) -> Tensor {
  .calling {
    let half = count / 2 + count % 2
    let steps = Tensor(rangeTo: count, elementType)
    guard steps.error == nil else { return steps }
    let isNegative = Tensor(rangeTo: count, .int32) .>= Tensor(repeating: Double(half), shape: [count], .int32)
    return `where`(isNegative, steps - Double(count), steps) / (Double(count) * spacing)
  }
}

/// The frequencies of the elements of `realFFT` of `count` numbers that are `spacing` apart.
public func realFFTFrequencies(_ count: Int, spacing: Double = 1, _ elementType: ElementType = .float32) -> Tensor {
  .calling {
    guard count >= 0 else { return .failure("realFFTFrequencies", "the count \(count) is negative") }
    return Tensor(rangeTo: count / 2 + 1, elementType) / (Double(count) * spacing)
  }
}

/// The convolution of real numbers along an axis, in full: m + n − 1 elements from m and n. By Fourier transforms, which
/// for long sequences are faster than products; other axes must be the same.
/// - Complexity: O((m + n) · log (m + n)).
public func fftConvolution(_ x: Tensor, _ y: Tensor, axis: Int = -1) -> Tensor {
  x.unlessFailed(y) {
    guard x.rank == y.rank, let front = x.resolved(axis), x.shape[front] > 0, y.shape[front] > 0 else {
      return .failure("fftConvolution", "\(x.shape) and \(y.shape) do not fit along axis \(axis)")
    }
    let count = x.shape[front] + y.shape[front] - 1
    // The next power of two lets the transforms run in their fastest passes.
    var length = 1
    while length < count { length *= 2 }
    let product = realFFT(x, count: length, axis: front) * realFFT(y, count: length, axis: front)
    return inverseRealFFT(product, count: length, axis: front).sliced(0..<count, axis: front)
  }
}

// MARK: The work

private func transformed(
  _ operation: String, _ x: ComplexTensor, counts: [Int]?, axes: [Int], _ norm: FourierNorm, isInverse: Bool
) -> ComplexTensor {
  let call = FunctionCall(operation)
  return call(transformedParts(operation, x, counts: counts, axes: axes, norm, isInverse: isInverse))
}

private func transformedParts(
  _ operation: String, _ x: ComplexTensor, counts: [Int]?, axes: [Int], _ norm: FourierNorm, isInverse: Bool
) -> ComplexTensor {
  func failure(_ message: String) -> ComplexTensor { ComplexTensor(.failure(operation, message)) }
  if x.real.error != nil { return x }
  guard x.real.elementType.isFloatingPoint else {
    return failure("takes floating-point numbers, not \(x.real.elementType); convert them with converted(to: .float32)")
  }
  guard counts == nil || counts?.count == axes.count else {
    return failure("\(counts?.count ?? 0) counts for \(axes.count) axes")
  }
  var (result, seen, total) = (x, Set<Int>(), 1)
  for (position, axis) in axes.enumerated() {
    guard let front = x.real.resolved(axis) else { return failure("axis \(axis) does not exist in shape \(x.shape)") }
    guard seen.insert(front).inserted else { return failure("axis \(axis) is named twice") }
    result = fitted(operation, result, count: counts?[position] ?? x.shape[front], axis: front)
    if result.real.error != nil { return result }
    let parts = Tensor.recordAll(
      FFT(axis: front, isInverse: isInverse), [result.real, result.imaginary], count: 2)
    result = ComplexTensor(real: parts[0], imaginary: parts[1])
    total *= max(1, result.shape.indices.contains(front) ? result.shape[front] : 1)
  }
  let scale = norm.scale(total, isInverse: isInverse)
  return scale == 1 ? result : result.map { $0 * .constant(scale, x.real.elementType) }
}

/// Cut to a number of elements along an axis, or filled up to it with zeros.
private func fitted(_ operation: String, _ x: ComplexTensor, count: Int, axis: Int) -> ComplexTensor {
  let size = x.shape[axis]
  if count == size { return x }
  guard count >= 1 else { return ComplexTensor(.failure(operation, "the count \(count) is not positive")) }
  if count < size { return x.map { $0.sliced(0..<count, axis: axis) } }
  var high = [Int](repeating: 0, count: x.shape.rank)
  high[axis] = count - size
  return x.map { $0.padded(low: high.map { _ in 0 }, high: high) }
}

/// Rolled along axes, so that element `first(size)` comes to the front.
private func shifted(_ operation: String, _ x: Tensor, _ axes: [Int]?, _ first: (Int) -> Int) -> Tensor {
  x.resolved(axes, operation) { axes in
    axes.reduce(x) { x, axis in
      let (size, start) = (x.shape[axis], first(x.shape[axis]))
      if size < 2 { return x }
      return concatenated([x.sliced(start..<size, axis: axis), x.sliced(0..<start, axis: axis)], axis: axis)
    }
  }
}
