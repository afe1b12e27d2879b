import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Loops and branches as users write them, against plain Swift.
@Suite("scan, cond, whileLoop")
struct ScanTests {
  struct Cell: Codable {
    var input = Parameter(Tensor([[0.3, -0.2], [0.1, 0.4]], .float64))
    var hidden = Parameter(Tensor([[0.5, 0.2], [-0.3, 0.1]], .float64))

    func callAsFunction(_ h: Tensor, _ x: Tensor) -> Tensor {
      guard let input = input.tensor, let hidden = hidden.tensor else { return h }
      return tanh(matmul(x, input) + matmul(h, hidden))
    }
  }

  private let xs = Tensor([[1, 2], [-1, 0.5], [0.3, -0.7], [2, 1]], .float64)
  private let h = Tensor([0.1, -0.2], .float64)

  private func isEven(_ n: Tensor) -> Tensor {
    let half: Tensor = n / 2.0
    let rest: Tensor = n - 2.0 * half
    return rest .== Tensor(integers: [0], shape: [])
  }

  /// A function of one example, applied to many.
  private func mapped(_ examples: Tensor, _ function: @escaping (Tensor) throws -> Tensor) throws -> Tensor {
    let wide: (Tensor) throws -> Tensor = vectorized(over: 0, of: function)
    return try wide(examples)
  }

  private func agree(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-12) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { ($0 - $1).magnitude <= tolerance * max(1, $1.magnitude) }
  }

  @Test func isALoop() throws {
    let cell = Cell()
    let (last, outputs) = try scan(over: xs, from: h) { h, x in
      let next = cell(h, x)
      return (next, next * x)
    }
    var (state, wanted): (Tensor, [Tensor]) = (h, [])
    for index in 0..<4 {
      let x = xs.sliced(index..<index + 1).reshaped([2])
      state = cell(state, x)
      wanted.append(state * x)
    }
    #expect(agree(try last.scalars(), try state.scalars()))
    #expect(outputs.shape == [4, 2])
    #expect(agree(try outputs.scalars(), try stacked(wanted).scalars()))
    let backwards = try scan(over: xs, from: h, reversed: true) { h, x in (cell(h, x), h) }.outputs
    #expect(agree(Array(try backwards.scalars().suffix(2)), try h.scalars()))
  }

  /// A state is a tensor, an array, or several arguments.
  @Test func statesOfEveryForm() throws {
    let (x, zero) = (Tensor([1, 2, 3]), Tensor(0))
    let one = try scan(over: x, from: zero) { s, x in (s + x, s * x) }
    let array = try scan(over: x, from: [zero, zero]) { s, x in ([s[0] + x, s[1] - x], s[0] * x) }
    let pair = try scan(over: x, from: zero, zero) { s, x in ((s.0 + x, s.1 - x), s.0 * x) }
    for (state, outputs) in [one, (array.state[0], array.outputs), (pair.state.0, pair.outputs)] {
      #expect(state.shape == [] && outputs.shape == [3])
      #expect(try state.item() == 6)
      #expect(try outputs.scalars() == [0, 2, 9])
    }
    #expect(try [array.state[1].item(), pair.state.1.item()] == [-6, -6])
  }

  /// Gradients reach parameters that the step takes from outside, the state and the sequence.
  @Test func gradientsOfEverything() throws {
    func loop(_ cell: Cell, _ h: Tensor, _ xs: Tensor) throws -> Tensor {
      let (last, outputs) = try scan(over: xs, from: h) { h, x in (cell(h, x), cell(h, x) * x) }
      return (last * last).sum() + outputs.sum()
    }
    func plain(_ cell: Cell, _ h: Tensor, _ xs: Tensor) -> Tensor {
      var (state, total) = (h, Tensor(0.0, .float64))
      for index in 0..<4 {
        let x = xs.sliced(index..<index + 1).reshaped([2])
        state = cell(state, x)
        total = total + (state * x).sum()
      }
      return (state * state).sum() + total
    }
    let found = try gradient(at: Cell(), h, xs) { try loop($0, $1, $2) }
    let wanted = try gradient(at: Cell(), h, xs) { plain($0, $1, $2) }
    #expect(agree(try found.0.input.tensor?.scalars() ?? [], try wanted.0.input.tensor?.scalars() ?? [1]))
    #expect(agree(try found.0.hidden.tensor?.scalars() ?? [], try wanted.0.hidden.tensor?.scalars() ?? [1]))
    #expect(agree(try found.1.scalars(), try wanted.1.scalars()))
    #expect(agree(try found.2.scalars(), try wanted.2.scalars()))
    let second = try gradient(at: h) { h in square(try gradient(at: h) { try loop(Cell(), $0, xs) }).sum() }
    let curve = try gradient(at: h) { h in square(try gradient(at: h) { plain(Cell(), $0, xs) }).sum() }
    #expect(agree(try second.scalars(), try curve.scalars()))
    let (product, straight) = (
      try hessianVectorProduct(at: h, along: h) { try loop(Cell(), $0, xs) },
      try hessianVectorProduct(at: h, along: h) { plain(Cell(), $0, xs) }
    )
    #expect(agree(try product.scalars(), try straight.scalars()))
  }

  @Test func statesOfAnyForm() throws {
    struct State: Codable {
      var sum: Tensor
      var parts: [String: Tensor]
      var steps = Tensor(integers: [0], shape: [])
      var name = "state"
    }
    let start = State(sum: Tensor(0.0, .float64), parts: ["last": h])
    let (state, outputs) = try scan(over: ["x": xs, "y": xs * 2.0], from: start) { state, slices in
      var state = state
      guard let x = slices["x"], let y = slices["y"] else { throw TensorError("test", "a slice is missing") }
      state.sum += (x * y).sum()
      state.parts["last"] = y
      state.steps += Tensor(integers: [1], shape: [])
      return (state, [state.sum, x.sum()])
    }
    #expect(state.name == "state")
    #expect(try state.steps.integers() == [4])
    #expect(try state.parts["last"]?.scalars() == [4, 2])
    let squares = try square(xs).sum().item()
    #expect(agree([try state.sum.item()], [2 * squares]))
    #expect(outputs.map(\.shape) == [[4], [4]])
    let (pair, counted) = try scan(length: 5, from: Tensor(1.0)) { value, index in (value * 2.0, index) }
    #expect(try pair.item() == 32)
    #expect(try counted.integers() == [0, 1, 2, 3, 4])
    let ((a, b), sums) = try scan(over: xs, from: h, h) { state, x in ((state.1, state.0 + x), state.0) }
    #expect(a.shape == [2] && b.shape == [2] && sums.shape == [4, 2])
    #expect(agree(try a.scalars(), [0.1 + 1.3, -0.2 + 1.3]))
    // No steps at all.
    let (none, nothing) = try scan(over: Tensor(zeros: [0, 2], .float64), from: h) { h, x in (h + x, x) }
    #expect(try none.scalars() == h.scalars())
    #expect(nothing.shape == [0, 2])
    let zero = try gradient(at: h) { h in
      try scan(over: Tensor(zeros: [0, 2], .float64), from: h) { h, x in (h * h + x, x) }.state.sum()
    }
    #expect(try zero.scalars() == [1, 1])
  }

  /// Loops within loops, choices within loops, loops within choices, gradients within loops.
  @Test func nested() throws {
    let table = Tensor([[1, 2, 3], [4, 5, 6]], .float64)
    func total(_ scale: Tensor) throws -> Tensor {
      try scan(over: table, from: Tensor(0.0, .float64)) { sum, row in
        let inner = try scan(over: row, from: sum) { s, x in (s * scale + x, s) }.state
        return (inner, inner)
      }.state
    }
    func plain(_ scale: Double) -> Double { [1, 2, 3, 4, 5, 6].reduce(0) { $0 * scale + $1 } }
    let scale = Tensor(0.7, .float64)
    #expect(agree([try total(scale).item()], [plain(0.7)]))
    let slope = try gradient(at: scale, of: total).item()
    #expect(agree([slope], [(plain(0.7 + 1e-6) - plain(0.7 - 1e-6)) / 2e-6], 1e-8))

    func zigzag(_ x: Tensor) throws -> Tensor {
      try scan(length: 4, from: x) { x, index in
        let next = try cond(isEven(index), then: { x * x }, else: { sin(x) })
        return (next, next)
      }.state
    }
    func plainZigzag(_ x: Double) -> Double { sin(pow(sin(x * x), 2)) }
    #expect(agree([try zigzag(Tensor(0.8, .float64)).item()], [plainZigzag(0.8)]))
    let bent = try gradient(at: Tensor(0.8, .float64)) { try zigzag($0) }.item()
    #expect(agree([bent], [(plainZigzag(0.8 + 1e-6) - plainZigzag(0.8 - 1e-6)) / 2e-6], 1e-8))

    // Descent within a loop: each step takes a gradient.
    let path = try scan(length: 50, from: Tensor([3, -2], .float64)) { w, _ in
      (w - 0.1 * (try gradient(at: w) { square($0).sum() }), w)
    }
    #expect(agree(try path.state.scalars(), [3, -2].map { $0 * pow(0.8, 50) }, 1e-10))
    // … and a gradient through all of them.
    let start = try gradient(at: Tensor([3, -2], .float64)) { start in
      try scan(length: 50, from: start) { w, _ in (w - 0.1 * (try gradient(at: w) { square($0).sum() }), w) }.state
        .sum()
    }
    #expect(agree(try start.scalars(), [pow(0.8, 50), pow(0.8, 50)], 1e-10))

    let chosen = try gradient(at: h) { h in
      try cond(
        h.sum() .> 0.0, then: { h.sum() },
        else: { try scan(over: xs, from: h) { h, x in (h * x, h) }.state.sum() })
    }
    // The products of the columns.
    #expect(agree(try chosen.scalars(), [-0.6, -0.7]))
  }

  @Test func choices() throws {
    func piece(_ x: Tensor) throws -> Tensor { try cond(x .> 1.0, then: { x * x }, else: { 3.0 * x }) }
    #expect(try piece(Tensor(2.0)).item() == 4)
    #expect(try piece(Tensor(0.5)).item() == 1.5)
    #expect(try gradient(at: Tensor(2.0), of: piece).item() == 4)
    #expect(try gradient(at: Tensor(0.5), of: piece).item() == 3)
    #expect(try gradient(at: Tensor(2.0)) { try gradient(at: $0, of: piece) }.item() == 2)
    let many = try mapped(Tensor([0, 1, 2, 3])) { try gradient(at: $0, of: piece) }
    #expect(try many.scalars() == [3, 3, 4, 6])
    let pair = try cond(Tensor(integers: [1], shape: []) .> 0) {
      [Tensor(1.0), h]
    } else: {
      [Tensor(2.0), h * 2.0]
    }
    #expect(try pair[0].item() == 1)
    #expect(try pair[1].scalars() == h.scalars())
    for (index, wanted) in [(-7, 10.0), (0, 10), (1, 20), (2, 30), (99, 30)] {
      let tensor = try branch(Tensor(integers: [index], shape: []), [10, 20, 30].map { value in { Tensor(value) } })
      #expect(try tensor.item() == wanted)
    }
  }

  @Test func loopsOfUnknownLength() throws {
    func root(_ x: Tensor) throws -> Tensor {
      try whileLoop(from: x, while: { abs($0 * $0 - x) .> 1e-12 }, do: { 0.5 * ($0 + x / $0) })
    }
    #expect(agree([try root(Tensor(2.0, .float64)).item()], [Double(2).squareRoot()]))
    let (_, slope) = try jacobianVectorProduct(at: Tensor(2.0, .float64), along: Tensor(1.0, .float64)) { try root($0) }
    #expect(agree([try slope.item()], [0.5 / Double(2).squareRoot()], 1e-6))
    let roots = try mapped(Tensor([1, 4, 1e4], .float64)) { try root($0) }
    #expect(agree(try roots.scalars(), [1, 2, 100]))
    let start = ["n": Tensor(integers: [27], shape: []), "steps": Tensor(integers: [0], shape: [])]
    let counted = try whileLoop(from: start) { state in
      (state["n"] ?? Tensor(0.0)) .!= Tensor(integers: [1], shape: [])
    } do: { state in
      guard let n = state["n"], let steps = state["steps"] else { return state }
      let one = Tensor(integers: [1], shape: [])
      return ["n": `where`(isEven(n), n / 2.0, 3.0 * n + one), "steps": steps + one]
    }
    #expect(try counted["steps"]?.integers() == [111])
    #expect(throws: TensorError.self) { try gradient(at: Tensor(2.0)) { try root($0) }.item() }
  }

  /// Dozens of examples through one loop.
  @Test func vectorizedLoops() throws {
    let cell = Cell()
    func last(_ h: Tensor) throws -> Tensor { try scan(over: xs, from: h) { h, x in (cell(h, x), h) }.state }
    let starts = Tensor([[0.1, 0.2], [-1, 1], [0, 0]], .float64)
    let all = try mapped(starts) { try last($0) }
    let each = try (0..<3).map { try last(starts.sliced($0..<$0 + 1).reshaped([2])) }
    #expect(agree(try all.scalars(), try stacked(each).scalars()))
    let slopes = try mapped(starts) { h in try gradient(at: h) { try last($0).sum() } }
    let straight = try (0..<3).map { index in
      try gradient(at: starts.sliced(index..<index + 1).reshaped([2])) { try last($0).sum() }
    }
    #expect(agree(try slopes.scalars(), try stacked(straight).scalars()))
  }
}
