/// The solution of a small system of linear equations, by elimination with pivots.
enum LinearSolution {
  /// The x with A·x = b for a row-major matrix; `nil` where the matrix is singular.
  ///
  /// - Complexity: O(n³).
  static func solve(_ matrix: [Double], _ right: [Double]) -> [Double]? {
    let n = right.count
    var (a, x) = (matrix, right)
    for column in 0..<n {
      var pivot = column
      for row in column..<n where abs(a[row * n + column]) > abs(a[pivot * n + column]) { pivot = row }
      guard abs(a[pivot * n + column]) > 0, a[pivot * n + column].isFinite else { return nil }
      if pivot != column {
        for place in 0..<n { a.swapAt(pivot * n + place, column * n + place) }
        x.swapAt(pivot, column)
      }
      for row in (column + 1)..<max(n, column + 1) {
        let factor = a[row * n + column] / a[column * n + column]
        for place in column..<n { a[row * n + place] -= factor * a[column * n + place] }
        x[row] -= factor * x[column]
      }
    }
    for row in (0..<n).reversed() {
      for place in (row + 1)..<max(n, row + 1) { x[row] -= a[row * n + place] * x[place] }
      x[row] /= a[row * n + row]
    }
    return x
  }
}
