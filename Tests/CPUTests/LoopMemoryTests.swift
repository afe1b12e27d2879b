import DescentCPU
import DescentCompiler
import DescentGraph
import Testing

/// Loops write what they carry over what they carried before, wherever nothing else reads that any more.
@Suite struct LoopMemoryTests {
  private static let table = TensorType([64, 8], .float32)
  private static let row = TensorType([1, 8], .float32)
  private static let start = TensorType([1], .int32)

  /// A loop that replaces a row of a table in each step, and hands the number of the row on.
  private func replacing(_ table: Symbol, _ start: Symbol, _ rows: Symbol, length: Int) throws -> [Symbol] {
    let body = try Body.write([Self.table, Self.start, Self.row]) { builder, inputs throws(OperationError) in
      let (table, start, row) = (inputs[0], inputs[1], inputs[2])
      let old = table.apply(DynamicSlice(axes: [0], sizes: [1]), start)
      let new = (old + row).apply(Tanh())
      return [table.apply(DynamicUpdateSlice(axes: [0]), start, new), start + start.constant(3), old]
    }
    let scan = Scan(body, length: length, carryCount: 2, sequenceCount: 1)
    return table.builder.emit(scan, [table, start, rows])
  }

  private func arguments(_ builder: GraphBuilder, length: Int) -> (table: Symbol, start: Symbol, rows: Symbol) {
    (
      builder.input(Self.table), builder.input(Self.start),
      builder.input(Self.row.with(shape: Self.row.shape.prepending(length)))
    )
  }

  @Test(arguments: [0, 1, 2, 5]) func tablesAreUpdatedInPlace(length: Int) throws {
    let builder = GraphBuilder()
    let (table, start, rows) = arguments(builder, length: length)
    let graph = try builder.graph(outputs: try replacing(table, start, rows, length: length))
    try expectAgreement(graph)
    try expectAgreement(graph, donations: [Donation(input: 0, output: 0), Donation(input: 1, output: 1)])
    // No second table beside the one that is given out.
    #expect(try CPUBackend().compile(graph).statistics.arenaBytes < Self.table.byteCount)
  }

  @Test func donatedTablesStayWhereTheyAre() throws {
    let builder = GraphBuilder()
    let (table, start, rows) = arguments(builder, length: 3)
    let graph = try builder.graph(outputs: try replacing(table, start, rows, length: 3))
    let plan = try CPUBackend().compile(graph, donations: [Donation(input: 0, output: 0)], memoryLimit: nil)
    let inputs = try graph.inputTypes.enumerated().map { try randomArray($1, seed: $0).literal().buffer }
    let outputs = try plan.run(inputs)
    #expect(outputs[0] === inputs[0])
    // The loop, and no copy after it.
    #expect(plan.statistics.kernels == 1)
    #expect(plan.statistics.peakBytes < Self.table.byteCount)
  }

  @Test func whatIsReadLaterIsNotOverwritten() throws {
    let builder = GraphBuilder()
    let (table, start, rows) = arguments(builder, length: 4)
    let first = table.apply(Tanh())
    let results = try replacing(first, start, rows, length: 4)
    try expectAgreement(try builder.graph(outputs: results + [first + results[0]]))
    try expectAgreement(try builder.graph(outputs: [results[0].apply(Exp()), results[2]]))
  }

  @Test func stepsThatSwapOrStartAlike() throws {
    let type = TensorType([4, 4], .float32)
    let builder = GraphBuilder()
    let (x, y) = (builder.input(type), builder.input(type))
    func loop(_ carried: [Symbol], _ constants: [Symbol], _ step: @escaping ([Symbol]) -> [Symbol]) throws -> [Symbol] {
      let body = try Body.write((carried + constants).map(\.type)) { _, inputs throws(OperationError) in step(inputs) }
      return builder.emit(
        Scan(body, length: 3, carryCount: carried.count, sequenceCount: 0), carried + constants)
    }
    let start = x.apply(Sin())
    try expectAgreement(try builder.graph(outputs: try loop([x, y], []) { [$0[1], $0[0]] }))
    try expectAgreement(try builder.graph(outputs: try loop([x, y], []) { [$0[1].apply(Tanh()), $0[0] + $0[1]] }))
    try expectAgreement(try builder.graph(outputs: try loop([x], []) { [$0[0].transposed([1, 0]) + $0[0]] }))
    let product = Dot(leftContracted: [1], rightContracted: [0])
    try expectAgreement(
      try builder.graph(outputs: try loop([start, start], []) { [$0[0].apply(product, $0[1]), $0[1]] }))
    try expectAgreement(try builder.graph(outputs: try loop([start, start], []) { [$0[0] * $0[1], $0[1] + $0[0]] }))
    // The first carried value is a constant of the loop, too.
    try expectAgreement(try builder.graph(outputs: try loop([start], [start]) { [($0[0] + $0[1]).apply(Tanh())] }))
    try expectAgreement(
      try builder.graph(outputs: try loop([start], [start]) { [($0[0] + $0[1]).apply(Tanh())] }),
      donations: [Donation(input: 0, output: 0)])
  }

  @Test func loopsWithinLoops() throws {
    let builder = GraphBuilder()
    let (table, start, rows) = arguments(builder, length: 4)
    let inner = try Body.write([Self.table, Self.row]) { _, inputs throws(OperationError) in
      let first = inputs[1].builder.constant(1, Self.start)
      return [inputs[0].apply(DynamicUpdateSlice(axes: [0]), first, inputs[1].apply(Sin())) + inputs[0].constant(0.5)]
    }
    let outer = try Body.write([Self.table, Self.start, Self.row]) { builder, inputs throws(OperationError) in
      let table = builder.emit(Scan(inner, length: 2, carryCount: 1, sequenceCount: 0), [inputs[0], inputs[2]])[0]
      return [table.apply(DynamicUpdateSlice(axes: [0]), inputs[1], inputs[2]), inputs[1] + inputs[1].constant(1)]
    }
    let graph = try builder.graph(
      outputs: builder.emit(Scan(outer, length: 4, carryCount: 2, sequenceCount: 1), [table, start, rows]))
    try expectAgreement(graph)
    try expectAgreement(graph, donations: [Donation(input: 0, output: 0)])
  }

  @Test func whileLoopsToo() throws {
    let builder = GraphBuilder()
    let (table, start) = (builder.input(Self.table), builder.input(Self.start))
    let test = try Body.write([Self.table, Self.start]) { _, inputs throws(OperationError) in
      [inputs[1].reshaped([]).apply(Compare(.less), inputs[1].builder.constant(20, Self.start.with(shape: [])))]
    }
    let step = try Body.write([Self.table, Self.start]) { builder, inputs throws(OperationError) in
      let row = inputs[0].apply(DynamicSlice(axes: [0], sizes: [1]), inputs[1]).apply(Cos())
      return [
        inputs[0].apply(DynamicUpdateSlice(axes: [0]), inputs[1], row), inputs[1] + inputs[1].constant(7),
      ]
    }
    let graph = try builder.graph(
      outputs: builder.emit(WhileLoop(test, step, carryCount: 2), [table, start + start.constant(0)]))
    try expectAgreement(graph)
    try expectAgreement(graph, donations: [Donation(input: 0, output: 0)])
    #expect(try CPUBackend().compile(graph).statistics.arenaBytes < Self.table.byteCount)
  }

  /// Outside loops as well, a table of which a few rows change is not copied where it is given up.
  @Test func scatteringIntoDonatedTables() throws {
    let builder = GraphBuilder()
    let (table, start, rows) = arguments(builder, length: 1)
    let graph = try builder.graph(outputs: [
      table.apply(DynamicUpdateSlice(axes: [0]), start, rows.reshaped([1, 8]))
    ])
    try expectAgreement(graph, donations: [Donation(input: 0, output: 0)])
    let plan = try CPUBackend().compile(graph, donations: [Donation(input: 0, output: 0)], memoryLimit: nil)
    #expect(plan.statistics.kernels == 1)
    // An update that reads the table needs another one.
    let own = table.apply(Slice(starts: [1, 0], limits: [2, 8]))
    try expectAgreement(
      try builder.graph(outputs: [table.apply(DynamicUpdateSlice(axes: [0]), start, own)]),
      donations: [Donation(input: 0, output: 0)])
  }
}
