import DescentGraph

/// The determinants of square matrices `[…, n, n]`, as `[…]`.
///
/// The product overflows for large matrices long before its logarithm does; see `logDeterminant`. The derivative is the
/// matrix of cofactors, also where a matrix is singular; the second derivative needs it to be regular, or the singular
/// values to differ.
/// - Complexity: O(n³) a matrix.
public func determinant(_ a: Tensor) -> Tensor {
  .calling {
    if let obstacle = a.obstacle("determinant", isSquare: true) { return obstacle }
    guard a.rows > 1 else { return productOfPivots(a) }
    return .carryingErrors(of: "determinant") {
      try customGradient(a) {
        productOfPivots($0)
      } tangent: { a, change in
        (try cofactors(a) * change).sum(axes: [-2, -1])
      }
    }
  }
}

/// The determinants from an elimination.
private func productOfPivots(_ a: Tensor) -> Tensor {
  guard let (diagonal, parity) = eliminated("determinant", a) else { return a }
  return parity * product(diagonal)
}

/// The cofactors of square matrices: the derivatives of their determinants in their elements.
private func cofactors(_ a: Tensor) throws -> Tensor {
  let value = productOfPivots(a)
  let isSingular = (value .== value.number(0)).expanded(axis: -1).expanded(axis: -1)
  let identity = Tensor.identity(a.rows, a.elementType)
  // Each way has matrices that it can take, whatever the others are: a choice does not hide a NaN from derivatives.
  let regular = `where`(isSingular, identity, a)
  let products = productOfPivots(regular).expanded(axis: -1).expanded(axis: -1)
  func ofRegular() -> Tensor { products * inverse(regular).matrixTransposed }
  func ofAll() -> Tensor {
    let places = Tensor(rangeTo: a.rows, a.elementType) + a.number(1)
    let singular = `where`(isSingular, a, identity * places)
    return `where`(isSingular, cofactorsOfSingular(singular), ofRegular())
  }
  return try cond(isSingular.any(), then: ofAll, else: ofRegular)
}

/// The cofactors of U·diag(s)·Vᵀ: det U · det V · U·diag(products of the other singular values)·Vᵀ.
private func cofactorsOfSingular(_ a: Tensor) -> Tensor {
  let (u, s, vt) = svd(a)
  let isOwn = Tensor.identity(a.rows, a.elementType) .> a.number(0)
  let others = product(`where`(isOwn, s.number(1), s.expanded(axis: -2)))
  // 1 or −1, which nothing moves.
  let side = stopGradient(round(productOfPivots(u) * productOfPivots(vt)))
  return side.expanded(axis: -1).expanded(axis: -1) * matmul(u * others.expanded(axis: -2), vt)
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
