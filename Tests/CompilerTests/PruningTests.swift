import DescentGraph
import Testing

@testable import DescentCompiler

/// Loops, choices and calls keep what is read of them, and nothing else.
@Suite struct PruningTests {
  private let number = TensorType([], .float64)
  private let row = TensorType([3], .float64)

  /// The graph as it was written and after the passes, held to the same values.
  private func simplified(
    _ types: [TensorType], _ write: (GraphBuilder, [Symbol]) throws -> [Symbol]
  ) throws -> Graph {
    let builder = GraphBuilder()
    let graph = try builder.graph(outputs: try write(builder, types.map { builder.input($0) }))
    var records: [PassRecord] = []
    let simple = try graph.simplified(&records)
    try simple.check()
    let arguments = types.enumerated().map { index, type in
      ReferenceArray(type, reals: (0..<type.count).map { 0.3 + 0.1 * Double($0) - 0.25 * Double(index) })
    }
    #expect(try simple.evaluate(arguments) == graph.evaluate(arguments))
    return simple
  }

  private func operations<Kind: Operation>(_ graph: Graph, _: Kind.Type) -> [Kind] {
    graph.nodes.compactMap { $0.operation as? Kind }
  }

  /// Two carried values that do not meet, and an output of each.
  private func pair() throws -> Scan {
    let step = try Body.write([number, number, row, row]) { _, x in
      let next = x[0].apply(Sin())
      return [next, x[1] * x[3].sum(axes: [0]), x[2] + next.broadcast([3], axes: []), x[1] * x[1]]
    }
    return Scan(step, length: 4, carryCount: 2, sequenceCount: 1)
  }

  @Test func unreadOutputsAreNotStacked() throws {
    let simple = try simplified([number, number, TensorType([4, 3], .float64), row]) { builder, x in
      [builder.emit(try pair(), x)[0]]
    }
    let scan = try #require(operations(simple, Scan.self).first)
    #expect((scan.carryCount, scan.sequenceCount, scan.resultCount) == (1, 0, 1))
    #expect(scan.body.inputTypes == [number])
  }

  @Test func aCarriedValueStaysWhereAnOutputReadsIt() throws {
    let simple = try simplified([number, number, TensorType([4, 3], .float64), row]) { builder, x in
      [builder.emit(try pair(), x)[3]]
    }
    let scan = try #require(operations(simple, Scan.self).first)
    // The second value, and the constant that it is multiplied by.
    #expect((scan.carryCount, scan.sequenceCount, scan.resultCount) == (1, 0, 2))
    #expect(scan.body.inputTypes == [number, row])
  }

  @Test func whatNoStepChangesIsAConstant() throws {
    let step = try Body.write([row, number]) { _, x in [x[0], x[1] * x[0].sum(axes: [0])] }
    let simple = try simplified([row, number]) { builder, x in
      builder.emit(Scan(step, length: 5, carryCount: 2, sequenceCount: 0), x)
    }
    let scan = try #require(operations(simple, Scan.self).first)
    #expect((scan.carryCount, scan.constants.count) == (1, 1))
    // The row is handed on without the loop.
    #expect(simple.outputs[0] == simple.inputs[0])
  }

  @Test func nestedLoopsArePrunedFromOutside() throws {
    let inner = try pair()
    let step = try Body.write([number, number, row]) { builder, x in
      let results = builder.emit(inner, [x[0], x[1], x[2].broadcast([4, 3], axes: [1]), x[2]])
      return [results[0], results[1]]
    }
    let simple = try simplified([number, number, row]) { builder, x in
      [builder.emit(Scan(step, length: 2, carryCount: 2, sequenceCount: 0), x)[0]]
    }
    let scan = try #require(operations(simple, Scan.self).first)
    #expect((scan.carryCount, scan.constants.count) == (1, 0))
    #expect(operations(scan.body.graph, Scan.self).map(\.resultCount) == [1])
  }

  @Test func choicesLoopsAndCallsToo() throws {
    let types = [row, row]
    let branches = [
      try Body.write(types) { _, x in [x[0].apply(Sin()), x[1].apply(Exp())] },
      try Body.write(types) { _, x in [x[0] * x[0], x[1]] },
    ]
    let test = try Body.write([number, number, row]) { _, x in [x[0].apply(Compare(.less), x[0].constant(3))] }
    let step = try Body.write([number, number, row]) { _, x in [x[0] + 1, x[1] * x[2].sum(axes: [0]), x[2]] }
    let simple = try simplified([number, row, row]) { builder, x in
      let index = x[0].apply(Compare(.less), x[0].constant(0)).converted(to: .int32)
      let chosen = builder.emit(Cond(branches), [index, x[1], x[2]])[0]
      let called = builder.emit(Call(branches[0], isIsolated: true), [x[1], x[2]])[1]
      let loop = WhileLoop(test, step, carryCount: 3)
      return [chosen + called, builder.emit(loop, [x[0], x[0], x[1]])[0]]
    }
    #expect(operations(simple, Cond.self).map(\.resultCount) == [1])
    #expect(operations(simple, Cond.self)[0].branches[0].inputTypes == [row])
    #expect(operations(simple, Call.self)[0].body.outputTypes == [row])
    #expect(operations(simple, Call.self)[0].body.inputTypes == [row])
    #expect(operations(simple, WhileLoop.self)[0].body.inputTypes == [number])
  }
}
