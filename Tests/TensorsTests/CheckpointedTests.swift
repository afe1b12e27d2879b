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
        scan(over: x, from: x) { state, row in (state.checkpointed(policy: policy) { block($0 + row, w) }, row) }.state
          .sum()
      }
      let unrolled = try gradient(at: w) { w in
        scan(over: x, from: x) { state, row in (block(state + row, w), row) }.state.sum()
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

  private func told(_ body: () throws -> Tensor, _ message: String) {
    let error = #expect(throws: TensorError.self) { _ = try body().scalars() }
    #expect("\(error.map { "\($0.operation): \($0.message)" } ?? "none")" == message)
  }

  @Test func mistakes() throws {
    struct State: Codable { var h: Tensor }
    let (vector, truth) = (Tensor([1, 2]), Tensor([1, 2]).sum() .> 0.0)
    told(
      {
        try scan(over: Tensor(zeros: [3, 64]), from: State(h: Tensor(zeros: [32, 64]))) { s, x in
          (State(h: concatenated([s.h, Tensor(zeros: [32, 1])], axis: 1)), x)
        }.state.h
      },
      "scan: the state's `h` enters as float32[32, 64] and leaves as float32[32, 65]")
    told(
      { scan(over: vector, from: vector) { _, x in (x, x) }.state },
      "scan: the state enters as float32[2] and leaves as float32[]")
    told(
      { try scan(over: vector, from: vector) { (h: Tensor, x: Tensor) throws in (h, Tensor(try x.item())) }.outputs },
      "read: the value of float32[] is not known while a function is recorded; choose with where or cond, repeat with"
        + " whileLoop or scan, and read the function's result")
    told(
      { scan(over: Tensor(1.0), from: vector) { h, x in (h, x) }.state },
      "scan: the sequence is float32[] and has no axis to walk along")
    told(
      { try scan(over: [vector, Tensor([1, 2, 3])], from: vector) { h, x in (h, x[0]) }.state },
      "scan: sequence 1 (0) has 2 steps, sequence 1 (1) has 3")
    told(
      { try scan(over: [Tensor](), from: vector) { h, x in (h, h) }.state },
      "scan: there is no sequence to walk along; give a length instead")
    told({ try scan(length: -1, from: vector) { h, x in (h, x) }.state }, "scan: cannot take -1 steps")
    told(
      { try scan(over: vector, from: [vector]) { (h: [Tensor], x: Tensor) throws in (h + h, x) }.outputs },
      "scan: the state enters with 1 tensors and leaves with 2, or in another form: only the values of tensors may"
        + " change")
    told(
      { scan(over: vector, from: vector) { h, x in (h + Tensor([1, 2, 3]), x) }.state },
      "add: shapes [2] and [3] do not fit: sizes must be equal or 1")
    told(
      { cond(vector, then: { vector }, else: { vector }) },
      "cond: the predicate is float32[2], not bool[]; compare, or reduce with all() or any()")
    told(
      { cond(truth, then: { vector }, else: { Tensor(1.0) }) },
      "cond: the result comes from one branch as float32[] and comes from another as float32[2]")
    told({ branch(Tensor(1.0), [{ vector }]) }, "branch: the index is float32[], not one integer")
    told({ branch(Tensor(integers: [1], shape: []), []) }, "branch: there is no branch to choose")
    told(
      { whileLoop(from: vector, while: { $0 .> 0.0 }, do: { $0 }) },
      "whileLoop: the condition gives bool[2], not bool[]; compare, or reduce with all() or any()")
    told(
      { whileLoop(from: vector, while: { ($0 .> 0.0).any() }, do: { $0.sum() }) },
      "whileLoop: the state enters as float32[2] and leaves as float32[]")
    told(
      { try gradient(at: vector) { whileLoop(from: $0, while: { ($0 .< 9.0).any() }, do: { 2.0 * $0 }).sum() } },
      "whileLoop: has no gradient: how many steps a backward pass would have to keep is not known before the loop"
        + " runs; use scan with a fixed number of steps, or forward mode")
    told(
      {
        try customGradient(vector) {
          ($0, $0)
        } backward: { _, cotangent in
          cotangent.sum()
        }
      },
      "customGradient: the backward rule gives float32[] for the argument, which is float32[2]")
    told(
      {
        try customGradient(vector) {
          $0
        } tangent: { _, dx in
          dx.sum()
        }
      },
      "customGradient: the value comes from the function as float32[2] and comes from the tangent rule as float32[]")
    told(
      {
        try gradient(at: vector) { w in
          try customGradient(vector) {
            ($0 * w, $0)
          } backward: {
            $0 * $1
          }.sum()
        }
      },
      "customDerivative: uses a tensor from outside that is being differentiated; make it an argument, so that the rule"
        + " can say what its derivative is")
    told(
      { vector.checkpointed { $0 + Tensor([1, 2, 3]) } },
      "add: shapes [2] and [3] do not fit: sizes must be equal or 1")
  }
}
