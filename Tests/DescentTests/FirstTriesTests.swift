import Descent
import Testing

/// Programs as one writes them at first, with `import Descent` alone: each is type-checked within the compiler's limits
/// only while few functions compete for a name.
@Suite struct FirstTriesTests {
  private let x = Tensor([1, 2, 3])

  @Test func gradients() throws {
    let slope = try gradient(at: x) { x in (x * x + 1).sum() }
    #expect(slope.shape == [3])
    #expect(try slope.scalars() == [2, 4, 6])
    let curve = try gradient(at: Tensor(3)) { x in x * x + 1 + x * 2 }
    #expect(try curve.item() == 8)
    let (a, b) = try gradient(at: x, x) { x, y in (x * x + y * 2).sum() }
    #expect(a.shape == [3] && b.shape == [3])
    #expect(try a.scalars() == [2, 4, 6])
    #expect(try b.scalars() == [2, 2, 2])
    let (value, steep) = try valueAndGradient(at: x) { x in (x * x - x / 2).sum() }
    #expect(try value.item() == 11)
    #expect(value.shape == [] && steep.shape == [3])
    #expect(try steep.scalars() == [1.5, 3.5, 5.5])
  }

  @Test func loops() throws {
    let short = try scan(over: x, from: Tensor(0)) { s, x in (s + x, s * x) }
    #expect(short.outputs.shape == [3])
    #expect(try short.outputs.scalars() == [0, 2, 9])
    let one = try scan(over: x, from: Tensor(0)) { s, x in
      let next = s + x * 2
      return (next, s * x + 1)
    }
    let pair = try scan(over: x, from: Tensor(0), Tensor(1)) { s, x in
      let next = (s.0 + x * 2, s.1 + 1)
      return (next, s.0 * x + 1)
    }
    for (state, outputs) in [one, (pair.state.0, pair.outputs)] {
      #expect(state.shape == [] && outputs.shape == [3])
      #expect(try state.item() == 12)
      #expect(try outputs.scalars() == [1, 5, 19])
    }
    #expect(try pair.state.1.item() == 4)
    let counted = try scan(length: 3, from: Tensor(1)) { s, i in (s * 2 + 1, s + 1) }
    #expect(try counted.state.item() == 15)
  }

  @Test func maps() throws {
    let f = vectorized { (x: Tensor) in x * x + 1 + x * 2 }
    #expect(try f(x).shape == [3])
    #expect(try f(x).scalars() == [4, 9, 16])
    let g = compiled { (x: Tensor, y: Tensor) in x * y + 1 + x * 2 }
    #expect(try g(x, x).shape == [3])
    #expect(try g(x, x).scalars() == [4, 9, 16])
  }
}
