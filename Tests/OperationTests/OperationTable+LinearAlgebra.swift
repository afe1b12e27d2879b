import DescentGraph

/// Matrices that are far from where decompositions have no derivative, and a few that are not.
extension OperationTable {
  /// Numbers with distinct large ones added along the diagonal of each matrix.
  private func dominant(_ shape: Shape, salt: UInt64 = 5) -> ReferenceArray {
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let noise = operands.spread(shape, -0.4...0.4, salt: salt)
    return operands.exactly(
      noise.reals.indices.map { index in
        let (row, column) = (index / columns % rows, index % columns)
        // Decreasing along the diagonal and other in every batch.
        let peak = 2.5 + 0.9 * Double(min(rows, columns) - row) + 0.1 * Double(index / (rows * columns))
        return row == column ? peak : noise.reals[index]
      }, shape)
  }

  private var squares: [Shape] {
    [[1, 1], [2, 2], [3, 3], [5, 5], [2, 3, 3], [2, 1, 2, 2], [0, 0], [0, 3, 3], [2, 0, 0]]
  }
  private var rectangles: [Shape] {
    squares + [[4, 3], [3, 4], [1, 3], [3, 1], [2, 3, 2], [2, 2, 3], [3, 0], [0, 3], [2, 2, 0]]
  }

  /// A matrix with an element that is not a number or infinite, and one of zeros.
  private func odd(_ operation: any Operation) -> [Sample] {
    [
      Sample(operation, operands.exactly([1, .nan, 0, 2], [2, 2]), isSmooth: false),
      Sample(operation, operands.exactly([1, 0, .infinity, 2], [2, 2]), isSmooth: false),
    ]
  }

  var choleskyFactors: [Sample] {
    squares.map { Sample(Cholesky(), dominant($0)) } + odd(Cholesky())
      + [
        // Not positive definite, beside one that is; singular; zero.
        Sample(Cholesky(), operands.exactly([1, 2, 2, 1, 2, 1, 1, 2], [2, 2, 2]), isSmooth: false),
        Sample(Cholesky(), operands.exactly([0, 0, 0, 0], [2, 2]), isSmooth: false),
        Sample(Cholesky(), operands.exactly([-1], [1, 1]), isSmooth: false),
      ]
  }

  var triangularSystems: [Sample] {
    let flags = [false, true]
    let all = flags.flatMap { isLeft in
      flags.flatMap { isLower in
        flags.flatMap { isTransposed in
          flags.map {
            TriangularSolve(isLeft: isLeft, isLower: isLower, isTransposed: isTransposed, hasUnitDiagonal: $0)
          }
        }
      }
    }
    let sides: [(Shape, Shape)] = [
      ([1, 1], [1, 1]), ([2, 3, 3], [2, 3, 1]), ([0, 0], [0, 2]), ([2, 2], [2, 0]), ([0, 2, 2], [0, 2, 3]),
      ([2, 1, 3, 3], [2, 1, 3, 2]),
    ]
    return all.map { system in
      Sample(system, dominant([3, 3]), operands.spread(system.isLeft ? [3, 2] : [2, 3], salt: 3))
    }
      + sides.flatMap { matrix, right in
        let turned = Shape(right.sizes.dropLast(2) + [right[right.rank - 1], right[right.rank - 2]])
        return [
          Sample(TriangularSolve(isLeft: true, isLower: true), dominant(matrix), operands.spread(right, salt: 3)),
          Sample(TriangularSolve(isLeft: false, isLower: false), dominant(matrix), operands.spread(turned, salt: 3)),
        ]
      }
      + [
        // What lies outside the triangle is not read.
        Sample(
          TriangularSolve(isLeft: true, isLower: true), operands.exactly([2, .nan, 1, 4], [2, 2]),
          operands.exactly([1, 2], [2, 1]), isSmooth: false)
      ]
  }

  var systems: [Sample] {
    let cases: [(Shape, Shape)] = [
      ([3, 3], [3, 2]), ([1, 1], [1, 3]), ([2, 3, 3], [2, 3, 1]), ([0, 0], [0, 2]), ([2, 2], [2, 0]),
      ([0, 2, 2], [0, 2, 1]), ([2, 1, 4, 4], [2, 1, 4, 2]),
    ]
    return cases.flatMap { matrix, right in
      [false, true].map { Sample(Solve(isTransposed: $0), dominant(matrix), operands.spread(right, salt: 3)) }
    } + [
      // Rows that must be exchanged.
      Sample(
        Solve(), operands.exactly([0.1, 2, -1, 3, 0.5, 0.25, 1, -0.5, 4], [3, 3]), operands.spread([3, 2], salt: 3)),
      Sample(
        Solve(), operands.exactly([1, .nan, 0, 2], [2, 2]), operands.exactly([1, 2], [2, 1]), isSmooth: false),
    ]
  }

  var eliminations: [Sample] {
    rectangles.map { Sample(LU(), dominant($0)) } + odd(LU())
      + [
        // Rows that must be exchanged, and a matrix that is singular.
        Sample(LU(), operands.exactly([0.1, 2, -1, 3, 0.5, 0.25, 1, -0.5, 4], [3, 3])),
        Sample(LU(), operands.exactly([1, 2, 3, 2, 4, 6, 1, 1, 1], [3, 3]), isSmooth: false),
        Sample(LU(), operands.exactly([0, 0, 0, 0], [2, 2]), isSmooth: false),
      ]
  }

  var orthogonalizations: [Sample] {
    rectangles.map { Sample(QR(), dominant($0)) } + odd(QR()) + odd(QR(isFull: true))
      + [
        Sample(QR(isFull: true), dominant([3, 3])), Sample(QR(isFull: true), dominant([2, 2, 3])),
        Sample(QR(), operands.exactly([0, 0, 0, 0], [2, 2]), isSmooth: false),
        Sample(QR(isFull: true), dominant([3, 2]), isSmooth: false),
        Sample(QR(isFull: true), dominant([2, 3, 1]), isSmooth: false),
        Sample(QR(isFull: true), dominant([3, 0]), isSmooth: false),
      ]
  }

  var eigenvalues: [Sample] {
    squares.map { Sample(Eigh(), dominant($0)) } + odd(Eigh())
      + [
        Sample(Eigh(), operands.exactly([0, 1, 1, 0], [2, 2])),
        Sample(Eigh(), operands.exactly([3, 0, 0, 3], [2, 2]), isSmooth: false),
      ]
  }

  var singularValues: [Sample] {
    rectangles.map { Sample(SVD(), dominant($0)) } + odd(SVD())
  }

  var transforms: [Sample] {
    let cases: [(Shape, Int)] = [
      ([1], 0), ([2], 0), ([3], 0), ([4], 0), ([5], 0), ([6], 0), ([7], 0), ([8], 0), ([12], 0), ([16], 0), ([30], 0),
      ([37], 0), ([3, 4], 1), ([4, 3], 0), ([2, 6, 3], 1), ([9, 2], 0), ([0], 0), ([2, 0], 1), ([0, 3], 1),
      ([20, 5], 1),
    ]
    return cases.flatMap { shape, axis in
      [false, true].map {
        Sample(FFT(axis: axis, isInverse: $0), operands.spread(shape), operands.spread(shape, salt: 2))
      }
    }
  }
}
