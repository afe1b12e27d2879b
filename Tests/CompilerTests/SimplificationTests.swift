import DescentGraph
import Testing

@testable import DescentCompiler

/// One row of the table: what is written, and which operations are left of it.
struct SimplificationCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let write: @Sendable (Symbol, Symbol) -> Symbol
  let left: [String]

  init(_ description: String, _ left: [String], _ write: @escaping @Sendable (Symbol, Symbol) -> Symbol) {
    testDescription = description
    self.left = left
    self.write = write
  }
}

@Suite struct SimplificationTests {
  static let cases: [SimplificationCase] = [
    SimplificationCase("x · 1", []) { x, _ in 1.0 * x },
    SimplificationCase("x · 0 stays, for NaN and infinities", ["constant", "broadcast", "multiply"]) { x, _ in 0.0 * x
    },
    SimplificationCase("x · −1", ["negate"]) { x, _ in -1.0 * x },
    SimplificationCase("x + 0 stays, for −0", ["constant", "broadcast", "add"]) { x, _ in x + 0 },
    SimplificationCase("x + (−0)", []) { x, _ in x + (-0.0) },
    SimplificationCase("x − 0", []) { x, _ in x - x.zeros },
    SimplificationCase("x + (−y)", ["subtract"]) { x, y in x + (-y) },
    SimplificationCase("x − (−y)", ["add"]) { x, y in x - (-y) },
    SimplificationCase("−(−x)", []) { x, _ in -(-x) },
    SimplificationCase("x / 8", ["constant", "broadcast", "multiply"]) { x, _ in x / x.constant(8) },
    SimplificationCase("x / 3", ["constant", "broadcast", "divide"]) { x, _ in x / x.constant(3) },
    SimplificationCase("x²", ["square"]) { x, _ in x.apply(Power(), x.constant(2)) },
    SimplificationCase("constants", ["constant", "broadcast", "multiply"]) { x, _ in (x.constant(2) + x.constant(3)) * x
    },
    SimplificationCase("select of equals", []) { x, y in x.selected(where: x.apply(Compare(.less), y), otherwise: x) },
    SimplificationCase("select by a constant", []) { x, y in
      x.selected(where: x.constant(1).apply(Compare(.greater), x.constant(0)), otherwise: y)
    },
    SimplificationCase("transposed twice", []) { x, _ in x.transposed([1, 0]).transposed([1, 0]) },
    SimplificationCase("reshaped twice", []) { x, _ in x.reshaped([24]).reshaped([2, 12]).reshaped([4, 6]) },
    SimplificationCase("reversed twice", ["reverse"]) { x, _ in
      x.apply(Reverse(axes: [0, 1])).apply(Reverse(axes: [1]))
    },
    SimplificationCase("slice of all", []) { x, _ in x.apply(Slice(starts: [0, 0], limits: [4, 6])) },
    SimplificationCase("slice of slice", ["slice"]) { x, _ in
      x.apply(Slice(starts: [1, 0], limits: [4, 6], steps: [1, 2])).apply(Slice(starts: [0, 1], limits: [2, 3]))
    },
    SimplificationCase("part of a concatenation", []) { x, y in
      y.builder.emit(Concatenate(axis: 0), [x, y])[0].apply(Slice(starts: [0, 0], limits: [4, 6]))
    },
    SimplificationCase("cut and joined", []) { x, _ in
      let parts = [x.apply(Slice(starts: [0, 0], limits: [4, 2])), x.apply(Slice(starts: [0, 2], limits: [4, 6]))]
      return x.builder.emit(Concatenate(axis: 1), parts)[0]
    },
    SimplificationCase("pad by nothing", []) { x, _ in x.apply(Pad(low: [0, 0], high: [0, 0]), scalar(x, 1)) },
    SimplificationCase("pad by less", ["slice"]) { x, _ in x.apply(Pad(low: [-1, 0], high: [0, -2]), scalar(x, 1)) },
    SimplificationCase("sum over no axes", []) { x, _ in x.apply(Reduce(.sum, axes: [])) },
    SimplificationCase("sum over one element", ["reshape"]) { x, _ in x.reshaped([1, 24]).sum(axes: [0]) },
    SimplificationCase("sum of repetitions", ["sum", "constant", "multiply"]) { x, _ in
      x.broadcast([5, 4, 6], axes: [1, 2]).sum(axes: [0, 1, 2])
    },
    SimplificationCase("maximum of repetitions", []) { x, _ in
      x.broadcast([5, 4, 6], axes: [1, 2]).apply(Reduce(.maximum, axes: [0]))
    },
    SimplificationCase("function of repetitions", ["exp", "broadcast"]) { x, _ in
      x.broadcast([5, 4, 6], axes: [1, 2]).apply(Exp())
    },
    SimplificationCase("stopped gradient", []) { x, _ in x.apply(StopGradient()) },
    SimplificationCase("there and back", []) { x, _ in x.converted(to: .float64).converted(to: .float32) },
    SimplificationCase("rounding stays", ["convert", "convert"]) { x, _ in
      x.converted(to: .int8).converted(to: .float32)
    },
    SimplificationCase("transposed product", ["dot"]) { x, y in
      x.apply(Dot(leftContracted: [1], rightContracted: [1]), y).transposed([1, 0])
    },
    SimplificationCase("rows with transposed matrices", ["reshape", "constant", "raggedDot"]) { x, y in
      x.apply(RaggedDot(), y.reshaped([1, 4, 6]).transposed([0, 2, 1]), sizes(x, 3))
    },
    SimplificationCase("transposed products of groups", ["constant", "raggedDot"]) { x, y in
      x.apply(RaggedDot(.rowsWithRows), y, sizes(x, 3)).transposed([0, 2, 1])
    },
    SimplificationCase("rows without terms", ["constant", "broadcast"]) { x, y in
      let nothing = Slice(starts: [0, 0], limits: [4, 0])
      return x.apply(nothing).apply(
        RaggedDot(.rowsWithTransposes),
        y.reshaped([1, 24]).apply(
          Slice(starts: [0, 0], limits: [1, 0])
        ).reshaped([1, 4, 0]), sizes(x, 3))
    },
    SimplificationCase("outer product", ["broadcast", "broadcast", "multiply"]) { x, y in
      x.apply(Dot(leftContracted: [], rightContracted: []), y)
    },
    SimplificationCase("nothing", ["constant"]) { x, _ in x.apply(Slice(starts: [0, 3], limits: [4, 3])).apply(Exp()) },
    SimplificationCase("sum of nothing", ["constant", "broadcast"]) { x, _ in
      x.apply(Slice(starts: [0, 3], limits: [4, 3])).sum(axes: [1])
    },
    SimplificationCase("slices of a sum", ["slice", "slice", "add", "exp"]) { x, y in
      (x + y).apply(Slice(starts: [0, 1], limits: [4, 3])).apply(Exp())
    },
    SimplificationCase("sum with a part in zeros", ["constant", "slice", "scatter"]) { x, y in
      let start = x.builder.constant(2, TensorType([1], .int32))
      return x + x.zeros.apply(DynamicUpdateSlice(axes: [0]), start, y.apply(Slice(starts: [1, 0], limits: [3, 6])))
    },
    SimplificationCase("concatenations of concatenations", ["exp", "concatenate"]) { x, y in
      let inner = x.builder.emit(Concatenate(axis: 0), [x, y])[0]
      return x.builder.emit(Concatenate(axis: 0), [inner, x.apply(Exp())])[0]
    },
    SimplificationCase("concatenations that are read twice stay", ["concatenate", "exp", "concatenate"]) { x, y in
      let inner = x.builder.emit(Concatenate(axis: 0), [x, y])[0]
      return x.builder.emit(Concatenate(axis: 0), [inner, inner.apply(Exp())])[0]
    },
    SimplificationCase("side by side", ["concatenate"]) { x, y in
      x.apply(Pad(low: [0, 0], high: [4, 0]), scalar(x, 0)) + y.apply(Pad(low: [4, 0], high: [0, 0]), scalar(x, 0))
    },
  ]

  @Test(arguments: cases) func table(row: SimplificationCase) throws {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(TensorType([4, 6], .float32)), builder.input(TensorType([4, 6], .float32)))
    let graph = try builder.graph(outputs: [row.write(x, y)])
    var records: [PassRecord] = []
    let simple = try graph.simplified(&records)
    try simple.check()
    #expect(simple.nodes.filter { !($0.operation is Input) }.map(\.operation.name) == row.left, "\(simple)")
    let arguments = graph.inputTypes.enumerated().map { index, type in
      ReferenceArray(type, reals: (0..<type.count).map { Double(($0 * 7 + index * 3) % 11) * 0.25 - 1 })
    }
    let (value, reference) = (try simple.evaluate(arguments)[0], try graph.evaluate(arguments)[0])
    #expect(value.type == reference.type)
    for (a, b) in zip(value.reals, reference.reals) { #expect((a - b).magnitude <= 1e-6 * max(1, b.magnitude)) }
  }

  @Test func passesAreRecorded() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorType([4], .float32))
    var records: [PassRecord] = []
    _ = try (try builder.graph(outputs: [1.0 * x])).simplified(&records)
    #expect(records.first == PassRecord("dead code", nodesBefore: 4, nodesAfter: 4))
    #expect(records.contains(PassRecord("rules 1", nodesBefore: 4, nodesAfter: 1)))
  }
}

/// The sizes of a single group.
private func sizes(_ symbol: Symbol, _ number: Double) -> Symbol {
  symbol.builder.constant(number, TensorType([1], .int32))
}

private func scalar(_ symbol: Symbol, _ number: Double) -> Symbol {
  symbol.builder.constant(number, symbol.type.with(shape: []))
}
