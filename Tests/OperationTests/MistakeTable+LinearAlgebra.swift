import DescentGraph

extension MistakeTable {
  static var linearAlgebra: [Mistake] {
    let solve = TriangularSolve(isLeft: true, isLower: true)
    return [
      Mistake(
        Cholesky(), floats(3), message: "cholesky: takes matrices in the last two axes, not the shape [3]"),
      Mistake(Cholesky(), floats(2, 3), message: "cholesky: takes square matrices, not 2 × 3 ones: [2, 3]"),
      Mistake(Cholesky(), integers(2, 2), message: "cholesky: takes floating-point numbers, not int32"),
      Mistake(Eigh(), floats(4, 2, 3), message: "eigh: takes square matrices, not 2 × 3 ones: [4, 2, 3]"),
      Mistake(LU(), floats(), message: "lu: takes matrices in the last two axes, not the shape []"),
      Mistake(LU(), booleans(2, 2), message: "lu: takes floating-point numbers, not bool"),
      Mistake(QR(), floats(2), message: "qr: takes matrices in the last two axes, not the shape [2]"),
      Mistake(
        QR(isFull: true), floats(1 << 40, 0),
        message: "qr: the shape [1099511627776, 1099511627776] has more elements than can be addressed"),
      Mistake(SVD(), floats(2), message: "svd: takes matrices in the last two axes, not the shape [2]"),
      Mistake(SVD(), integers(2, 2), message: "svd: takes floating-point numbers, not int32"),
      Mistake(
        solve, floats(2, 3), floats(2, 3), message: "triangularSolve: takes square matrices, not 2 × 3 ones: [2, 3]"),
      Mistake(
        solve, floats(2, 2), floats(3, 2),
        message: "triangularSolve: a matrix [2, 2] on the left does not fit the other side [3, 2]"),
      Mistake(
        TriangularSolve(isLeft: false, isLower: true), floats(2, 2), floats(2, 3),
        message: "triangularSolve: a matrix [2, 2] on the right does not fit the other side [2, 3]"),
      Mistake(
        solve, floats(4, 2, 2), floats(2, 2),
        message: "triangularSolve: a matrix [4, 2, 2] on the left does not fit the other side [2, 2]"),
      Mistake(
        solve, floats(2, 2), TensorType([2, 2], .float64),
        message: "triangularSolve: element types differ: float32 and float64; convert one of them with converted(to:)"),
      Mistake(Solve(), floats(2, 3), floats(2, 1), message: "solve: takes square matrices, not 2 × 3 ones: [2, 3]"),
      Mistake(
        Solve(), floats(2, 2), floats(3, 1), message: "solve: matrices [2, 2] do not fit the right-hand sides [3, 1]"),
      Mistake(FFT(axis: 1), floats(2), floats(2), message: "fft: axis 1 does not exist in shape [2]"),
      Mistake(FFT(axis: 0), integers(2), integers(2), message: "fft: takes floating-point numbers, not int32"),
      Mistake(FFT(axis: 0), floats(2), floats(3), message: "fft: shapes differ: [2] and [3]"),
    ]
  }
}
