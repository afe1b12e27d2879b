/// A small square matrix, decomposed by Gaussian elimination with the largest pivots of each column.
struct Elimination {
  private let count: Int
  /// Row by row, the factors L below and U on and above the diagonal.
  private var factors: [Double]
  private var order: [Int]

  /// - Returns: `nil` where the matrix is singular.
  init?(_ matrix: [Double], count: Int) {
    self.count = count
    factors = matrix
    order = Array(0..<count)
    for column in 0..<count {
      var pivot = column
      for row in column..<count where abs(factors[row * count + column]) > abs(factors[pivot * count + column]) {
        pivot = row
      }
      let size = factors[pivot * count + column]
      guard size != 0, size.isFinite else { return nil }
      if pivot != column {
        for place in 0..<count { factors.swapAt(pivot * count + place, column * count + place) }
        order.swapAt(pivot, column)
      }
      for row in (column + 1)..<max(count, column + 1) {
        let factor = factors[row * count + column] / size
        factors[row * count + column] = factor
        for place in (column + 1)..<max(count, column + 1) {
          factors[row * count + place] -= factor * factors[column * count + place]
        }
      }
    }
  }

  /// The x with A x = b.
  func solve(_ b: [Double]) -> [Double] {
    var x = order.map { b[$0] }
    for row in 0..<count {
      for column in 0..<row { x[row] -= factors[row * count + column] * x[column] }
    }
    for row in (0..<count).reversed() {
      for column in (row + 1)..<max(count, row + 1) { x[row] -= factors[row * count + column] * x[column] }
      x[row] /= factors[row * count + row]
    }
    return x
  }
}
