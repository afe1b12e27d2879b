import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Several arguments of different kinds at once, results that are tuples, and loops over several sequences with a state
/// of several parts.
@Suite("tuples of arguments and results")
struct TupleTests {
  private struct Layer: Codable, Sendable {
    var weight = Parameter(Tensor([0.5, -0.25, 1, 0.75, 0.1, -0.6], shape: [2, 3], .float64))
    var bias = Tensor([0.1, 0.2, 0.3], .float64)

    func callAsFunction(_ x: Tensor) -> Tensor { tanh(matmul(x, weight.tensor ?? x) + bias) }
  }

  private let x = Tensor([0.4, -0.7], .float64)
  private let dx = Tensor([1, 0.5], .float64)

  private func near(_ a: Tensor?, _ b: Tensor?, _ tolerance: Double = 1e-12) throws -> Bool {
    guard let a, let b, a.shape == b.shape, a.error == nil else { return false }
    return zip(try a.scalars(), try b.scalars()).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($1)) }
  }

  private func both(_ layer: Layer, _ x: Tensor) -> (Tensor, [Tensor]) {
    let y = layer(x)
    return (y, [square(y), x.sum()])
  }

  @Test func argumentsOfSeveralKinds() throws {
    let others = (["a": x, "b": dx], [dx], Tensor?.some(x))
    func energy(_ layer: Layer, _ named: [String: Tensor], _ list: [Tensor], _ maybe: Tensor?) -> Tensor {
      let (a, b, c) = (named["a"] ?? x, named["b"] ?? x, maybe ?? x)
      let sum: Tensor = a * 2.0 + b * list[0]
      return square(layer(sum + c)).sum()
    }
    let (layer, named, list, maybe) = try gradient(at: Layer(), others.0, others.1, others.2, of: energy)
    let at: Tensor = x * 2.0 + dx * dx + x
    let slope = try gradient(at: at) { square(Layer()($0)).sum() }
    #expect(try near(named["a"], slope * 2.0) && near(named["b"], slope * dx))
    #expect(try near(list[0], slope * dx) && near(maybe, slope))
    #expect(try near(layer.bias, gradient(at: Layer()) { square($0(at)).sum() }.bias))
    let along = (["a": dx, "b": x * 0.0], [x * 0.0], Tensor?.some(x * 0.0))
    var still = Layer()
    still.weight = Parameter(Tensor(zeros: [2, 3], .float64))
    still.bias = Tensor(zeros: [3], .float64)
    let (_, change) = try jacobianVectorProduct(
      at: Layer(), others.0, others.1, others.2, along: still, along.0, along.1, along.2, of: energy)
    #expect(try near(change, (slope * 2.0 * dx).sum()))
    let (_, curve, _, _) = try hessianVectorProduct(
      at: Layer(), others.0, others.1, others.2, along: still, along.0, along.1, along.2, of: energy)
    let bent = try hessianVectorProduct(at: at, along: 2.0 * dx) { square(Layer()($0)).sum() }
    #expect(try near(curve["a"], 2.0 * bent))
    let blocks = try hessianBlocks(at: Layer(), others.0, others.1, others.2, of: energy)
    #expect(blocks.paths == ["1.weight", "1.bias", "2.a", "2.b", "3.0", "4"])
  }

  @Test func functionsThatGiveTuples() throws {
    let rows = stacked([x, dx, x - dx])
    let mapped: (Layer, Tensor) throws -> (Tensor, [Tensor]) = vectorized(over: nil, 0) { both($0, $1) }
    let (first, second) = try mapped(Layer(), rows)
    #expect(try near(first, stacked([x, dx, x - dx].map { Layer()($0) })) && near(second[1], rows.sum(axes: [1])))

    let block = checkpointed { (x: Tensor, y: Tensor) in (sin(x) * y, cos(x)) }
    let (a, b) = try block(x, dx)
    #expect(try near(a, sin(x) * dx) && near(b, cos(x)))
    let slope = try gradient(at: x) { x in
      let (a, b) = try block(x, dx)
      return (a * b).sum()
    }
    #expect(try near(slope, gradient(at: x) { (sin($0) * dx * cos($0)).sum() }))

    let plan = compiled { (layer: Layer, x: Tensor) in
      let y = layer(x)
      return (y, ["sum": y.sum()])
    }
    let (y, named) = try plan(Layer(), x)
    #expect(try near(y, Layer()(x)) && near(named["sum"], y.sum()) && plan.compilationCount == 1)
    // The gradients of several arguments are a tuple themselves.
    let slopes = compiled { (x: Tensor, y: Tensor) in try gradient(at: x, y) { (sin($0) * $1).sum() } }
    let (dx1, dy1) = try slopes(x, dx)
    #expect(try near(dx1, cos(x) * dx) && near(dy1, sin(x)))
    let through = try gradient(at: x) { x in
      let (y, named) = try plan(Layer(), x)
      return y.sum() * (named["sum"] ?? y)
    }
    #expect(try near(through, gradient(at: x) { square(Layer()($0).sum()) }))

    let update = compiledUpdate { (state: inout [Tensor], x: Tensor) in
      state[0] = state[0] * x
      return (state[0].sum(), x * 2.0)
    }
    var state = [x + 0.0]
    let (total, twice) = try update(&state, dx)
    #expect(try near(state[0], x * dx) && near(total, (x * dx).sum()) && near(twice, dx * 2.0))

    for isFirst in [true, false] {
      let slope = try gradient(at: x) { x in
        let (first, second) = try cond(Tensor(isFirst ? 1.0 : 0.0) .> 0.5) {
          (x * 2.0, [x.sum()])
        } else: {
          let sum = x.sum()
          return (-x, [sum * sum])
        }
        return first.sum() + second[0]
      }
      let sum = try x.sum().item()
      #expect(try near(slope, Tensor(repeating: isFirst ? 3 : 2 * sum - 1, shape: [2], .float64)))
    }
  }

  @Test func loopsOverSeveralSequences() throws {
    let (xs, ys) = (stacked([x, dx, x]), Tensor([2, 3, 4], .float64))
    struct Walked: Codable { let x, y, weight: Tensor }
    let walked = Walked(x: xs, y: ys, weight: Tensor([1, -1, 0.5], .float64))
    let (last, outputs) = try scan(over: walked, from: x) { state, slice in
      let x = slice.x
      let next = state * slice.y + x * slice.weight
      return (next, [next, x])
    }
    let first: Tensor = x * 2.0 + x
    let second: Tensor = first * 3.0 - dx
    let third: Tensor = second * 4.0 + x * 0.5
    #expect(try near(last, third))
    #expect(try near(outputs[0], stacked([first, second, third])) && near(outputs[1], xs))
    let backwards = try scan(over: [xs, ys], from: x, reversed: true) { state, slice in
      (state * slice[1] + slice[0], state)
    }
    let latest: Tensor = (x * 4.0 + x) * 3.0 + dx
    #expect(try near(backwards.state, latest * 2.0 + x))

    let ((a, layer), sums) = try scan(over: xs, from: x, Layer()) { state, x in
      let (sum, layer) = state
      return ((sum + x * 2.0, layer), layer(x))
    }
    #expect(try near(a, x * 5.0 + dx * 2.0) && near(layer.bias, Layer().bias))
    #expect(sums.shape == [3, 3])

    // Adam's two moments beside the point.
    func moments(_ m: Tensor, _ v: Tensor, _ slope: Tensor) -> (Tensor, Tensor) {
      let first: Tensor = 0.9 * m + 0.1 * slope
      let second: Tensor = 0.99 * v + 0.01 * square(slope)
      return (first, second)
    }
    func stepped(_ w: Tensor, _ first: Tensor, _ second: Tensor) -> Tensor {
      let change: Tensor = 0.1 * first / (sqrt(second) + 1.0)
      return w - change
    }
    func descend(_ start: Tensor) throws -> (state: (Tensor, [Tensor]), outputs: Tensor) {
      try scan(over: ys, from: start, [start * 0.0, start * 0.0]) { state, y in
        let (w, memory) = state
        let slope = try gradient(at: w) { square($0 * y).sum() }
        let (first, second) = moments(memory[0], memory[1], slope)
        return ((stepped(w, first, second), [first, second]), slope.sum())
      }
    }
    func plain(_ start: Tensor) throws -> Tensor {
      var (w, m, v) = (start, start * 0.0, start * 0.0)
      for y in [2.0, 3, 4] {
        (m, v) = moments(m, v, w * (2 * y * y))
        w = stepped(w, m, v)
      }
      return w
    }
    #expect(try near(descend(x).state.0, plain(x)) && descend(x).outputs.shape == [3])
    #expect(try near(gradient(at: x) { try descend($0).state.0.sum() }, gradient(at: x) { try plain($0).sum() }))

    let error = #expect(throws: TensorError.self) {
      try scan(over: [xs, Tensor([1, 2], .float64)], from: x) { state, slice in (state, slice[0]) }
    }
    #expect(error?.message == "sequence 1 (0) has 3 steps, sequence 1 (1) has 2")
    let changed = #expect(throws: TensorError.self) {
      try scan(over: xs, from: x, [x]) { state, x in ((state.0, [x, x]), x) }
    }
    #expect(changed?.message.hasPrefix("the state enters with 2 tensors and leaves with 3") == true)
  }

  @Test func loopsOfUnknownLengthOverSeveralValues() throws {
    let (n, steps, layer) = try whileLoop(from: Tensor(40.0, .float64), Tensor(integers: [0]), Layer()) { n, _, _ in
      n .> 1.0
    } do: { n, steps, layer in
      let half = n / 2.0
      return (half, steps + Tensor(integers: [1]), layer)
    }
    #expect(try n.item() == 40.0 / 64 && steps.integers() == [6] && near(layer.bias, Layer().bias))
    let error = #expect(throws: TensorError.self) {
      try whileLoop(from: x, dx, while: { a, _ in a }, do: { a, b in (b, a) })
    }
    #expect(error?.message.hasPrefix("the condition gives float64[2], not bool[]") == true)
  }
}
