import DescentGraph
import DescentTensors
import Testing

@Suite("barriers")
struct BarrierFunctionTests {
  private struct Pair: Codable {
    var weight = Parameter(Tensor([1, 2], .float64))
    var count = Tensor(integers: [3])
  }

  private let x = Tensor([0.5, -1], .float64)

  @Test func valuesPass() throws {
    #expect(try barrier(x).scalars() == [0.5, -1])
    let (pair, list, maybe) = try barrier(Pair(), [x, x * 2.0], Tensor?.none)
    #expect(try pair.weight.tensor?.scalars() == [1, 2] && pair.count.integers() == [3] && maybe == nil)
    #expect(try list.map { try $0.scalars() } == [[0.5, -1], [1, -2]])
    #expect(try barrier([Tensor]()).isEmpty)
    let wrong = x + Tensor([1, 2, 3], .float64)
    #expect(barrier(wrong).error != nil)
    #expect(throws: TensorError.self) { try barrier(x, wrong) }
  }

  @Test func derivativesPass() throws {
    func function(_ x: Tensor, _ y: Tensor) throws -> Tensor {
      let (a, b) = try barrier(sin(x), y * y)
      return (a * b).sum() + barrier(x).sum()
    }
    let (dx, dy) = try gradient(at: x, x * 3.0, of: function)
    func plain(_ x: Tensor, _ y: Tensor) -> Tensor { (sin(x) * y * y).sum() + x.sum() }
    let wanted = try gradient(at: x, x * 3.0, of: plain)
    #expect(try dx.scalars() == wanted.0.scalars() && dy.scalars() == wanted.1.scalars())
    let (_, tangent) = try jacobianVectorProduct(at: x, x, along: x, x * 0.0, of: function)
    let (_, same) = try jacobianVectorProduct(at: x, x, along: x, x * 0.0, of: plain)
    #expect(try tangent.item() == same.item())
    let second = try hessian(at: x) { barrier(exp(barrier($0))).sum() }
    #expect(try second.scalars() == hessian(at: x) { exp($0).sum() }.scalars())
  }

  @Test func examplesAndLoopsPass() throws {
    let rows = stacked([x, x * 2.0])
    let mapped: (Tensor) throws -> Tensor = vectorized(over: 0) { row in
      let (a, b) = try barrier(row, x)
      return a * b
    }
    let wanted = try (rows * x).scalars()
    #expect(try mapped(rows).scalars() == wanted)
    func loop(_ x: Tensor, _ isBarred: Bool) throws -> Tensor {
      try scan(over: rows, from: x) { state, row in
        let next = tanh(isBarred ? barrier(state * row) : state * row)
        return (next, next)
      }.outputs
    }
    let block = checkpointed { (x: Tensor) in try loop(x, true).sum() }
    #expect(try loop(x, true).scalars() == loop(x, false).scalars())
    let slope = try gradient(at: x) { try block($0) }
    let plain = try gradient(at: x) { try loop($0, false).sum() }
    #expect(try slope.scalars() == plain.scalars())
  }
}
