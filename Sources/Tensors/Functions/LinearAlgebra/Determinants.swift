import DescentGraph

/// The determinants of square matrices `[…, n, n]`, as `[…]`.
///
/// The product overflows for large matrices long before its logarithm does; see `logDeterminant`. The derivative needs
/// the matrix to be regular and is NaN where it is singular.
/// - Complexity: O(n³) a matrix.
public func determinant(_ a: Tensor) -> Tensor {
  guard let (diagonal, parity) = eliminated("determinant", a) else {
    return a.obstacle("determinant", isSquare: true) ?? a
  }
  return parity * product(diagonal)
}

/// The signs (1, −1, or 0 where singular) and the logarithms of the magnitudes of the determinants of square matrices
/// `[…, n, n]`, both `[…]`.
///
/// - Complexity: O(n³) a matrix.
public func logDeterminant(_ a: Tensor) -> (sign: Tensor, logarithm: Tensor) {
  guard let (diagonal, parity) = eliminated("logDeterminant", a) else {
    let obstacle = a.obstacle("logDeterminant", isSquare: true) ?? a
    return (obstacle, obstacle)
  }
  return (parity * product(sign(diagonal)), log(abs(diagonal)).sum(axes: [-1]))
}

/// The diagonal of U and the sign of the rows' order, after elimination; `nil` where the matrices will not do.
private func eliminated(_ operation: String, _ a: Tensor) -> (diagonal: Tensor, parity: Tensor)? {
  guard a.obstacle(operation, isSquare: true) == nil else { return nil }
  let results = Tensor.recordAll(LU(), [a], count: 3)
  // A step that exchanged two rows turns the sign round.
  let steps = Tensor.record(Iota(type: results[1].type, axis: results[1].rank - 1), [])
  let exchanges = (results[1] .!= steps).converted(to: .int32).sum(axes: [-1])
  let isOdd = (exchanges .& Tensor(repeating: 1, shape: exchanges.shape, .int32)).converted(to: a.elementType)
  return (results[0].diagonals, 1 - 2 * isOdd)
}

/// The product along the last axis.
private func product(_ x: Tensor) -> Tensor { .record(Reduce(.product, axes: [x.rank - 1]), [x]) }
