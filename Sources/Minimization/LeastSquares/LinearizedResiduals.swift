/// Residuals and their derivatives at a point, as far as a step depends on them.
///
/// With the Jacobian J = Q·R, the squared norm of the linear model r + J·p is that of q + R·p, plus a part that no step
/// changes.
struct LinearizedResiduals: Sendable {
  let point: [Double]
  /// The sum of squares, or of the losses.
  let value: Double
  /// The norm of the residuals, rescaled where there is a loss.
  let residualNorm: Double
  /// The columns of R.
  let columns: [[Double]]
  /// q = Qᵀ·r.
  let projected: [Double]

  /// Whether all are numbers.
  var isFinite: Bool {
    value.isFinite && projected.allSatisfy(\.isFinite) && columns.allSatisfy { $0.allSatisfy(\.isFinite) }
  }

  /// Half the derivative of the value: Jᵀ·r.
  var slopes: [Double] { columns.map { dot($0, projected) } }

  /// The lengths of the Jacobian's columns.
  var columnNorms: [Double] { columns.map { norm($0) } }

  /// By how much the linear model's sum of squares falls over a step.
  func decrease(over step: [Double]) -> Double {
    var change = [Double](repeating: 0, count: projected.count)
    for (index, column) in columns.enumerated() where step[index] != 0 { add(step[index], column, to: &change) }
    // ‖q‖² − ‖q + c‖², without the difference of two large numbers.
    return -dot(change, sum(sum(change, 1, projected), 1, projected))
  }

  /// The part of the residuals that steps of some parameters can still take away, as a share of all of them: the relative
  /// offset of Bates and Watts (1981), which no choice of units changes.
  func offset(of free: [Int]) -> Double {
    guard residualNorm > 0 else { return 0 }
    return norm(explained(by: free)) / residualNorm
  }

  /// Coordinates of the part of q that lies in the span of some columns of R, by a decomposition with column pivoting.
  private func explained(by free: [Int]) -> [Double] {
    var rest = free.compactMap { index -> [Double]? in
      let length = norm(columns[index])
      return length > 0 ? scaled(columns[index], by: 1 / length) : nil
    }
    var target = projected
    var result: [Double] = []
    // Columns are of length 1: what is left of one below this is rounding.
    let least = 0x1p-52 * 8 * Double(max(projected.count, 1))
    while let best = rest.indices.max(by: { norm(rest[$0]) < norm(rest[$1]) }) {
      let pivot = rest.remove(at: best)
      let length = norm(pivot)
      guard length > least else { break }
      let direction = scaled(pivot, by: 1 / length)
      let share = dot(direction, target)
      result.append(share)
      add(-share, direction, to: &target)
      for index in rest.indices {
        // Twice, so that what is left is orthogonal.
        for _ in 0..<2 { add(-dot(direction, rest[index]), direction, to: &rest[index]) }
      }
    }
    return result
  }
}
