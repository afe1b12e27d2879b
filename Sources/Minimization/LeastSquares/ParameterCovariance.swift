/// (JᵀJ)⁻¹ of the parameters that the data determine, from the singular values of R, so that JᵀJ is not formed.
struct ParameterCovariance {
  /// Row by row; NaN where there is none.
  let matrix: [Double]
  /// The parameters that stand at a bound.
  let atBounds: [Int]
  /// The parameters that take part in a direction along which the residuals do not change.
  let undetermined: [Int]
  private let count: Int

  var diagonal: [Double] { (0..<count).map { matrix[$0 * count + $0] } }

  init(_ residuals: LinearizedResiduals, box: Box) {
    let count = residuals.columns.count
    self.count = count
    let point = residuals.point
    atBounds = (0..<count).filter { point[$0] <= box.lower[$0] || point[$0] >= box.upper[$0] }
    let bound = Set(atBounds)
    let norms = residuals.columnNorms
    let free = (0..<count).filter { !bound.contains($0) && norms[$0] > 0 }
    // Columns of length 1, so that the units of the parameters do not decide what is small.
    let decomposition = SmallDecomposition(columns: free.map { scaled(residuals.columns[$0], by: 1 / norms[$0]) })
    let least = 0x1p-52 * Double(max(count, 1)) * largestMagnitude(decomposition.values)
    var lost = Set((0..<count).filter { !bound.contains($0) && norms[$0] == 0 })
    for (axis, value) in decomposition.values.enumerated() where value <= least {
      for (place, share) in decomposition.right[axis].enumerated() where abs(share) > 1e-8 { lost.insert(free[place]) }
    }
    undetermined = lost.sorted()
    var matrix = [Double](repeating: .nan, count: count * count)
    for (row, first) in free.enumerated() where !lost.contains(first) {
      for (column, second) in free.enumerated().prefix(row + 1) where !lost.contains(second) {
        var sum = 0.0
        for (axis, value) in decomposition.values.enumerated() where value > least {
          sum += decomposition.right[axis][row] / value * (decomposition.right[axis][column] / value)
        }
        let covariance = sum / norms[first] / norms[second]
        (matrix[first * count + second], matrix[second * count + first]) = (covariance, covariance)
      }
    }
    self.matrix = matrix
  }
}
