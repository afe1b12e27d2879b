/// The eigenvalues, increasing, and eigenvectors of a symmetric matrix: Householder's reduction to tridiagonal form,
/// followed by the QL iteration with implicit shifts (Wilkinson and Reinsch, *Linear Algebra*, 1971, `tred2` and `tql2`).
///
/// In Swift alone, so that a search takes the same way whatever libraries a machine has.
struct SymmetricEigen: Sendable {
  /// The eigenvalues, increasing.
  private(set) var values: [Double]
  /// The eigenvectors: that of value k in column k of the row-major matrix.
  private(set) var vectors: [Double]

  /// Decomposes a matrix, of which the lower triangle is read; `nil` where it holds something that is not finite or the
  /// iteration does not end.
  ///
  /// - Complexity: O(n³).
  init?(_ matrix: [Double], count n: Int) {
    guard matrix.allSatisfy(\.isFinite), n > 0 else { return nil }
    vectors = matrix
    values = [Double](repeating: 0, count: n)
    var beside = values
    let converged = vectors.withUnsafeMutableBufferPointer { v in
      values.withUnsafeMutableBufferPointer { d in
        beside.withUnsafeMutableBufferPointer { e in
          Self.reduce(v, d, e, n)
          return Self.iterate(v, d, e, n)
        }
      }
    }
    guard converged else { return nil }
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    let (old, oldVectors) = (values, vectors)
    values = order.map { old[$0] }
    for row in 0..<n {
      for (place, column) in order.enumerated() { vectors[row * n + place] = oldVectors[row * n + column] }
    }
  }

  private typealias Numbers = UnsafeMutableBufferPointer<Double>

  private static func reduce(_ v: Numbers, _ d: Numbers, _ e: Numbers, _ n: Int) {
    for i in 0..<n {
      for j in 0..<i { v[j * n + i] = v[i * n + j] }
    }
    for j in 0..<n { d[j] = v[(n - 1) * n + j] }
    for i in stride(from: n - 1, to: 0, by: -1) {
      var scale = 0.0
      for k in 0..<i { scale += abs(d[k]) }
      var h = 0.0
      if scale == 0 {
        e[i] = d[i - 1]
        for j in 0..<i {
          d[j] = v[(i - 1) * n + j]
          v[i * n + j] = 0
          v[j * n + i] = 0
        }
      } else {
        for k in 0..<i {
          d[k] /= scale
          h += d[k] * d[k]
        }
        let f = d[i - 1]
        let g = f > 0 ? -h.squareRoot() : h.squareRoot()
        e[i] = scale * g
        h -= f * g
        d[i - 1] = f - g
        for j in 0..<i { e[j] = 0 }
        for j in 0..<i {
          let f = d[j]
          v[j * n + i] = f
          var g = e[j] + v[j * n + j] * f
          for k in (j + 1)..<max(i, j + 1) {
            let element = v[k * n + j]
            g += element * d[k]
            e[k] += element * f
          }
          e[j] = g
        }
        var f2 = 0.0
        for j in 0..<i {
          e[j] /= h
          f2 += e[j] * d[j]
        }
        let half = f2 / (h + h)
        for j in 0..<i { e[j] -= half * d[j] }
        for j in 0..<i {
          let (f, g) = (d[j], e[j])
          for k in j..<i { v[k * n + j] -= f * e[k] + g * d[k] }
          d[j] = v[(i - 1) * n + j]
          v[i * n + j] = 0
        }
      }
      d[i] = h
    }
    for i in 0..<(n - 1) {
      v[(n - 1) * n + i] = v[i * n + i]
      v[i * n + i] = 1
      let h = d[i + 1]
      if h != 0 {
        for k in 0...i { d[k] = v[k * n + i + 1] / h }
        for j in 0...i {
          var g = 0.0
          for k in 0...i { g += v[k * n + i + 1] * v[k * n + j] }
          for k in 0...i { v[k * n + j] -= g * d[k] }
        }
      }
      for k in 0...i { v[k * n + i + 1] = 0 }
    }
    for j in 0..<n {
      d[j] = v[(n - 1) * n + j]
      v[(n - 1) * n + j] = 0
    }
    v[n * n - 1] = 1
    e[0] = 0
  }

  private static func iterate(_ v: Numbers, _ d: Numbers, _ e: Numbers, _ n: Int) -> Bool {
    for i in 1..<max(n, 1) { e[i - 1] = e[i] }
    e[n - 1] = 0
    var (shift, size) = (0.0, 0.0)
    for l in 0..<n {
      size = max(size, abs(d[l]) + abs(e[l]))
      var m = l
      while m < n - 1, abs(e[m]) > 0x1p-52 * size { m += 1 }
      var rounds = 0
      while m > l, abs(e[l]) > 0x1p-52 * size {
        rounds += 1
        guard rounds <= 100 else { return false }
        let g = d[l]
        var p = (d[l + 1] - g) / (2 * e[l])
        var r = (p * p + 1).squareRoot()
        if p < 0 { r = -r }
        d[l] = e[l] / (p + r)
        d[l + 1] = e[l] * (p + r)
        let following = d[l + 1]
        let h = g - d[l]
        for i in (l + 2)..<max(n, l + 2) { d[i] -= h }
        shift += h
        p = d[m]
        var (c, c2, c3) = (1.0, 1.0, 1.0)
        let beside = e[l + 1]
        var (s, s2) = (0.0, 0.0)
        for i in stride(from: m - 1, through: l, by: -1) {
          (c3, c2, s2) = (c2, c, s)
          let g = c * e[i]
          let h = c * p
          r = (p * p + e[i] * e[i]).squareRoot()
          e[i + 1] = s * r
          s = e[i] / r
          c = p / r
          p = c * d[i] - s * g
          d[i + 1] = h + s * (c * g + s * d[i])
          for k in 0..<n {
            let element = v[k * n + i + 1]
            v[k * n + i + 1] = s * v[k * n + i] + c * element
            v[k * n + i] = c * v[k * n + i] - s * element
          }
        }
        p = -s * s2 * c3 * beside * e[l] / following
        e[l] = s * p
        d[l] = c * p
      }
      d[l] += shift
      e[l] = 0
    }
    return true
  }
}
