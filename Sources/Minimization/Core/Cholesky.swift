/// A symmetric matrix as L Lᵀ.
struct Cholesky {
  private let count: Int
  /// Row by row; what is above the diagonal is of no meaning.
  private var factor: [Double]

  /// Decomposes a matrix plus a multiple of the identity; `nil` where it is not positive definite.
  init?(_ matrix: [Double], count: Int, adding shift: Double = 0) {
    self.count = count
    factor = matrix
    let isDefinite = factor.withUnsafeMutableBufferPointer { l -> Bool in
      for row in 0..<count {
        for column in 0...row {
          var sum = l[row * count + column] + (row == column ? shift : 0)
          for inner in 0..<column { sum -= l[row * count + inner] * l[column * count + inner] }
          if row == column {
            guard sum > 0, sum.isFinite else { return false }
            l[row * count + row] = sum.squareRoot()
          } else {
            l[row * count + column] = sum / l[column * count + column]
          }
        }
      }
      return true
    }
    guard isDefinite else { return nil }
  }

  /// The x with L Lᵀ x = b.
  func solve(_ b: [Double]) -> [Double] {
    var x = b
    for row in 0..<count {
      for column in 0..<row { x[row] -= factor[row * count + column] * x[column] }
      x[row] /= factor[row * count + row]
    }
    for row in (0..<count).reversed() {
      for below in (row + 1)..<max(count, row + 1) { x[row] -= factor[below * count + row] * x[below] }
      x[row] /= factor[row * count + row]
    }
    return x
  }

  /// The factor of a matrix that is made positive definite by the least of some multiples of the identity (Nocedal and
  /// Wright, algorithm 3.3); `nil` where the matrix holds something that is not a number.
  static func modified(_ matrix: [Double], count: Int) -> Cholesky? {
    guard isFinite(matrix) else { return nil }
    let diagonal = (0..<count).map { matrix[$0 * count + $0] }
    let scale = max(largestMagnitude(matrix), .leastNormalMagnitude)
    let least = diagonal.min() ?? 0
    var shift = least > 0 ? 0 : 1e-3 * scale - least
    while shift < 1e30 * scale {
      if let factor = Cholesky(matrix, count: count, adding: shift) { return factor }
      shift = max(2 * shift, 1e-3 * scale)
    }
    return nil
  }
}
