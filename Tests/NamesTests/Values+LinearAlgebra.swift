import Descent

extension NamesTests {
  private static let x = numbers(3, 4)
  private static let y = numbers(3, 4, seed: 2)

  static func products() -> Values {
    var values: Values = [:]
    let (three, v, w) = (numbers(2, 3, 4), numbers(7), numbers(5, seed: 1))
    let columns = y.transposed()
    values["matmul"] = [
      matmul(x, columns), matmul(three, numbers(4)), matmul(numbers(3), three), matmul(w, w),
    ]
    values["@"] = [matmul(x, columns)]
    values["einsum"] = [einsum("ij,kj->ik", x, y), einsum("ij,ij->j", x, y), einsum("ii->i", symmetric(3))]
    values["tensordot"] = [
      tensordot(three, numbers(3, 4, 2)), tensordot(three, numbers(3, 2), axes: ([1, 0], [0, 1])),
    ]
    values["inner"] = [inner(w, w.reversed()), inner(x, y)]
    values["outer"] = [outer(v, w)]
    values["kron"] = [kron(x[..<2, ..<2], y[..<2, ..<3])]
    values["linalg.vecdot"] = [vectorDot(x, y), vectorDot(x, y, axis: 0)]
    values["linalg.cross"] = [cross(x[.all, ..<3], y[.all, ..<3]), cross(x, y, axis: 0)]
    values["linalg.multi_dot"] = [multiDot([x, columns, numbers(3, 2)])]
    return values
  }

  static func linearAlgebra() -> Values {
    var values: Values = [:]
    let (s, columns) = (symmetric(4), y.transposed())
    let m = numbers(4, 4) + Tensor(identity: 4, .float64) * 3
    values["linalg.cholesky"] = [cholesky(s)]
    let (q, r) = qr(x.transposed())
    values["linalg.qr"] = [q, r]
    let triangles = lu(m)
    values["linalg.lu"] = [triangles.order, triangles.lower, triangles.upper]
    let parts = svd(x)
    values["linalg.svd"] = [parts.s, matmul(matmul(parts.u, parts.s.diagonalMatrix()), parts.vt)]
    let whole = svd(x, full: true)
    let turned = matmul(whole.vt, whole.vt.transposed())
    values["linalg.svd(full_matrices=True)"] = [whole.s, turned]
    let triangle = cholesky(s)
    values["cholesky_solve"] = [
      choleskySolve(triangle, columns[.all, ..<2]), choleskySolve(triangle.transposed(), columns, isUpper: true),
    ]
    values["cholesky_inverse"] = [choleskyInverse(triangle)]
    values["linalg.svdvals"] = [svdValues(x)]
    let (eigenvalues, vectors) = eigh(s)
    values["linalg.eigh"] = [
      eigenvalues, matmul(matmul(vectors, sqrt(eigenvalues).diagonalMatrix()), vectors.transposed()),
    ]
    values["linalg.eigvalsh"] = [eighValues(s)]
    values["linalg.solve"] = [solve(m, columns), solve(m, y[0]), solve(m, y, onRight: true)]
    values["linalg.solve_triangular"] = [
      triangularSolve(m, columns), triangularSolve(m, columns, lower: false),
      triangularSolve(m, columns, unitDiagonal: true), triangularSolve(m, y, lower: false, onRight: true),
    ]
    values["linalg.lstsq"] = [leastSquares(x.transposed(), numbers(4, 2))]
    values["linalg.inv"] = [inverse(m)]
    values["linalg.pinv"] = [pseudoInverse(x)]
    values["linalg.det"] = [determinant(m)]
    let logarithm = logDeterminant(-m)
    values["linalg.slogdet"] = [logarithm.sign, logarithm.logarithm]
    values["linalg.matrix_norm"] = [
      matrixNorm(x), matrixNorm(x, .nuclear), matrixNorm(x, .spectral), matrixNorm(x, .one), matrixNorm(x, .infinity),
      matrixNorm(x, .smallestSingularValue), matrixNorm(x, .smallestColumn), matrixNorm(x, .smallestRow),
    ]
    values["linalg.cond"] = [
      conditionNumber(m), conditionNumber(m, .one), conditionNumber(m, .frobenius), conditionNumber(m, .smallestColumn),
    ]
    let line = numbers(5, seed: 1)
    values["linalg.matrix_rank"] = [matrixRank(x), matrixRank(outer(line, line))]
    values["linalg.matrix_power"] = [matrixPower(m, 3), matrixPower(m, -2), matrixPower(m, 0)]
    values["linalg.matrix_exp"] = [matrixExponential(m)]
    return values
  }

  static func fourier() -> Values {
    var values: Values = [:]
    func parts(_ transforms: ComplexTensor...) -> [Tensor] { transforms.flatMap { [$0.real, $0.imaginary] } }
    let z = ComplexTensor(real: x, imaginary: y)
    values["fft.fft"] = parts(fft(z), fft(z, count: 5, axis: 0, norm: .orthonormal))
    values["fft.ifft"] = parts(inverseFFT(z), inverseFFT(z, count: 3, norm: .forward))
    values["fft.rfft"] = parts(realFFT(x), realFFT(x, count: 5, axis: 0))
    values["fft.irfft"] = [inverseRealFFT(z), inverseRealFFT(z, count: 5)]
    values["fft.rfft2"] = parts(realFFT2D(x))
    values["fft.irfft2"] = [inverseRealFFT2D(z), inverseRealFFT2D(z, counts: [3, 5])]
    values["fft.rfftn"] = parts(
      realFFTND(numbers(2, 3, 4)), realFFTND(x, counts: [2, 5], axes: [1, 0], norm: .orthonormal))
    values["fft.irfftn"] = [inverseRealFFTND(z), inverseRealFFTND(z, counts: [5], axes: [0], norm: .forward)]
    values["fft.hfft"] = [hermitianFFT(z), hermitianFFT(z, count: 5, norm: .orthonormal)]
    values["fft.ihfft"] = parts(
      inverseHermitianFFT(x), inverseHermitianFFT(x, count: 3, axis: 0, norm: .forward))
    values["fft.fft2"] = parts(fft2D(z))
    values["fft.ifft2"] = parts(inverseFFT2D(z))
    values["fft.fftn"] = parts(fftND(z), fftND(z, counts: [2], axes: [0]))
    values["fft.ifftn"] = parts(inverseFFTND(z))
    values["fft.fftfreq"] = [fftFrequencies(5, .float64), fftFrequencies(4, spacing: 0.5, .float64)]
    values["fft.rfftfreq"] = [realFFTFrequencies(5, .float64), realFFTFrequencies(4, spacing: 0.5, .float64)]
    values["fft.fftshift"] = [fftShift(x), fftShift(x, axes: [1])]
    values["fft.ifftshift"] = [inverseFFTShift(x), inverseFFTShift(x, axes: [0])]
    values["real"] = [z.real]
    values["imag"] = [z.imaginary]
    values["conj"] = parts(z.conjugate)
    return values
  }
}
