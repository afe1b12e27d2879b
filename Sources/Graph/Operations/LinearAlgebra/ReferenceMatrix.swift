/// A matrix of the reference evaluation.
struct ReferenceMatrix {
  let rows: Int
  let columns: Int
  /// The elements, row after row.
  var elements: [Double]

  init(rows: Int, columns: Int, _ elements: [Double]) {
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  init(rows: Int, columns: Int, repeating number: Double) {
    self.init(rows: rows, columns: columns, [Double](repeating: number, count: rows * columns))
  }

  static func identity(_ size: Int) -> ReferenceMatrix {
    var result = ReferenceMatrix(rows: size, columns: size, repeating: 0)
    for index in 0..<size { result[index, index] = 1 }
    return result
  }

  subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  var isFinite: Bool { elements.allSatisfy(\.isFinite) }

  var transposed: ReferenceMatrix {
    var result = ReferenceMatrix(rows: columns, columns: rows, repeating: 0)
    for row in 0..<rows {
      for column in 0..<columns { result[column, row] = self[row, column] }
    }
    return result
  }

  /// Half the sum of the matrix and its transpose.
  var symmetricPart: ReferenceMatrix {
    let sums = zip(elements, transposed.elements).map { $0 == $1 ? $0 : 0.5 * $0 + 0.5 * $1 }
    return ReferenceMatrix(rows: rows, columns: columns, sums)
  }

  func column(_ index: Int) -> [Double] { (0..<rows).map { self[$0, index] } }

  /// The matrix of the columns with the given indices.
  func choosing(columns order: [Int]) -> ReferenceMatrix {
    ReferenceMatrix(rows: rows, columns: order.count, (0..<rows).flatMap { row in order.map { self[row, $0] } })
  }

  /// Turns the plane of two columns: the first becomes c·first − s·second, the second s·first + c·second.
  mutating func rotateColumns(_ first: Int, _ second: Int, cosine: Double, sine: Double) {
    for row in 0..<rows {
      let (x, y) = (self[row, first], self[row, second])
      self[row, first] = cosine * x - sine * y
      self[row, second] = sine * x + cosine * y
    }
  }

  mutating func negateColumn(_ column: Int) {
    for row in 0..<rows { self[row, column].negate() }
  }

  mutating func swapRows(_ first: Int, _ second: Int) {
    for column in 0..<columns {
      (self[first, column], self[second, column]) = (self[second, column], self[first, column])
    }
  }

  /// Whether the first element of a column that is about as large as its largest is negative.
  ///
  /// Decompositions are free in the sign of such columns and are fixed by this. Nine tenths rather than the whole of
  /// the largest, so that rounding does not decide between elements that are equally large.
  func isNegative(column: Int) -> Bool {
    let values = self.column(column)
    let threshold = 0.9 * (values.lazy.map(\.magnitude).max() ?? 0)
    return values.first { $0.magnitude >= threshold }.map { $0 < 0 } ?? false
  }

  /// The cosine and the sine of the angle by which Jacobi's method turns a plane to make two directions orthogonal.
  static func jacobiRotation(_ first: Double, _ second: Double, mixed: Double) -> (cosine: Double, sine: Double) {
    let slope = (second - first) / (2 * mixed)
    let tangent = (slope < 0 ? -1 : 1) / (slope.magnitude + (1 + slope * slope).squareRoot())
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    return (cosine, cosine * tangent)
  }
}

extension ReferenceArray {
  /// The matrices in the last two axes, batch after batch.
  var matrices: [ReferenceMatrix] {
    let (rows, columns) = (type.rows, type.columns)
    let count = Shape(type.shape.sizes.dropLast(2)).count
    return (0..<count).map { index in
      let start = index * rows * columns
      return ReferenceMatrix(rows: rows, columns: columns, Array(reals[start..<start + rows * columns]))
    }
  }

  /// Matrices, batch after batch.
  init(_ type: TensorType, matrices: [ReferenceMatrix]) {
    self.init(type, reals: matrices.flatMap(\.elements))
  }
}
