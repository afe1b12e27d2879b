import DescentGraph

/// The product of a square matrix `[…, n, n]` with itself, `exponent` times; of its inverse where that is negative.
///
/// - Complexity: O(n³ · log exponent) a matrix.
public func matrixPower(_ a: Tensor, _ exponent: Int) -> Tensor {
  .calling {
    if let obstacle = a.obstacle("matrixPower", isSquare: true) { return obstacle }
    var (power, rest) = (exponent < 0 ? inverse(a) : a, exponent.magnitude)
    var result: Tensor?
    while rest > 0 {
      if rest & 1 == 1 { result = result.map { matmul($0, power) } ?? power }
      rest >>= 1
      if rest > 0 { power = matmul(power, power) }
    }
    return result ?? Tensor.identity(a.rows, a.elementType).broadcast(to: a.shape)
  }
}

/// The exponential Σ Aᵏ/k! of square matrices `[…, n, n]`.
///
/// By a Padé approximant of the matrix divided by 2ˢ, squared s times (Higham, "The scaling and squaring method for the
/// matrix exponential revisited", 2005). The squarings are recorded `maximumSquarings` times, since s depends on the
/// numbers; a matrix so large that it needs more gives NaN.
/// - Complexity: O(n³ · maximumSquarings) a matrix.
public func matrixExponential(_ a: Tensor, maximumSquarings: Int = 16) -> Tensor {
  .calling {
    if let obstacle = a.obstacle("matrixExponential", isSquare: true) { return obstacle }
    guard maximumSquarings >= 0 else {
      return .failure("matrixExponential", "the number of squarings \(maximumSquarings) is negative")
    }
    if a.elementType.byteCount == 2 {
      // The approximant's coefficients are too large for numbers of 16 bits.
      return matrixExponential(a.converted(to: .float32), maximumSquarings: maximumSquarings)
        .converted(to: a.elementType)
    }
    // For numbers of up to 24 bits the approximant of degree 7 is enough, up to this norm; else that of degree 13.
    let isShort = a.elementType != .float64
    // No finite norm needs more than the largest exponent.
    let maximumSquarings = min(maximumSquarings, isShort ? 128 : 1_024)
    let largest = isShort ? 3.925724783138660 : 5.371920351148152
    let norm = stopGradient(matrixNorm(a, .one)).expanded(axis: -1).expanded(axis: -1)
    let ones = Tensor(ones: norm.shape, a.elementType)
    // How often the norm must be halved, found by halving it, which is exact.
    var (scale, rest) = (ones, norm)
    var needed: [Tensor] = []
    for _ in 0..<maximumSquarings {
      let isLarge = rest .> largest
      needed.append(isLarge)
      scale = `where`(isLarge, scale * 0.5, scale)
      rest = `where`(isLarge, rest * 0.5, rest)
    }
    let (odd, even) = padeParts(a * scale, isShort: isShort)
    var result = solve(even - odd, even + odd)
    for isLarge in needed { result = `where`(isLarge, matmul(result, result), result) }
    return `where`(rest .<= ones * largest, result, ones * .nan)
  }
}

/// The odd and the even part of the approximant's numerator, whose denominator is their difference.
private func padeParts(_ a: Tensor, isShort: Bool) -> (odd: Tensor, even: Tensor) {
  let one = Tensor.identity(a.rows, a.elementType)
  let a2 = matmul(a, a)
  let a4 = matmul(a2, a2)
  let a6 = matmul(a4, a2)
  if isShort {
    let odd = a6 + 1_512 * a4 + 277_200 * a2 + 8_648_640 * one
    return (matmul(a, odd), 56 * a6 + 25_200 * a4 + 1_995_840 * a2 + 17_297_280 * one)
  }
  let high = a6 + 16_380 * a4 + 40_840_800 * a2
  let low = 33_522_128_640 * a6 + 10_559_470_521_600 * a4 + 1_187_353_796_428_800 * a2
  let odd = matmul(a6, high) + low + 32_382_376_266_240_000 * one
  let highEven = 182 * a6 + 960_960 * a4 + 1_323_241_920 * a2
  let lowEven = 670_442_572_800 * a6 + 129_060_195_264_000 * a4 + 7_771_770_303_897_600 * a2
  return (matmul(a, odd), matmul(a6, highEven) + lowEven + 64_764_752_532_480_000 * one)
}

/// A norm of matrices.
public enum MatrixNorm: Sendable, Hashable {
  /// The root of the sum of squares.
  case frobenius
  /// The sum of the singular values.
  case nuclear
  /// The largest singular value: the norm that belongs to the length of vectors.
  case spectral
  /// The largest sum of magnitudes of a column.
  case one
  /// The largest sum of magnitudes of a row.
  case infinity
  /// The smallest singular value.
  case smallestSingularValue
  /// The smallest sum of magnitudes of a column.
  case smallestColumn
  /// The smallest sum of magnitudes of a row.
  case smallestRow
}

/// A norm of matrices `[…, m, n]`, as `[…]`.
public func matrixNorm(_ a: Tensor, _ norm: MatrixNorm = .frobenius) -> Tensor {
  .calling {
    if let obstacle = a.obstacle("matrixNorm") { return obstacle }
    switch norm {
    case .frobenius:
      let squares = square(a).sum(axes: [-2, -1])
      // Of zeros the derivative counts as 0, where the root has none.
      let isZero = squares .== Tensor(zeros: squares.shape, a.elementType)
      let ones = Tensor(ones: squares.shape, a.elementType)
      return `where`(isZero, squares, sqrt(`where`(isZero, ones, squares)))
    case .nuclear: return svdValues(a).sum(axes: [-1])
    case .spectral: return maximum(svdValues(a).max(axes: [-1]), 0)
    case .one: return maximum(abs(a).sum(axes: [-2]).max(axes: [-1]), 0)
    case .infinity: return maximum(abs(a).sum(axes: [-1]).max(axes: [-1]), 0)
    case .smallestSingularValue: return svdValues(a).min(axes: [-1])
    case .smallestColumn: return abs(a).sum(axes: [-2]).min(axes: [-1])
    case .smallestRow: return abs(a).sum(axes: [-1]).min(axes: [-1])
    }
  }
}

/// The condition number of matrices `[…, m, n]`, as `[…]`: the largest singular value divided by the smallest, or the product
/// of another norm of square matrices and that of their inverse.
public func conditionNumber(_ a: Tensor, _ norm: MatrixNorm = .spectral) -> Tensor {
  .calling {
    if let obstacle = a.obstacle("conditionNumber", isSquare: norm != .spectral) { return obstacle }
    guard norm == .spectral else { return matrixNorm(a, norm) * matrixNorm(inverse(a), norm) }
    let values = svdValues(a)
    return values.max(axes: [-1]) / values.min(axes: [-1])
  }
}
