/// The singular value decomposition A = U·diag(s)·Vᵀ of a matrix of few columns, by rotations that make its columns
/// orthogonal (Hestenes 1958).
///
/// Where columns are of like length, small singular values come out as exactly as the matrix determines them (Demmel and
/// Veselić 1992), which decompositions by way of a bidiagonal matrix do not promise.
struct SmallDecomposition {
  /// The singular values, in the order of the columns.
  private(set) var values: [Double]
  /// The columns of V.
  private(set) var right: [[Double]]
  /// The columns of U; zero where the singular value is.
  private(set) var left: [[Double]]

  /// Decomposes a matrix that is given by its columns.
  ///
  /// - Complexity: O(rows · columns²) a sweep, of which there are about ten.
  init(columns: [[Double]]) {
    var a = columns
    var v = columns.indices.map { column in columns.indices.map { $0 == column ? 1.0 : 0.0 } }
    for _ in 0..<60 {
      var isOrthogonal = true
      for first in a.indices {
        for second in (first + 1)..<max(a.count, first + 1) {
          let (alpha, beta) = (dot(a[first], a[first]), dot(a[second], a[second]))
          let gamma = dot(a[first], a[second])
          guard abs(gamma) > 0x1p-52 * (alpha * beta).squareRoot(), gamma.isFinite else { continue }
          isOrthogonal = false
          let zeta = (beta - alpha) / (2 * gamma)
          let tangent = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
          let cosine = 1 / (1 + tangent * tangent).squareRoot()
          Self.rotate(&a, first, second, cosine, cosine * tangent)
          Self.rotate(&v, first, second, cosine, cosine * tangent)
        }
      }
      if isOrthogonal { break }
    }
    let lengths = a.map { norm($0) }
    values = lengths
    right = v
    left = zip(a, lengths).map { $1 > 0 ? scaled($0, by: 1 / $1) : $0 }
  }

  private static func rotate(_ a: inout [[Double]], _ first: Int, _ second: Int, _ cosine: Double, _ sine: Double) {
    // Taken out, so that they are changed where they lie.
    var (x, y) = ([Double](), [Double]())
    swap(&x, &a[first])
    swap(&y, &a[second])
    x.withUnsafeMutableBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for index in x.indices {
          let (old, other) = (x[index], y[index])
          x[index] = cosine * old - sine * other
          y[index] = sine * old + cosine * other
        }
      }
    }
    swap(&x, &a[first])
    swap(&y, &a[second])
  }
}
