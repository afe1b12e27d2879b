import DescentGraph
import DescentTensors
import Testing

@Suite("checkpointed, customGradient")
struct CheckpointedTests {
  private let w = Tensor([[0.3, -0.2], [0.1, 0.4]], .float64)
  private let x = Tensor([[1, 2], [-1, 0.5]], .float64)

  private func block(_ x: Tensor, _ w: Tensor) -> Tensor { tanh(matmul(sin(matmul(x, w)).named("inner"), w)) }

  @Test func checkpointedIsPlain() throws {
    let wanted = try gradient(at: x, w) { x, w in block(block(x, w), w).sum() }
    for policy in [Retention.nothing, .products, .named(["inner"]), .everything] {
      let step: (Tensor, Tensor) throws -> Tensor = checkpointed(policy: policy) { x, w in block(x, w) }
      #expect(try step(x, w).scalars() == block(x, w).scalars())
      let found = try gradient(at: x, w) { x, w in try step(try step(x, w), w).sum() }
      #expect(try close(found.0, wanted.0))
      #expect(try close(found.1, wanted.1))
      // Weights from outside have gradients too.
      let captured = try gradient(at: w) { w in
        x.checkpointed(policy: policy) { block($0, w) }.checkpointed(policy: policy) { block($0, w) }.sum()
      }
      #expect(try close(captured, wanted.1))
      let second = try gradient(at: w) { w in square(try gradient(at: w) { try step(x, $0).sum() }).sum() }
      let plain = try gradient(at: w) { w in square(try gradient(at: w) { block(x, $0).sum() }).sum() }
      #expect(try close(second, plain))
      let looped = try gradient(at: w) { w in
        try scan(over: x, from: x) { state, row in (state.checkpointed(policy: policy) { block($0 + row, w) }, row) }
          .state
          .sum()
      }
      let unrolled = try gradient(at: w) { w in
        try scan(over: x, from: x) { state, row in (block(state + row, w), row) }.state.sum()
      }
      #expect(try close(looped, unrolled))
    }
  }

  private func close(_ a: Tensor, _ b: Tensor) throws -> Bool {
    let (a, b) = (try a.scalars(), try b.scalars())
    return a.count == b.count && zip(a, b).allSatisfy { ($0 - $1).magnitude < 1e-12 }
  }

  @Test func ownDerivatives() throws {
    // A gradient that is clipped on its way back.
    func clipped(_ x: Tensor) throws -> Tensor {
      try customGradient(x) { x in
        (2.0 * x, [Tensor]())
      } backward: { _, cotangent in
        maximum(minimum(2.0 * cotangent, 1.0), -1.0)
      }
    }
    let slope = try gradient(at: Tensor([1, -1, 0.1])) { (try clipped($0) * Tensor([5, -5, 0.2])).sum() }
    #expect(try slope.floats() == [1, -1, 0.4])

    let scale = Tensor(3.0, .float64)
    func product(_ a: Tensor, _ model: [String: Tensor]) throws -> Tensor {
      try customGradient(a, model) { a, model in
        let b = model["b"] ?? a
        return ((a * b).sum() * scale, a * b)
      } backward: { kept, cotangent in
        (cotangent * scale * kept, ["b": cotangent * kept])
      }
    }
    let (da, db) = try gradient(at: Tensor([1, 2], .float64), ["b": Tensor([3, 4], .float64)]) { try product($0, $1) }
    #expect(try da.scalars() == [9, 24])
    #expect(try db["b"]?.scalars() == [3, 8])

    func safeRoot(_ x: Tensor) throws -> Tensor {
      try customGradient(x) {
        sqrt($0)
      } tangent: { x, dx in
        dx / (2.0 * sqrt(x) + 1e-3)
      }
    }
    #expect(try gradient(at: Tensor(0.0, .float64)) { try safeRoot($0) }.item() == 1000)
    let (_, tangent) = try jacobianVectorProduct(at: Tensor(0.0, .float64), along: Tensor(2.0, .float64)) {
      try safeRoot($0)
    }
    #expect(try tangent.item() == 2000)
    let slopes: (Tensor) throws -> Tensor = vectorized(over: 0) { x in try gradient(at: x) { try safeRoot($0) } }
    let each = try slopes(Tensor([0, 0], .float64))
    #expect(try each.scalars() == [1000, 1000])
  }

  /// A rule for tangents may compute values and tangents in one choice or loop; reverse mode takes them apart.
  @Test func rulesThatHoldChoicesAndLoops() throws {
    func choice(_ x: Tensor) throws -> Tensor { try cond(x .> 0.0, then: { sin(x) }, else: { x }) }
    func loop(_ x: Tensor) throws -> Tensor {
      try scan(over: Tensor([1, 1], .float64), from: x) { h, _ in (sin(h), h) }.state
    }
    func halfSquare(_ x: Tensor, _ y: (Tensor) throws -> Tensor) throws -> Tensor {
      try customGradient(x) {
        0.5 * square(try y($0))
      } tangent: { x, dx in
        let (value, tangent) = try jacobianVectorProduct(at: x, along: dx) { try y($0) }
        return value * tangent
      }
    }
    for y in [choice, loop] {
      let found = try gradient(at: Tensor(0.7, .float64)) { try halfSquare($0, y) }.item()
      let wanted = try gradient(at: Tensor(0.7, .float64)) { 0.5 * square(try y($0)) }.item()
      #expect(wanted.magnitude > 0.1 && (found - wanted).magnitude < 1e-14, "\(found), not \(wanted)")
    }
  }
}
