/// A symmetric matrix as L Lᵀ.
struct Cholesky {
  private let count: Int
  /// Row by row; what is above the diagonal is of no meaning.
  private var factor: [Double]

  /// Decomposes a matrix plus a multiple of the identity; `nil` where it is not positive definite.
  init?(_ matrix: [Double], count: Int, adding shift: Double = 0) {
    switch Self.decompose(matrix, count: count, adding: shift) {
    case .factor(let factor): self = factor
    case .indefinite: return nil
    }
  }

  private init(count: Int, factor: [Double]) { (self.count, self.factor) = (count, factor) }

  /// What becomes of a matrix.
  enum Decomposition {
    case factor(Cholesky)
    /// A vector v for which vᵀ(A + shift)v = −excess: the leading part of the matrix is not positive definite.
    case indefinite(vector: [Double], excess: Double)
  }

  /// Decomposes a matrix plus a multiple of the identity, or shows a direction in which it is not positive.
  static func decompose(_ matrix: [Double], count: Int, adding shift: Double) -> Decomposition {
    var factor = matrix
    let failure: (row: Int, pivot: Double)? = factor.withUnsafeMutableBufferPointer { l in
      for row in 0..<count {
        for column in 0...row {
          var sum = l[row * count + column] + (row == column ? shift : 0)
          for inner in 0..<column { sum -= l[row * count + inner] * l[column * count + inner] }
          if row == column {
            guard sum > 0, sum.isFinite else { return (row, sum) }
            l[row * count + row] = sum.squareRoot()
          } else {
            l[row * count + column] = sum / l[column * count + column]
          }
        }
      }
      return nil
    }
    let cholesky = Cholesky(count: count, factor: factor)
    guard let failure else { return .factor(cholesky) }
    // The rows above are decomposed: L Lᵀ v = −a with the failed row's column a, and 1 in its place.
    var vector = [Double](repeating: 0, count: count)
    vector[failure.row] = 1
    for index in (0..<failure.row).reversed() {
      var sum = -factor[failure.row * count + index]
      for later in (index + 1)..<max(failure.row, index + 1) { sum -= factor[later * count + index] * vector[later] }
      vector[index] = sum / factor[index * count + index]
    }
    return .indefinite(vector: vector, excess: -failure.pivot)
  }

  /// The x with L Lᵀ x = b.
  func solve(_ b: [Double]) -> [Double] { solveUpper(solveLower(b)) }

  /// The x with L x = b.
  func solveLower(_ b: [Double]) -> [Double] {
    var x = b
    for row in 0..<count {
      for column in 0..<row { x[row] -= factor[row * count + column] * x[column] }
      x[row] /= factor[row * count + row]
    }
    return x
  }

  /// The x with Lᵀ x = b.
  func solveUpper(_ b: [Double]) -> [Double] {
    var x = b
    for row in (0..<count).reversed() {
      for below in (row + 1)..<max(count, row + 1) { x[row] -= factor[below * count + row] * x[below] }
      x[row] /= factor[row * count + row]
    }
    return x
  }

  /// About the least singular value of L, with its direction: Cline, Moler, Stewart and Wilkinson, "An estimate for the
  /// condition number of a matrix", 1979.
  func leastSingular() -> (value: Double, direction: [Double]) {
    var sums = [Double](repeating: 0, count: count)
    var w = sums
    for k in 0..<count {
      let diagonal = factor[k * count + k]
      let (up, down) = ((1 - sums[k]) / diagonal, (-1 - sums[k]) / diagonal)
      var (upSize, downSize) = (abs(up), abs(down))
      for later in (k + 1)..<max(count, k + 1) {
        upSize += abs(sums[later] + factor[later * count + k] * up)
        downSize += abs(sums[later] + factor[later * count + k] * down)
      }
      w[k] = upSize >= downSize ? up : down
      for later in (k + 1)..<max(count, k + 1) { sums[later] += factor[later * count + k] * w[k] }
    }
    let v = solveUpper(w)
    let size = norm(v)
    guard size > 0, size.isFinite else { return (0, v) }
    return (norm(w) / size, scaled(v, by: 1 / size))
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
