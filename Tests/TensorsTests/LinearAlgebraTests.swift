import DescentGraph
import DescentTensors
import Foundation
import Testing

/// A matrix of numbers without a pattern, in float64.
private func numbers(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
  RandomKey(seed: seed).uniform(shape, low: -1, high: 1).converted(to: .float64)
}

private func unit(_ size: Int) -> Tensor {
  Tensor((0..<size).map { row in (0..<size).map { $0 == row ? 1 : 0 } }, .float64)
}

/// Whether two tensors agree to an absolute amount.
private func expectClose(
  _ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-11, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(a.shape == b.shape, sourceLocation: sourceLocation)
  let (x, y) = (try a.scalars(), try b.scalars())
  let worst = zip(x, y).map { abs($0 - $1) }.max() ?? 0
  #expect(worst <= tolerance && !x.contains { $0.isNaN }, "off by \(worst)", sourceLocation: sourceLocation)
}

/// The gradient of a weighted sum of what a function gives agrees with central differences.
private func expectGradient(
  at point: Tensor, _ tolerance: Double = 1e-6, sourceLocation: SourceLocation = #_sourceLocation,
  of function: (Tensor) -> Tensor
) throws {
  let value = function(point)
  let weights = numbers(value.shape, seed: 77)
  let direction = numbers(point.shape, seed: 78)
  let slope = try gradient(at: point) { (function($0) * weights).sum() }
  let found = try (slope * direction).sum().item()
  let step = 1e-5
  let ahead = try (function(point + direction * step) * weights).sum().item()
  let behind = try (function(point - direction * step) * weights).sum().item()
  let wanted = (ahead - behind) / (2 * step)
  #expect(
    abs(found - wanted) <= tolerance * max(1, abs(wanted)), "\(found) instead of \(wanted)",
    sourceLocation: sourceLocation)
}

@Suite("linear algebra")
struct LinearAlgebraTests {
  private let square = numbers([4, 4]) + 3.0 * unit(4)
  private let tall = numbers([5, 3], seed: 2)
  private let batch = numbers([2, 3, 3], seed: 3) + 3.0 * unit(3)

  @Test func decompositions() throws {
    let definite = matmul(square, square.transposed())
    let factor = cholesky(definite)
    try expectClose(matmul(factor, factor.transposed()), definite)
    #expect(try cholesky(-definite).scalars().allSatisfy { $0.isNaN })

    for matrix in [tall, tall.transposed(), square] {
      let (q, r) = qr(matrix)
      try expectClose(matmul(q, r), matrix)
      let whole = qr(matrix, full: true)
      try expectClose(matmul(whole.q, whole.r), matrix)
      try expectClose(matmul(whole.q.transposed(), whole.q), unit(matrix.shape[0]))

      let (u, s, vt) = svd(matrix)
      try expectClose(matmul(u * s, vt), matrix)
      #expect(try svdValues(matrix).scalars() == s.scalars())

      let (order, lower, upper) = lu(matrix)
      let rows = try order.integers().map { matrix.sliced($0..<$0 + 1) }
      try expectClose(matmul(lower, upper), concatenated(rows))
    }
    let (values, vectors) = eigh(square)
    try expectClose(matmul(vectors * values, vectors.transposed()), 0.5 * (square + square.transposed()))
    #expect(try eighValues(square).scalars() == values.scalars())
    try expectClose(eigh(batch).values.sum(axes: [-1]), batch.trace())
  }

  @Test func systems() throws {
    let right = numbers([4, 2], seed: 4)
    try expectClose(matmul(square, solve(square, right)), right)
    let vector = numbers([4], seed: 5)
    try expectClose(matmul(square, solve(square, vector)), vector)
    try expectClose(matmul(batch, inverse(batch)), unit(3).broadcast(to: [2, 3, 3]))
    // One right-hand side for a batch of matrices, and a batch of right-hand sides for one matrix.
    let shared = numbers([3, 2], seed: 6)
    try expectClose(matmul(batch, solve(batch, shared)), shared.broadcast(to: [2, 3, 2]))
    let many = numbers([5, 3, 2], seed: 7)
    let first = batch.sliced(0..<1).reshaped([3, 3])
    try expectClose(matmul(first, solve(first, many)), many)
    #expect(
      try solve(Tensor(zeros: [2, 2], .float64), Tensor([1, 2], .float64)).scalars().allSatisfy { !$0.isFinite })

    let lower = cholesky(matmul(square, square.transposed()))
    try expectClose(matmul(lower, triangularSolve(lower, right)), right)
    try expectClose(matmul(lower.transposed(), triangularSolve(lower, right, transposed: true)), right)
    let row = numbers([4], seed: 8)
    try expectClose(matmul(triangularSolve(lower, row, onRight: true), lower), row)
    try expectClose(
      triangularSolve(Tensor([[7, 0], [2, 9]], .float64), Tensor([1, 5], .float64), unitDiagonal: true),
      Tensor([1, 3], .float64))
  }

  @Test func leastSquaresAndPseudoInverses() throws {
    let right = numbers([5, 2], seed: 9)
    let solution = leastSquares(tall, right)
    // The rest is orthogonal to the columns.
    try expectClose(matmul(tall.transposed(), matmul(tall, solution) - right), Tensor(zeros: [3, 2], .float64))
    try expectClose(solution, matmul(pseudoInverse(tall), right))
    let wide = tall.transposed()
    let short = leastSquares(wide, numbers([3], seed: 10))
    try expectClose(matmul(wide, short), numbers([3], seed: 10))
    try expectClose(short, matmul(pseudoInverse(wide), numbers([3], seed: 10)))
    // Of deficient rank.
    let deficient = matmul(numbers([4, 2], seed: 11), numbers([2, 5], seed: 12))
    let inverse = pseudoInverse(deficient, relativeTolerance: 1e-10)
    try expectClose(matmul(matmul(deficient, inverse), deficient), deficient)
    try expectClose(matmul(inverse, deficient), matmul(inverse, deficient).transposed())
    #expect(try matrixRank(deficient).item() == 2)
    #expect(try matrixRank(stacked([unit(3), Tensor(zeros: [3, 3], .float64)])).integers() == [3, 0])
    #expect(try matrixRank(tall.converted(to: .float32)).item() == 3)
  }

  @Test func determinants() throws {
    #expect(try abs(determinant(Tensor([[1, 2], [3, 4]], .float64)).item() + 2) < 1e-14)
    #expect(try determinant(Tensor([[1, 2], [2, 4]], .float64)).item() == 0)
    #expect(try determinant(Tensor([[0, 1, 0], [0, 0, 1], [1, 0, 0]], .float64)).item() == 1)
    #expect(try determinant(Tensor([[0, 1, 0], [1, 0, 0], [0, 0, 1]], .float64)).item() == -1)
    #expect(try determinant(Tensor(zeros: [0, 0])).item() == 1)
    try expectClose(determinant(matmul(batch, batch)), determinant(batch) * determinant(batch), 1e-9)
    let (sign, logarithm) = logDeterminant(batch)
    try expectClose(sign * exp(logarithm), determinant(batch))
    // Out of the range of numbers, but not of their logarithms.
    let large = logDeterminant(-1e3 * unit(201))
    #expect(try large.sign.item() == -1)
    #expect(try abs(large.logarithm.item() - 201 * log(1e3)) < 1e-9)
    #expect(try logDeterminant(Tensor(zeros: [2, 2])).logarithm.item() == -.infinity)
    #expect(try logDeterminant(Tensor(zeros: [2, 2])).sign.item() == 0)
    // The derivative of a determinant is the matrix of cofactors, that of its logarithm the transpose of the inverse.
    let slope = try gradient(at: square) { logDeterminant($0).logarithm }
    try expectClose(slope, inverse(square).transposed())
  }

  /// The derivative of a determinant is the matrix of cofactors, whatever the rank.
  @Test func cofactors() throws {
    func cofactors(_ matrix: Tensor) throws -> Tensor {
      let size = matrix.shape[0]
      let elements = try matrix.scalars()
      return Tensor(
        try (0..<size).map { row in
          try (0..<size).map { column in
            let places = (0..<size * size).filter { $0 / size != row && $0 % size != column }
            let minor = Tensor(places.map { elements[$0] }, shape: [size - 1, size - 1], .float64)
            return try determinant(minor).item() * ((row + column) % 2 == 0 ? 1 : -1)
          }
        }, .float64)
    }
    let deficient = matmul(numbers([4, 3], seed: 21), numbers([3, 4], seed: 22))
    let matrices = [
      Tensor([[1, 2], [2, 4]], .float64), Tensor([[0, 1], [0, 0]], .float64), Tensor(zeros: [2, 2], .float64),
      Tensor([[0, 1, 0], [0, 0, 1], [0, 0, 0]], .float64), Tensor([[1, 1, 1], [1, 1, 1], [1, 1, 1]], .float64),
      Tensor([[0, 0, 0], [0, 2, 0], [0, 0, 3]], .float64), deficient, unit(3), square, Tensor(zeros: [3, 3], .float64),
      matmul(numbers([4, 2], seed: 23), numbers([2, 4], seed: 24)),
    ]
    for matrix in matrices {
      let wanted = try cofactors(matrix)
      try expectClose(gradient(at: matrix) { determinant($0) }, wanted, 1e-14)
      let slope = compiled { (x: Tensor) in try gradient(at: x) { determinant($0) } }
      try expectClose(slope(matrix), wanted, 1e-14)
    }
    // Of a batch, some of which are singular, one by one and mapped.
    let some = stacked([matrices[3], matrices[7], matrices[4]])
    let wanted = try stacked([cofactors(matrices[3]), cofactors(matrices[7]), cofactors(matrices[4])])
    try expectClose(gradient(at: some) { determinant($0).sum() }, wanted, 1e-14)
    let each: (Tensor) throws -> Tensor = vectorized(over: 0) { x in try gradient(at: x) { determinant($0) } }
    try expectClose(each(some), wanted, 1e-14)
    try expectGradient(at: square) { determinant($0) }
    // ∂²(ad − bc): the second derivative too, where singular values differ.
    for matrix in [Tensor([[1, 2], [2, 4]], .float64), unit(2), Tensor([[3, 1], [0, 2]], .float64)] {
      let second = try hessian(at: matrix) { determinant($0) }.reshaped([4, 4])
      try expectClose(second, Tensor([[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]], .float64), 1e-13)
    }
  }

  /// Equal singular values, none and a rank that is not full leave the derivative of a pseudo-inverse alone.
  @Test func derivativesOfPseudoInverses() throws {
    try expectClose(
      gradient(at: unit(3)) { pseudoInverse($0).sum() }, Tensor(repeating: -1, shape: [3, 3], .float64), 1e-14)
    try expectClose(
      gradient(at: Tensor(zeros: [2, 3], .float64)) { pseudoInverse($0).sum() }, Tensor(zeros: [2, 3], .float64))
    for matrix in [tall, tall.transposed(), square, batch] { try expectGradient(at: matrix) { pseudoInverse($0) } }
    // Along a way of one rank.
    let (left, right) = (numbers([4, 2], seed: 31), numbers([2, 5], seed: 32))
    try expectGradient(at: left) { pseudoInverse(matmul($0, right), relativeTolerance: 1e-10) }
    let second = try hessian(at: unit(2)) { pseudoInverse($0).sum() }
    try expectClose(second, hessian(at: unit(2)) { inverse($0).sum() }, 1e-13)
  }

  @Test func powersAndExponentials() throws {
    let small = 0.3 * square
    try expectClose(matrixPower(small, 5), matmul(small, matmul(matmul(small, small), matmul(small, small))))
    try expectClose(matrixPower(small, 0), unit(4))
    try expectClose(matmul(matrixPower(batch, -2), matmul(batch, batch)), unit(3).broadcast(to: [2, 3, 3]))

    try expectClose(matrixExponential(Tensor(zeros: [3, 3], .float64)), unit(3))
    // More squarings than any number needs are not recorded.
    let short = small.converted(to: .float32)
    try expectClose(matrixExponential(short, maximumSquarings: .max), matrixExponential(short), 1e-6)
    let angle = 2.5
    let turn = Tensor([[0, -angle], [angle, 0]], .float64)
    let wanted = Tensor(
      [[Foundation.cos(angle), -Foundation.sin(angle)], [Foundation.sin(angle), Foundation.cos(angle)]], .float64)
    try expectClose(matrixExponential(turn), wanted, 1e-14)
    // Large enough to be halved, and one that is not finite then.
    try expectClose(matrixExponential(200.0 * turn), matrixPower(wanted, 200), 1e-9)
    try expectClose(matrixExponential(turn.converted(to: .float32)).converted(to: .float64), wanted, 1e-5)
    try expectClose(matrixExponential(turn.converted(to: .float16)).converted(to: .float64), wanted, 5e-3)
    #expect(try matrixExponential(1e9 * turn, maximumSquarings: 2).scalars().allSatisfy { $0.isNaN })
    // Each matrix of a batch is scaled by itself.
    try expectClose(
      matrixExponential(stacked([turn, 40.0 * turn])),
      stacked([matrixExponential(turn), matrixExponential(40.0 * turn)]),
      1e-12)
  }

  @Test func norms() throws {
    let matrix = Tensor([[1, -2], [3, 4]], .float64)
    #expect(try abs(matrixNorm(matrix).item() - 30.squareRoot()) < 1e-14)
    #expect(try matrixNorm(matrix, .one).item() == 6)
    #expect(try matrixNorm(matrix, .infinity).item() == 7)
    let values = try svdValues(matrix).scalars()
    #expect(try matrixNorm(matrix, .spectral).item() == values[0])
    #expect(try matrixNorm(matrix, .nuclear).item() == values[0] + values[1])
    #expect(try conditionNumber(matrix).item() == values[0] / values[1])
    #expect(matrixNorm(batch).shape == [2])
    #expect(try gradient(at: Tensor(zeros: [2, 2])) { matrixNorm($0) }.scalars() == [0, 0, 0, 0])
    #expect(try matrixNorm(Tensor(zeros: [0, 3]), .spectral).item() == 0)
  }

  @Test func gradients() throws {
    try expectGradient(at: square, of: inverse)
    try expectGradient(at: square, of: determinant)
    try expectGradient(at: batch, of: determinant)
    try expectGradient(at: square) { solve($0, numbers([4], seed: 20)) }
    try expectGradient(at: numbers([4, 2])) { solve(square, $0) }
    try expectGradient(at: tall) { leastSquares($0, numbers([5], seed: 21)) }
    try expectGradient(at: tall.transposed()) { leastSquares($0, numbers([3, 2], seed: 22)) }
    try expectGradient(at: tall) { pseudoInverse($0) }
    try expectGradient(at: square) { matrixExponential($0) }
    try expectGradient(at: square) { matrixPower($0, -3) }
    try expectGradient(at: square) { matrixNorm($0, .spectral) }
    try expectGradient(at: square) { matrixNorm($0, .nuclear) }
    try expectGradient(at: square) { conditionNumber($0) }
    try expectGradient(at: square) { cholesky(matmul($0, $0.transposed())) }
    // The second derivative of x ↦ log det A(x) along a direction, against differences of the first.
    try expectGradient(at: square) { a in
      (try? gradient(at: a) { x in logDeterminant(x).logarithm }) ?? a
    }
  }

  @Test func products() throws {
    #expect(try outer(Tensor([1, 2]), Tensor([3, 4, 5])).scalars() == [3, 4, 5, 6, 8, 10])
    #expect(try inner(Tensor([[1, 2], [3, 4]]), Tensor([5, 6])).scalars() == [17, 39])
    #expect(try inner(Tensor(2.0), Tensor([5, 6])).scalars() == [10, 12])
    #expect(try vectorDot(Tensor([[1, 2], [3, 4]]), Tensor([5, 6])).scalars() == [17, 39])
    #expect(try vectorDot(Tensor([[1, 2], [3, 4]]), Tensor([[1, 1], [2, 2]]), axis: 0).scalars() == [7, 10])
    #expect(try kron(Tensor([[1, 2]]), Tensor([[1], [10]])).scalars() == [1, 2, 10, 20])
    #expect(kron(Tensor([1, 2]), Tensor([[1, 3]])).shape == [1, 4])
    #expect(try cross(Tensor([1, 0, 0]), Tensor([0, 1, 0])).scalars() == [0, 0, 1])
    #expect(try cross(Tensor([[1, 2, 3], [4, 5, 6]]), Tensor([3, 2, 1])).scalars() == [-4, 8, -4, -7, 14, -7])
    let (a, b) = (numbers([2, 3, 4]), numbers([3, 4, 5], seed: 2))
    try expectClose(tensordot(a, b), matmul(a.reshaped([2, 12]), b.reshaped([12, 5])))
    try expectClose(tensordot(a, b, axes: ([-1], [1])), einsum("abc,dce->abde", a, b))
    try expectClose(tensordot(numbers([2]), numbers([3]), axes: 0), outer(numbers([2]), numbers([3])))
    let chain = [numbers([7]), numbers([7, 20]), numbers([20, 2]), numbers([2, 15]), numbers([15])]
    try expectClose(multiDot(chain), matmul(matmul(matmul(matmul(chain[0], chain[1]), chain[2]), chain[3]), chain[4]))
    #expect(multiDot(chain).shape == [])
    try expectClose(multiDot(Array(chain[1...3])), matmul(matmul(chain[1], chain[2]), chain[3]))
    try expectClose(multiDot([tall]), tall)
  }

  @Test func mistakes() throws {
    func told(_ tensor: Tensor, _ message: String, sourceLocation: SourceLocation = #_sourceLocation) {
      let error = tensor.error.map { "\($0.operation): \($0.message)" }
      #expect(error == message, sourceLocation: sourceLocation)
    }
    let (vector, whole) = (Tensor([1, 2, 3]), Tensor(integers: [1, 2, 3, 4], shape: [2, 2]))
    let flat = Tensor(zeros: [2, 3])
    told(cholesky(vector), "cholesky: takes matrices in the last two axes, not the shape [3]")
    told(inverse(flat), "inverse: takes square matrices, not 2 × 3 ones: [2, 3]")
    told(determinant(flat), "determinant: takes square matrices, not 2 × 3 ones: [2, 3]")
    told(
      logDeterminant(whole).logarithm,
      "logDeterminant: takes floating-point numbers, not int32; convert them with converted(to: .float32)")
    told(solve(Tensor(zeros: [2, 2]), vector), "solve: the matrix [2, 2] does not fit the right-hand side [3] (2 ≠ 3)")
    told(
      solve(Tensor(zeros: [2, 2]), Tensor(1.0)), "solve: the right-hand side is a single number, not a vector or matrix"
    )
    told(
      solve(Tensor(zeros: [2, 2]), Tensor(zeros: [2], .float64)),
      "solve: element types differ: float32 and float64; convert one of them with converted(to:)")
    told(
      solve(Tensor(zeros: [2, 3, 3]), Tensor(zeros: [4, 3, 1])),
      "solve: batch axes do not fit: [2, 3, 3] and [4, 3, 1]")
    told(qr(vector).q, "qr: takes matrices in the last two axes, not the shape [3]")
    told(qr(vector).r, "qr: takes matrices in the last two axes, not the shape [3]")
    told(svd(vector).vt, "svd: takes matrices in the last two axes, not the shape [3]")
    told(lu(vector).upper, "lu: takes matrices in the last two axes, not the shape [3]")
    told(matrixPower(flat, 2), "matrixPower: takes square matrices, not 2 × 3 ones: [2, 3]")
    told(
      matrixExponential(Tensor(zeros: [2, 2]), maximumSquarings: -1),
      "matrixExponential: the number of squarings -1 is negative")
    told(outer(flat, vector), "outer: takes two vectors, not [2, 3] and [3]")
    told(inner(flat, Tensor([1, 2])), "inner: last sizes differ: [2, 3] and [2] (3 ≠ 2)")
    told(cross(Tensor([1, 2]), Tensor([1, 2])), "cross: axis -1 of [2] has 2 elements, not 3")
    told(tensordot(flat, flat, axes: 3), "tensordot: [2, 3] and [2, 3] do not have 3 axes each to sum over")
    told(tensordot(flat, flat, axes: ([0], [1])), "tensordot: axis 0 of [2, 3] pairs with axis 1 of [2, 3] (2 ≠ 3)")
    told(multiDot([]), "multiDot: needs at least one matrix")
    told(multiDot([flat, flat]), "multiDot: inner sizes differ: [2, 3] · [2, 3] (3 ≠ 2)")
    told(multiDot([flat, vector, flat]), "multiDot: tensor 2 has shape [3]; only the ends may be vectors")
    // A full decomposition has no derivative where its columns are free.
    #expect(throws: TensorError.self) { try gradient(at: Tensor(ones: [3, 2])) { qr($0, full: true).r.sum() } }
  }
}
