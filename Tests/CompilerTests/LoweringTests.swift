import DescentGraph
import Testing

@testable import DescentCompiler

/// A lowered graph means what the graph meant, and says of every value where it lies.
@Suite struct LoweringTests {
  private static let matrix = Dot(leftContracted: [1], rightContracted: [0])

  /// What a backend can do, as these tests need it.
  private struct Support: KernelSupport {
    var fused: @Sendable (OperationKind) -> Bool = { _ in true }
    var kernels: @Sendable (OperationKind) -> Bool = { _ in true }
    var repeated: @Sendable (OperationKind, Int) -> Bool = { _, _ in false }
    func fuses(_ operation: any FusedOperation, _ operands: [TensorType], _ results: [TensorType]) -> Bool {
      fused(type(of: operation).kind)
    }
    func hasKernel(_ operation: any Operation, _ operands: [TensorType], _ results: [TensorType]) -> Bool {
      kernels(type(of: operation).kind)
    }
    func computingType(_ operation: any Operation, _ elementType: ElementType) -> ElementType? {
      type(of: operation).kind == .dot && elementType == .float16 ? .float32 : nil
    }
    func readsRepeated(_ operation: any Operation, operand: Int) -> Bool {
      repeated(type(of: operation).kind, operand)
    }
  }

  /// The graph lowered, held to the same values, each view to the memory that it is said to show.
  private func lowered(
    _ types: [TensorType], donations: [Donation] = [], for support: Support = Support(),
    location: SourceLocation = #_sourceLocation, _ body: ([Symbol]) -> [Symbol]
  ) throws -> LoweredGraph {
    let builder = GraphBuilder()
    let graph = try builder.graph(outputs: body(types.map { builder.input($0) }))
    let lowered = try graph.lowered(for: support, donations: donations)
    try lowered.graph.check()
    let arguments = types.enumerated().map { index, type in
      ReferenceArray(type, reals: (0..<type.count).map { Double(($0 * 7 + index * 3) % 11) - 4 })
    }
    #expect(try lowered.graph.evaluate(arguments) == graph.evaluate(arguments), sourceLocation: location)
    var whole = lowered.graph
    whole.outputs = whole.nodes.indices.map { Value(node: $0) }
    let values = try whole.evaluate(arguments)
    for (index, view) in lowered.views.enumerated() {
      guard let (base, layout) = view else { continue }
      let shown = layout.places(whole.nodes[index].types[0].shape).map { values[base.node].reals[$0] }
      #expect(shown == values[index].reals, "\(whole.nodes[index].operation.name)", sourceLocation: location)
    }
    return lowered
  }

  private func floats(_ shapes: Shape...) -> [TensorType] { shapes.map { TensorType($0, .float64) } }

  private func names(_ lowered: LoweredGraph, _ means: KernelMeans) -> [String] {
    lowered.graph.nodes.indices.filter { lowered.means[$0] == means }.map { index in
      let node = lowered.graph.nodes[index]
      return node.kind == .input ? "input" : node.operation.name
    }
  }

  private func count(_ name: String, _ lowered: LoweredGraph) -> Int {
    zip(lowered.graph.nodes, lowered.graph.liveNodes()).count { $0.operation.name == name && $1 }
  }

  @Test func means() throws {
    let support = Support(fused: { $0 != .sin }, kernels: { $0 != .cos && $0 != .sort })
    let lowered = try lowered(floats([4, 6]), for: support) { x in
      let y = x[0].apply(Exp()).apply(Sin())
      let builder = x[0].builder
      return [
        y.transposed([1, 0]) + y.constant(2).transposed([1, 0]),
        builder.emit(Sort(axis: 0), [x[0].apply(Cumulative(.sum, axis: 0))])[0],
      ]
    }
    #expect(
      names(lowered, .kernel) == ["sin", "cumulativeSum"] || names(lowered, .kernel).first == "sin", "\(lowered.graph)")
    #expect(names(lowered, .reference) == ["sort"])
    #expect(names(lowered, .fused).contains("exp") && names(lowered, .fused).contains("add"))
    #expect(names(lowered, .given).allSatisfy { $0 == "input" || $0 == "constant" })
    #expect(names(lowered, .none).contains("transpose") && names(lowered, .none).contains("broadcast"))
  }

  /// A kernel reads packed operands: views are copied for it, and nothing else is.
  @Test func packedOperands() throws {
    let support = Support(fused: { _ in false })
    let plain = try lowered(floats([4, 6]), for: support) { x in [x[0].apply(Exp())] }
    #expect(count("copy", plain) == 0)
    let turned = try lowered(floats([4, 6]), for: support) { x in [x[0].transposed([1, 0]).apply(Exp())] }
    #expect(count("copy", turned) == 1)
    // Under another shape, a value is as packed as before.
    let reshaped = try lowered(floats([4, 6]), for: support) { x in [x[0].reshaped([3, 8]).apply(Exp())] }
    #expect(count("copy", reshaped) == 0)
    // A part may be packed, but does not begin where the memory begins, or end where it ends.
    for (starts, limits) in [([1, 0], [4, 6]), ([0, 0], [3, 6])] {
      let part = try lowered(floats([4, 6]), for: support) { x in
        [x[0].apply(Slice(starts: starts, limits: limits)).apply(Exp())]
      }
      #expect(count("copy", part) == 1)
    }
    // What is repeated is copied, unless the kernel reads one element for all.
    let repeated = try lowered(floats([]), for: support) { x in [x[0].broadcast([5], axes: []).apply(Exp())] }
    #expect(count("copy", repeated) == 1)
    let asked = Support(fused: { _ in false }, repeated: { kind, operand in kind == .exp && operand == 0 })
    let once = try lowered(floats([]), for: asked) { x in [x[0].broadcast([5], axes: []).apply(Exp())] }
    #expect(count("copy", once) == 0)
    let rows = try lowered(floats([5]), for: asked) { x in [x[0].broadcast([5, 2], axes: [0]).apply(Exp())] }
    #expect(count("copy", rows) == 1, "a row that is repeated is not one element")
    // Fused kernels read views where they lie.
    let fused = try lowered(floats([4, 6])) { x in [x[0].transposed([1, 0]).apply(Exp())] }
    #expect(count("copy", fused) == 0)
  }

  /// A view that strides cannot express, of a view: copied in between.
  @Test func viewsOfViews() throws {
    let both = try lowered(floats([4, 6])) { x in
      [x[0].apply(Tanh()).transposed([1, 0]).reshaped([24]).apply(Exp())]
    }
    #expect(count("copy", both) == 1)
    let parts = try lowered(floats([4, 6])) { x in
      [
        x[0].apply(Reverse(axes: [0])).apply(Slice(starts: [1, 1], limits: [4, 6], steps: [2, 2])).transposed([1, 0])
          .apply(Exp())
      ]
    }
    #expect(count("copy", parts) == 0)
  }

  /// Each output lies at the beginning of memory of its own.
  @Test func outputs() throws {
    #expect(count("copy", try lowered(floats([3])) { x in [x[0].apply(Exp())] }) == 0)
    // An input, unless it was given up for this very output.
    #expect(count("copy", try lowered(floats([3])) { x in [x[0]] }) == 1)
    #expect(count("copy", try lowered(floats([3]), donations: [Donation(input: 0, output: 0)]) { x in [x[0]] }) == 0)
    let exchanged = try lowered(
      floats([3], [3]), donations: [Donation(input: 0, output: 0), Donation(input: 1, output: 1)]
    ) { x in [x[1], x[0]] }
    #expect(count("copy", exchanged) == 2)
    // A constant, which all runs share.
    #expect(count("copy", try lowered(floats([])) { x in [x[0].constant(3), x[0].apply(Exp())] }) == 1)
    // One value for two outputs, and a part or another order of one.
    let twice = try lowered(floats([2, 3])) { x in
      let y = x[0].apply(Exp())
      return [y, y, y.reshaped([6]), y.transposed([1, 0]), y.apply(Slice(starts: [0, 0], limits: [1, 3]))]
    }
    #expect(count("copy", twice) == 4)
    #expect(Set(twice.graph.outputs.map { twice.base(of: $0) }).count == 5)
    let reshaped = try lowered(floats([2, 3])) { x in [x[0].apply(Exp()).reshaped([6])] }
    #expect(count("copy", reshaped) == 0)
  }

  /// Products of narrow numbers are computed in wider ones; indices that come along stay as they are.
  @Test func computingTypes() throws {
    let narrow = [TensorType([2, 3], .float16), TensorType([3, 2], .float16)]
    let lowered = try lowered(narrow) { x in [x[0].apply(Self.matrix, x[1])] }
    let dot = try #require(lowered.graph.nodes.first { $0.kind == .dot })
    #expect(dot.types[0].elementType == .float32)
    #expect(count("convert", lowered) == 3)
    #expect(lowered.graph.outputTypes[0].elementType == .float16)
    let wide = try self.lowered(floats([2, 3], [3, 2])) { x in [x[0].apply(Self.matrix, x[1])] }
    #expect(count("convert", wide) == 0)
  }

  @Test func concatenations() throws {
    let lowered = try lowered(floats([2, 3], [2, 2], [2, 1])) { x in
      [x[0].builder.emit(Concatenate(axis: 1), x.map { $0.apply(Exp()) })[0].apply(Tanh())]
    }
    let assembly = try #require(lowered.graph.nodes.lazy.compactMap(\.assembly).first)
    #expect(assembly.layouts == [0, 3, 5].map { Layout(offset: $0, strides: [6, 1]) })
    #expect(count("place", lowered) == 3)
    #expect(names(lowered, .none) == ["assemble"])
    let rows = try self.lowered(floats([2, 3], [1, 3])) { x in [x[0].builder.emit(Concatenate(axis: 0), x)[0]] }
    #expect(rows.graph.nodes.lazy.compactMap(\.assembly).first?.layouts.map(\.offset) == [0, 6])
  }

  /// Padding by any numbers along each axis: more or less than nothing on either side, and between neighbors.
  @Test func padding() throws {
    for low in [-3, -1, 0, 2] {
      for high in [-4, -2, 0, 1] {
        for interior in [0, 1, 2] where 5 + 4 * interior + low + high >= 0 {
          let pad = Pad(low: [low, 0], high: [high, 1], interior: [interior, 1])
          _ = try lowered(floats([5, 2], [])) { x in [x[0].apply(pad, x[1]).apply(Exp())] }
        }
      }
    }
    // What is cut off on both sides leaves the padding alone.
    let empty = try lowered(floats([2], [])) { x in
      [x[0].apply(Pad(low: [-2], high: [3], interior: [0]), x[1])]
    }
    #expect(count("place", empty) == 1)
    let nothing = try lowered(floats([2], [])) { x in
      [x[0].apply(Pad(low: [3], high: [-3], interior: [0]), x[1])]
    }
    #expect(count("place", nothing) == 1)
  }

  /// A product's operands are read where they lie if rows or columns have neighbors; else they are copied once.
  @Test func products() throws {
    for (permutations, copies) in [
      (([0, 1], [0, 1]), 0), (([1, 0], [0, 1]), 0), (([0, 1], [1, 0]), 0), (([1, 0], [1, 0]), 0),
    ] as [(([Int], [Int]), Int)] {
      let lowered = try lowered(floats([4, 4], [4, 4])) { x in
        [x[0].transposed(permutations.0).apply(Self.matrix, x[1].transposed(permutations.1))]
      }
      #expect(count("copy", lowered) == copies && names(lowered, .kernel) == ["dot"])
    }
    // Neither axis has its neighbors next to each other.
    let every = Slice(starts: [0, 0], limits: [4, 8], steps: [1, 2])
    let left = try lowered(floats([4, 8], [4, 4])) { x in [x[0].apply(every).apply(Self.matrix, x[1])] }
    #expect(count("copy", left) == 1)
    let right = try lowered(floats([4, 4], [4, 8])) { x in [x[0].apply(Self.matrix, x[1].apply(every))] }
    #expect(count("copy", right) == 1)
    // Two summed axes in one order on the left and in the other on the right.
    let both = Dot(leftContracted: [1, 2], rightContracted: [1, 0])
    let order = try lowered(floats([2, 3, 4], [4, 3, 5])) { x in [x[0].apply(both, x[1])] }
    #expect(count("copy", order) >= 1 && names(order, .kernel) == ["dot"])
    #expect(order.products.count == 1)
    let batched = Dot(leftBatch: [1], rightBatch: [0], leftContracted: [2], rightContracted: [2])
    let heads = try lowered(floats([2, 3, 4], [3, 5, 4])) { x in [x[0].apply(batched, x[1])] }
    let product = try #require(heads.products.values.first)
    #expect((product.rows, product.columns, product.terms) == (2, 5, 4))
    #expect(product.loops == [.init(count: 3, strides: [4, 20, 10])])
    #expect(product.left == .init(offset: 0, isTransposed: false, rowStride: 12))
    #expect(product.right == .init(offset: 0, isTransposed: true, rowStride: 4))
    #expect(product.flops == 2 * 2 * 5 * 4 * 3)
  }

  /// A view after a barrier waits for all that was computed before it, and for nothing that was given.
  @Test func barriers() throws {
    let lowered = try lowered(floats([3], [3])) { x in
      let passed = x[0].builder.emit(Barrier(), [x[0].apply(Exp()), x[1], x[1].apply(Tanh())])
      return [passed[0].apply(Sin()), passed[1].reshaped([3, 1]).apply(Cos())]
    }
    let nodes = lowered.graph.nodes
    let (exp, tanh) = (nodes.firstIndex { $0.kind == .exp }, nodes.firstIndex { $0.kind == .tanh })
    let wanted = [exp, tanh].compactMap { $0 }.sorted()
    #expect(lowered.waits.count == 4 && lowered.waits.values.allSatisfy { $0 == wanted })
    let cos = try #require(nodes.first { $0.kind == .cos })
    #expect(Set(lowered.sources(of: cos.operands[0])) == Set(wanted + [1]))
  }
}
