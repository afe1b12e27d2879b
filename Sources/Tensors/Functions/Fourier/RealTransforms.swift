import DescentGraph

/// The discrete Fourier transform of real numbers along several axes, along all where none are given: the half along the last
/// of them that says it all; see `realFFT`.
///
/// - Parameters:
///   - x: Real numbers.
///   - counts: The numbers of elements to transform along each axis: axes are cut or filled with zeros to them first.
///   - axes: The axes, of which the last one is halved.
///   - norm: What the result is divided by.
public func realFFTND(
  _ x: Tensor, counts: [Int]? = nil, axes: [Int]? = nil, norm: FourierNorm = .backward
) -> ComplexTensor {
  let call = FunctionCall()
  return call(
    inOrder("realFFTND", ComplexTensor(x), counts, axes) { axes, counts in
      let half = realFFT(x, count: counts?.last, axis: axes[axes.count - 1], norm: norm)
      guard axes.count > 1 else { return half }
      return fftND(half, counts: counts?.dropLast(), axes: Array(axes.dropLast()), norm: norm)
    })
}

/// The inverse of `realFFTND`.
///
/// - Parameters:
///   - x: The half of a transform.
///   - counts: The numbers of real numbers along each axis; where none are given, those that the elements along it stand for,
///     2·(elements − 1) along the last one.
///   - axes: The axes, of which the last one is halved.
///   - norm: What the result is divided by.
public func inverseRealFFTND(
  _ x: ComplexTensor, counts: [Int]? = nil, axes: [Int]? = nil, norm: FourierNorm = .backward
) -> Tensor {
  .calling {
    inOrder("inverseRealFFTND", x, counts, axes) { axes, counts in
      let others = Array(axes.dropLast())
      let whole = others.isEmpty ? x : inverseFFTND(x, counts: counts?.dropLast(), axes: others, norm: norm)
      return ComplexTensor(
        inverseRealFFT(whole, count: counts?.last, axis: axes[axes.count - 1], norm: norm))
    }.real
  }
}

/// The discrete Fourier transform of real pictures, along the last two axes; see `realFFTND`.
public func realFFT2D(_ x: Tensor, counts: [Int]? = nil, norm: FourierNorm = .backward) -> ComplexTensor {
  let call = FunctionCall()
  return call(realFFTND(x, counts: counts, axes: [-2, -1], norm: norm))
}

/// The inverse of `realFFT2D`.
public func inverseRealFFT2D(_ x: ComplexTensor, counts: [Int]? = nil, norm: FourierNorm = .backward) -> Tensor {
  .calling { inverseRealFFTND(x, counts: counts, axes: [-2, -1], norm: norm) }
}

/// The discrete Fourier transform of numbers of which the second half are the conjugates of the first, which is real: `count`
/// numbers from the first count/2 + 1, 2·(elements − 1) where no count is given.
public func hermitianFFT(
  _ x: ComplexTensor, count: Int? = nil, axis: Int = -1, norm: FourierNorm = .backward
) -> Tensor {
  .calling { inverseRealFFT(x.conjugate, count: count, axis: axis, norm: norm.turned) }
}

/// The inverse of `hermitianFFT`: the first n/2 + 1 numbers.
public func inverseHermitianFFT(
  _ x: Tensor, count: Int? = nil, axis: Int = -1, norm: FourierNorm = .backward
) -> ComplexTensor {
  let call = FunctionCall()
  return call(realFFT(x, count: count, axis: axis, norm: norm.turned).conjugate)
}

extension FourierNorm {
  /// The norm by which a transform's inverse divides what the transform is to be divided by.
  fileprivate var turned: FourierNorm {
    switch self {
    case .backward: .forward
    case .orthonormal: .orthonormal
    case .forward: .backward
    }
  }
}

/// What a body makes of axes, all where none are given, and as many counts, if any.
private func inOrder(
  _ name: String, _ x: ComplexTensor, _ counts: [Int]?, _ axes: [Int]?,
  _ body: (_ axes: [Int], _ counts: [Int]?) -> ComplexTensor
) -> ComplexTensor {
  if x.real.error != nil { return x }
  let axes = axes ?? Array(x.shape.indices)
  guard !axes.isEmpty, counts == nil || counts?.count == axes.count else {
    return ComplexTensor(.failure(name, "takes at least one axis and a count for each, not \(axes) of \(x.shape)"))
  }
  let fronts = axes.compactMap { x.real.resolved($0) }
  guard fronts.count == axes.count, Set(fronts).count == axes.count else {
    return ComplexTensor(.failure(name, "takes different axes of \(x.shape), not \(axes)"))
  }
  return body(fronts, counts)
}
