import DescentTensors
import Foundation
import Testing

@testable import DescentMinimization

@Suite struct LinearSolverTests {
  private static let matrix: [[Double]] = [
    [4, 1, 0.5, 0], [1, 3, -0.5, 0.2], [0.5, -0.5, 2, 0.1], [0, 0.2, 0.1, 1],
  ]
  private let b: [Double] = [1, -2, 3, 0.5]

  private func tensor(_ rows: [[Double]]) -> Tensor { Tensor(rows, .float64) }

  private func direct(_ rows: [[Double]]) throws -> [Double] {
    try solve(tensor(rows), Tensor(b, .float64)).scalars()
  }

  private func isNear(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-8) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
  }

  @Test func conjugateGradientsEndAfterAsManyStepsAsUnknowns() throws {
    let a = try LinearOperator(tensor(Self.matrix))
    let found = try conjugateGradientSolve(a, b)
    #expect(found.isConverged && found.iterations <= 4)
    #expect(isNear(found.x, try direct(Self.matrix)))
    let diagonal = LinearOperator(rows: 4) { vector in zip(vector, [4.0, 3, 2, 1]).map { $0 / $1 } }
    let better = try conjugateGradientSolve(a, b, from: [1, 1, 1, 1], preconditioner: diagonal)
    #expect(better.isConverged && isNear(better.x, found.x))
    let negative = LinearOperator(rows: 4) { vector in vector.map { -$0 } }
    #expect(try !conjugateGradientSolve(negative, b).isConverged)
  }

  @Test func indefiniteMatrices() throws {
    var rows = Self.matrix
    rows[1][1] = -3
    rows[3][3] = -1
    let found = try minres(try LinearOperator(tensor(rows)), b)
    #expect(found.isConverged && found.iterations <= 5)
    #expect(isNear(found.x, try direct(rows)))
    let zero = try minres(try LinearOperator(tensor(rows)), [0, 0, 0, 0])
    #expect(zero.isConverged && zero.x == [0, 0, 0, 0])
    let diagonal = LinearOperator(rows: 4) { vector in zip(vector, [4.0, 3, 2, 1]).map { $0 / $1 } }
    let better = try minres(try LinearOperator(tensor(rows)), b, preconditioner: diagonal)
    #expect(better.isConverged && isNear(better.x, found.x))
  }

  /// Badly scaled equations need few products where the scales are known.
  @Test func preconditionersSaveProducts() throws {
    let count = 60
    let scales = (0..<count).map { pow(10, Double($0 % 7) - 3) }
    // A tridiagonal matrix between scales, with negative numbers on its diagonal.
    let a = LinearOperator(rows: count) { vector in
      (0..<count).map { row in
        let next = row + 1 < count ? 0.2 * scales[row + 1] * vector[row + 1] : 0
        let last = row > 0 ? 0.2 * scales[row - 1] * vector[row - 1] : 0
        return scales[row] * ((row.isMultiple(of: 3) ? -1 : 1) * scales[row] * vector[row] + next + last)
      }
    }
    let right = (0..<count).map { sin(Double($0)) * scales[$0] }
    let inverse = LinearOperator(rows: count) { vector in zip(vector, scales).map { $0 / ($1 * $1) } }
    let plain = try minres(a, right, iterations: 100)
    let better = try minres(a, right, preconditioner: inverse, iterations: 100)
    #expect(better.isConverged && !plain.isConverged && better.iterations < 60, "\(better.iterations)")
    #expect(norm(difference(try a(better.x), right)) <= 1.1e-10 * norm(right))

    let tall = LinearOperator(
      rows: count, columns: 4,
      transposed: { vector in
        (0..<4).map { column in
          vector.indices.reduce(0) { $0 + scales[column] * cos(Double($1 * (column + 1))) * vector[$1] }
        }
      }
    ) { vector in
      (0..<count).map { row in
        (0..<4).reduce(0) { $0 + scales[$1] * cos(Double(row * ($1 + 1))) * vector[$1] }
      }
    }
    let unscaled: @Sendable ([Double]) -> [Double] = { vector in zip(vector, scales).map { $0 / $1 } }
    let columns = LinearOperator(rows: 4, transposed: unscaled, unscaled)
    let goal = [1.0, -2, 0.5, 3]
    let found = try lsmr(tall, try tall(goal), preconditioner: columns, iterations: 12)
    #expect(found.isConverged && isNear(found.x, goal, 1e-8), "\(found)")
    #expect(try !isNear(lsmr(tall, tall(goal), iterations: 4).x, goal, 1e-8))
    #expect(throws: TensorError.self) { try lsmr(tall, right, preconditioner: inverse) }
  }

  @Test(arguments: [1, 2, 3, 50]) func anySquareMatrix(restart: Int) throws {
    var rows = Self.matrix
    rows[0][3] = 0.8
    rows[2][0] = -0.7
    let a = try LinearOperator(tensor(rows))
    let found = try gmres(a, b, restart: restart, iterations: 400)
    #expect(found.isConverged, "\(found)")
    #expect(isNear(found.x, try direct(rows)))
    if restart == 50 { #expect(found.iterations <= 4) }
    let diagonal = LinearOperator(rows: 4) { vector in zip(vector, [4.0, 3, 2, 1]).map { $0 / $1 } }
    let better = try gmres(a, b, from: [1, 0, 0, 0], preconditioner: diagonal, restart: restart, iterations: 400)
    #expect(better.isConverged && isNear(better.x, found.x))
  }

  @Test func leastSquares() throws {
    let tall: [[Double]] = [[1, 2], [3, 4], [5, 6.5], [7, 8]]
    let a = try LinearOperator(tensor(tall))
    let found = try lsmr(a, b)
    let m = tensor(tall)
    let normal = matmul(m.transposed(), m)
    let right = matmul(m.transposed(), Tensor(b, .float64).reshaped([4, 1]))
    #expect(found.isConverged)
    #expect(isNear(found.x, try solve(normal, right).scalars(), 1e-7))
    let damped = try lsmr(a, b, damping: 0.5)
    let shifted = normal + 0.25 * Tensor(identity: 2, .float64)
    #expect(isNear(damped.x, try solve(shifted, right).scalars(), 1e-7))
    let square = try lsmr(try LinearOperator(tensor(Self.matrix)), b)
    #expect(square.isConverged && square.residual < 1e-9)
    #expect(isNear(square.x, try direct(Self.matrix), 1e-7))
  }

  @Test func productsAgree() throws {
    let tall: [[Double]] = [[1, 2], [3, 4], [5, 6.5]]
    let a = try LinearOperator(tensor(tall))
    #expect(try a([1, 10]) == [21, 43, 70])
    let (u, v) = ([1.0, -2, 3], [0.5, 4])
    #expect(try abs(dot(u, a(v)) - dot(a.applyTransposed(u), v)) < 1e-12)
  }

  @Test func mistakesAreNamed() throws {
    let a = try LinearOperator(tensor([[1, 2], [3, 4], [5, 6]]))
    #expect(throws: TensorError.self) { try a([1, 2, 3]) }
    #expect(throws: TensorError.self) { try conjugateGradientSolve(a, [1, 2, 3]) }
    #expect(throws: TensorError.self) { try gmres(a, [1, 2, 3]) }
    #expect(throws: TensorError.self) { try minres(a, [1, 2, 3]) }
    #expect(throws: TensorError.self) { try lsmr(a, [1, 2]) }
    #expect(throws: TensorError.self) { try LinearOperator(Tensor([1.0, 2])) }
    let forward = LinearOperator(rows: 2) { $0 }
    #expect(throws: TensorError.self) { try forward.applyTransposed([1, 2]) }
    let wrong = LinearOperator(rows: 2) { vector in vector + [1] }
    #expect(throws: TensorError.self) { try wrong([1, 2]) }
    #expect(throws: TensorError.self) {
      try conjugateGradientSolve(forward, [1, 2], preconditioner: a)
    }
  }
}
