import DescentGraph
import DescentTensors
import Testing

/// A choice that is mapped over examples which choose differently.
@Suite("vectorized choices")
struct VectorizedChoiceTests {
  /// A function of a number that has no finite derivative on the other side of 0, and is another one there.
  private func halves(_ x: Tensor) throws -> Tensor {
    try cond(x .> 0, then: { sqrt(x) + log(x) }, else: { exp(-x) / (1 - x) })
  }

  /// The sum over examples of a mapped function, whose gradient mixes what the examples make of their arguments.
  private func total(_ x: Tensor, _ function: @escaping (Tensor) throws -> Tensor) throws -> Tensor {
    let mapped = vectorized(over: 0, of: function)
    return try mapped(x).sum()
  }

  private func close(_ a: Tensor, _ b: [Double]) throws -> Bool {
    let a = try a.scalars()
    return a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-12 * (1 + abs($1)) }
  }

  /// Each example alone, without a mapping.
  private func alone(_ numbers: [Double], _ derivative: (Tensor) throws -> Tensor) throws -> [Double] {
    try numbers.map { try derivative(Tensor($0, .float64)).item() }
  }

  /// Mixed examples; all of one side; one; and numbers at which the branch not taken is infinite or overflows.
  static let examples: [[Double]] = [
    [4, -2, 0, 9, -0.5], [-1, -2, 0], [1, 2, 3], [0], [5], [800, -2, 0, -1], [],
  ]

  @Test(arguments: examples) func valuesAndFirstDerivatives(_ numbers: [Double]) throws {
    let x = Tensor(numbers, shape: [numbers.count], .float64)
    let mapped = vectorized(over: 0, of: halves)
    #expect(try close(mapped(x), alone(numbers, halves)))
    let slopes = try gradient(at: x) { try total($0, halves) }
    let each = try alone(numbers) { try gradient(at: $0, of: halves) }
    #expect(try close(slopes, each), "\(slopes)")
    let forward = try jacobianVectorProduct(at: x, along: Tensor(onesLike: x)) { try mapped($0) }
    #expect(try close(forward.tangent, each))
  }

  @Test(arguments: examples) func secondDerivatives(_ numbers: [Double]) throws {
    let x = Tensor(numbers, shape: [numbers.count], .float64)
    let curved = try gradient(at: x) { x in try gradient(at: x) { try total($0, halves) }.sum() }
    let each = try alone(numbers) { x in try gradient(at: x) { try gradient(at: $0, of: halves) } }
    #expect(try close(curved, each), "\(curved)")
  }

  /// Mapped over rows and columns, with a weight that all examples share.
  @Test func nestedWithWeight() throws {
    let x = Tensor([4, -2, 0, -9, 1, 2], shape: [2, 3], .float64)
    func scaled(_ weight: Tensor) throws -> Tensor {
      let rows = vectorized(over: 0) { (row: Tensor) in
        let elements = vectorized(over: 0) { (x: Tensor) in
          try cond(x .> 0, then: { weight * sqrt(x) }, else: { weight * x })
        }
        return try elements(row)
      }
      return try rows(x).sum()
    }
    let slope = try gradient(at: Tensor(3.0, .float64)) { try scaled($0) }
    #expect(try close(slope, [2 - 2 + 0 - 9 + 1 + 2.0.squareRoot()]))
  }

  /// More than two branches, and indices that reach beyond them.
  @Test func severalBranches() throws {
    let (x, which) = (
      Tensor([4, -2, 0, 3], shape: [4], .float64), Tensor(integers: [-5, 1, 1, 7], shape: [4], .int32)
    )
    let slopes = try gradient(at: x) { x in
      let chosen = vectorized(over: 0, 0) { (x: Tensor, which: Tensor) in
        try branch(which, [{ sqrt(x) }, { x * x }, { log(x) }])
      }
      return try chosen(x, which).sum()
    }
    #expect(try close(slopes, [0.25, -4, 0, 1.0 / 3]))
  }

  /// A choice of one branch has nothing to choose, whatever the indices.
  @Test func oneBranch() throws {
    let (x, which) = (Tensor([4, 9], shape: [2], .float64), Tensor(integers: [3, -1], shape: [2], .int32))
    let chosen = vectorized(over: 0, 0) { (x: Tensor, which: Tensor) in try branch(which, [{ sqrt(x) }]) }
    #expect(try close(chosen(x, which), [2, 3]))
    #expect(try close(gradient(at: x) { try chosen($0, which).sum() }, [0.25, 1.0 / 6]))
  }
}
