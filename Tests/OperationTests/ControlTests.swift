import DescentCPU
import DescentCompiler
import DescentDifferentiation
import Testing

@testable import DescentGraph

/// What the table cannot say of loops, branches and calls.
@Suite("control")
struct ControlTests {
  private let operands = Operands(float: .float64)
  private let number = TensorType([], .float64)
  private let count = TensorType([], .int32)
  private func floats(_ sizes: Int...) -> TensorType { TensorType(Shape(sizes), .float64) }

  /// A function of inputs of the given types.
  private func graph(_ types: [TensorType], _ body: (GraphBuilder, [Symbol]) -> [Symbol]) throws -> Graph {
    try Body.write(types) { builder, inputs in body(builder, inputs) }.graph
  }

  private func agrees(_ a: Graph, _ b: Graph, on arguments: [ReferenceArray], _ words: String) throws {
    for (index, (found, wanted)) in zip(try a.evaluate(arguments), try b.evaluate(arguments)).enumerated() {
      let fault = found.difference(from: wanted, tolerance: 1e-12)
      #expect(fault == nil, "\(words), output \(index): \(fault ?? "")")
    }
    let fault = try a.compiledFault(on: arguments, tolerance: 1e-11)
    #expect(fault == nil, "\(words), compiled: \(fault ?? "")")
  }

  /// A loop and the same steps written out: values, gradients, Hessian products.
  @Test func scanIsUnrolled() throws {
    let (length, size) = (6, 4)
    let matrix = Dot(leftContracted: [1], rightContracted: [0])
    let step = try Body.write([floats(size), floats(size), floats(size, size), floats(size)]) { _, inputs in
      let next = (inputs[2].apply(matrix, inputs[0]) + inputs[1] * inputs[3].apply(Exp())).apply(Tanh())
      return [next, next * inputs[1]]
    }
    let types = [floats(size), floats(length, size), floats(size, size), floats(size)]
    for isReversed in [false, true] {
      let loop = try graph(types) { builder, inputs in
        let scan = Scan(step, length: length, carryCount: 1, sequenceCount: 1, isReversed: isReversed)
        let results = builder.emit(scan, inputs)
        return [results[0].sum(axes: [0]) + results[1].apply(Square()).sum(axes: [0, 1])]
      }
      let unrolled = try graph(types) { builder, inputs in
        var (state, total) = (inputs[0], builder.constant(0, number))
        for index in 0..<length {
          let place = isReversed ? length - 1 - index : index
          let slice = inputs[1].apply(Slice(starts: [place, 0], limits: [place + 1, size])).reshaped([size])
          let results = builder.inline(step.graph, [state, slice, inputs[2], inputs[3]])
          state = results[0]
          total = total + results[1].apply(Square()).sum(axes: [0])
        }
        return [state.sum(axes: [0]) + total]
      }
      let arguments = types.enumerated().map { operands.spread($1.shape, -0.7...0.7, salt: UInt64($0 + 1)) }
      let directions = types.enumerated().map { operands.spread($1.shape, salt: UInt64($0 + 9)) }
      try agrees(loop, unrolled, on: arguments, "value")
      let all = Array(types.indices)
      let (slope, straight) = (try loop.gradient(parameters: all), try unrolled.gradient(parameters: all))
      try agrees(slope, straight, on: arguments, "gradient")
      try agrees(
        slope.jacobianVectorProduct(parameters: all), straight.jacobianVectorProduct(parameters: all),
        on: arguments + directions, "forward over reverse")
      let third = try slope.keeping(1...4).innerProduct(from: 0).gradient(parameters: all)
      let plain = try straight.keeping(1...4).innerProduct(from: 0).gradient(parameters: all)
      try agrees(third, plain, on: arguments + directions, "reverse over reverse")
      // Weights are read where they are: nothing of their size is stacked.
      let stacked = slope.nodes.flatMap(\.types).filter { $0.shape == [length, size, size] }
      #expect(stacked.isEmpty, "\(slope)")
    }
  }

  /// What a derivative reads is kept once: the value that follows cheaply from another one is not stacked.
  @Test func residualsAreFew() throws {
    let step = try Body.write([floats(8), floats(8)]) { _, inputs in
      let next = (inputs[0] + inputs[1]).apply(Tanh())
      return [next]
    }
    let loop = try graph([floats(8), floats(5, 8)]) { builder, inputs in
      [builder.emit(Scan(step, length: 5, carryCount: 1, sequenceCount: 1), inputs)[0].sum(axes: [0])]
    }
    let slope = try loop.gradient(parameters: [0, 1])
    let scans = slope.nodes.compactMap { $0.operation as? Scan }
    // The tanh alone; 1 − y is computed from it.
    #expect(scans.map(\.body.outputTypes.count) == [2, 2], "\(slope)")
  }

  @Test func whileLoopsHaveForwardMode() throws {
    let types = [number, count, floats(2)]
    let loop = WhileLoop(
      try Body.write(types) { _, x in [x[0].apply(Compare(.less), x[0].constant(20))] },
      try Body.write(types) { _, x in
        [x[0] * (x[2] * x[2]).sum(axes: [0]), x[1].apply(Add(), x[1].constant(1))]
      }, carryCount: 2)
    let whole = try graph(types) { builder, inputs in builder.emit(loop, inputs) }
    let arguments = [
      operands.exactly([1.1], []), operands.integers([0], .int32, []), operands.exactly([1, 1.5]),
    ]
    #expect(try whole.evaluate(arguments)[1].integers == [3])
    let derivative = try whole.jacobianVectorProduct(parameters: [0, 2])
    let directions = [operands.exactly([0.3], []), operands.exactly([-0.7, 0.4])]
    // x·s³ with s = 3.25.
    let s = 3.25
    let wanted = 0.3 * s * s * s + 1.1 * 3 * s * s * 2 * (1 * -0.7 + 1.5 * 0.4)
    #expect(agree(try derivative.evaluate(arguments + directions)[2].reals[0], wanted, 1e-12))
    let fault = try derivative.compiledFault(on: arguments + directions, tolerance: 1e-12)
    #expect(fault == nil)
    let error = #expect(throws: OperationError.self) { try whole.vectorJacobianProduct(parameters: [0]) }
    #expect(
      error?.description
        == "whileLoop: has no gradient: how many steps a backward pass would have to keep is not known before the loop"
        + " runs; use scan with a fixed number of steps, or forward mode")
    // Where no cotangent reaches the loop there is nothing to refuse.
    let stopped = try graph(types) { builder, inputs in
      [builder.emit(loop, inputs)[0].apply(StopGradient()) * inputs[0]]
    }
    let slope = try stopped.gradient(parameters: [0]).evaluate(arguments)[1].reals[0]
    #expect(agree(slope, 1.1 * s * s * s, 1e-12))
  }

  /// Examples that go different ways: each branch taken, loops of different length.
  @Test func batchedControlIsALoopOverExamples() throws {
    let types = [floats(2)]
    let branches = [
      try Body.write(types) { _, x in [x[0].apply(Exp())] },
      try Body.write(types) { _, x in [x[0].apply(Sin())] },
      try Body.write(types) { _, x in [x[0] * x[0]] },
    ]
    let choice = try graph([count, floats(2)]) { builder, inputs in builder.emit(Cond(branches), inputs) }
    let growing = WhileLoop(
      try Body.write([number, count]) { _, x in [x[0].apply(Compare(.less), x[0].constant(100))] },
      try Body.write([number, count]) { _, x in [3 * x[0], x[1].apply(Add(), x[1].constant(1))] }, carryCount: 2)
    let loop = try graph([number, count]) { builder, inputs in builder.emit(growing, inputs) }
    let indices = operands.integers([-3, 0, 1, 2, 9], .int32)
    try holdBatched(choice, [indices, operands.spread([5, 2])], [true, true])
    try holdBatched(choice, [indices, operands.spread([2])], [true, false])
    try holdBatched(
      choice.vectorJacobianProduct(parameters: [1]), [indices, operands.spread([5, 2]), operands.spread([2])],
      [true, true, false])
    try holdBatched(
      loop, [operands.exactly([1, 50, 200, 7, -.infinity].map { max($0, 0.5) }), indices], [true, true])
    try holdBatched(loop, [operands.exactly([2], []), indices], [false, true])
  }

  private func holdBatched(_ graph: Graph, _ arguments: [ReferenceArray], _ isBatched: [Bool]) throws {
    let size = 5
    let wide = try graph.batched(size: size, isBatched: isBatched)
    try wide.check()
    let found = try wide.evaluate(arguments)
    let each = try (0..<size).map { example in
      try graph.evaluate(
        zip(arguments, isBatched).map { argument, isBatched in
          guard isBatched else { return argument }
          let type = argument.type.with(shape: argument.type.shape.removing(axes: [0]))
          let places = (0..<type.count).map { example * type.count + $0 }
          return ReferenceArray(type, from: argument, at: places)
        })
    }
    for output in found.indices {
      let wanted = ReferenceArray.stacked(each.map { $0[output] }, as: graph.outputTypes[output])
      let fault = found[output].difference(from: wanted, tolerance: 1e-12)
      #expect(fault == nil, "\(fault ?? "")\n\(wide)")
    }
    let fault = try wide.compiledFault(on: arguments, tolerance: 1e-12)
    #expect(fault == nil)
  }

  @Test func customDerivatives() throws {
    let types = [floats(2), floats(2)]
    let body = try Body.write(types) { _, x in [x[0].apply(Exp()) * x[1]] }
    let forward = try Body.write(types) { _, x in
      let grown = x[0].apply(Exp())
      return [grown * x[1], grown, x[1]]
    }
    // The cotangent of the second argument is doubled on purpose, to show that the rule is what counts.
    let backward = try Body.write([floats(2), floats(2), floats(2)]) { _, x in
      [x[0] * x[1] * x[2], 2 * (x[0] * x[2])]
    }
    let rule = CustomDerivative(body, .reverse(forward: forward, backward: backward), argumentCount: 2)
    let step = try Body.write(types) { builder, x in [builder.emit(rule, [x[0], x[1]])[0]] }
    let arguments = [operands.exactly([0.3, -0.2]), operands.exactly([1.5, 0.7])]
    let whole = try graph(types) { builder, x in
      let once = builder.emit(rule, x)[0]
      let repeated = builder.emit(Scan(step, length: 1, carryCount: 1, sequenceCount: 0), x)[0]
      let called = builder.emit(Call(step, retention: .nothing), x)[0]
      return [(once + repeated + called).sum(axes: [0])]
    }
    let slope = try whole.gradient(parameters: [0, 1]).evaluate(arguments)
    let plain = try graph(types) { builder, x in [builder.inline(body.graph, x)[0].sum(axes: [0])] }
      .gradient(parameters: [0, 1]).evaluate(arguments)
    #expect(zip(slope[1].reals, plain[1].reals).allSatisfy { agree($0, 3 * $1, 1e-13) })
    #expect(zip(slope[2].reals, plain[2].reals).allSatisfy { agree($0, 6 * $1, 1e-13) })
    // The rules are plain graphs, so that the gradient has derivatives of its own.
    let curve = try whole.gradient(parameters: [0]).keeping([1]).jacobianVectorProduct(parameters: [0])
    let second = try curve.evaluate(arguments + [operands.exactly([1, 1])])[1].reals
    #expect(zip(second, plain[1].reals).allSatisfy { agree($0, 3 * $1, 1e-13) })
    let error = #expect(throws: OperationError.self) { try whole.jacobianVectorProduct(parameters: [0]) }
    #expect(
      error?.description
        == "customGradient: was given a derivative for reverse mode only; forward mode needs customGradient with a"
        + " rule for tangents")
  }

  /// The gradient of a chain of 16 blocks of four layers each, in which `bends` functions follow a product.
  private func chain(_ retention: Retention, size: Int, bends: Int = 1) throws -> Graph {
    let type = TensorType([size, size], .float32)
    let matrix = Dot(leftContracted: [1], rightContracted: [0])
    let block = try Body.write([type, type]) { _, inputs in
      var x = inputs[0]
      for _ in 0..<4 {
        x = x.apply(matrix, inputs[1])
        for _ in 0..<bends { x = x.apply(Tanh()) }
        x = x.apply(Named("layer"))
      }
      return [x]
    }
    return try graph([TensorType](repeating: type, count: 17)) { builder, inputs in
      var x = inputs[0]
      for weights in inputs.dropFirst() { x = builder.emit(Call(block, retention: retention), [x, weights])[0] }
      return [x.sum(axes: [0, 1])]
    }.gradient(parameters: Array(1...16))
  }

  /// A deep chain of blocks keeps one value a block instead of four.
  @Test func checkpointsSaveMemory() throws {
    func arena(_ retention: Retention) throws -> Int {
      try CPUBackend().compile(try chain(retention, size: 64)).statistics.arenaBytes
    }
    let value = 64 * 64 * 4
    let (everything, nothing) = (try arena(.everything), try arena(.nothing))
    let (products, named) = (try arena(.products), try arena(.named(["layer"])))
    print(
      "checkpointed chain of 64 layers: \(everything) bytes keeping everything, \(products) products,"
        + " \(named) named, \(nothing) nothing")
    #expect(everything > 60 * value)
    #expect(nothing < 30 * value)
    // Each layer keeps one value either way, so that these policies have nothing to save.
    #expect(nothing < named && named <= everything)
    #expect(nothing < products && products <= everything)
    // The derivative of a block is made once; the first block's, whose input does not move, is another one.
    let bodies = Set(try chain(.nothing, size: 64).nodes.compactMap { ($0.operation as? Call)?.body })
    #expect(bodies.count == 3)
  }

  /// Where several values of a layer are read again, keeping the products alone saves the others.
  @Test func policiesSaveMemoryWhereThereIsSome() throws {
    func arena(_ retention: Retention) throws -> Int {
      try CPUBackend().compile(try chain(retention, size: 64, bends: 4)).statistics.arenaBytes
    }
    let (everything, products) = (try arena(.everything), try arena(.products))
    #expect(2 * products < everything, "\(products) of \(everything) bytes")
    #expect(try arena(.nothing) < products)
  }

  /// A loop that gives its states back does not stack them a second time for its derivative.
  @Test func outputsServeAsResiduals() throws {
    let step = try Body.write([floats(8), floats(8)]) { _, inputs in
      let next = (inputs[0] + inputs[1]).apply(Tanh())
      return [next, next]
    }
    let loop = try graph([floats(8), floats(5, 8)]) { builder, inputs in
      [builder.emit(Scan(step, length: 5, carryCount: 1, sequenceCount: 1), inputs)[1].sum(axes: [0, 1])]
    }
    let slope = try loop.gradient(parameters: [0, 1])
    #expect(slope.nodes.compactMap { $0.operation as? Scan }.map(\.body.outputTypes.count) == [2, 2], "\(slope)")
  }

  /// The gradient of a weight that many products share is added up as it comes: not all terms are there at once.
  @Test func longSumsKeepFewTerms() throws {
    let type = TensorType([64, 64], .float32)
    let matrix = Dot(leftContracted: [1], rightContracted: [0])
    let sum = try graph([TensorType](repeating: type, count: 33)) { _, inputs in
      var total = inputs[1].apply(matrix, inputs[0])
      for x in inputs.dropFirst(2) { total = total + x.apply(matrix, inputs[0]) }
      return [total]
    }
    #expect(try CPUBackend().compile(sum).statistics.arenaBytes <= 6 * type.byteCount)
    let floats = Operands(float: .float32)
    let arguments = (0..<33).map { floats.spread([64, 64], -0.6...0.6, salt: UInt64($0 + 1)) }
    #expect(try sum.compiledFault(on: arguments, tolerance: 1e-4, absolute: 1e-4) == nil)
  }

  @Test(arguments: [Retention.nothing, .products, .named(["layer"])])
  func checkpointsChangeNothing(_ retention: Retention) throws {
    let floats = Operands(float: .float32)
    let arguments = (0..<17).map { floats.spread([4, 4], -0.6...0.6, salt: UInt64($0 + 1)) }
    let wanted = try chain(.everything, size: 4).evaluate(arguments)
    let found = try chain(retention, size: 4)
    for (found, wanted) in zip(try found.evaluate(arguments), wanted) {
      #expect(found.difference(from: wanted, tolerance: 1e-12) == nil)
    }
    let fault = try found.compiledFault(on: arguments, tolerance: 1e-4, absolute: 1e-6)
    #expect(fault == nil, "\(fault ?? "")")
  }

  /// The body is compiled once: neither compile time nor the plan grows with the number of steps.
  @Test func longLoopsCompileLikeShortOnes() throws {
    let step = try Body.write([floats(16), floats(16), floats(16)]) { _, x in
      var h = x[0]
      for _ in 0..<20 { h = (h * x[2] + x[1]).apply(Tanh()) }
      return [h, h]
    }
    func plan(_ length: Int) throws -> any Executable {
      let loop = try graph([floats(16), floats(length, 16), floats(16)]) { builder, inputs in
        let scan = Scan(step, length: length, carryCount: 1, sequenceCount: 1)
        return [builder.emit(scan, inputs)[1].sum(axes: [0, 1])]
      }
      return try CPUBackend().compile(try loop.gradient(parameters: [0, 1, 2]))
    }
    let (short, long) = (try plan(10), try plan(10_000))
    #expect(short.statistics.kernels == long.statistics.kernels)
    #expect(short.statistics.nodesAfter == long.statistics.nodesAfter)
    print(
      "scan of 10 steps compiles in \(short.statistics.compileSeconds) s,"
        + " of 10,000 in \(long.statistics.compileSeconds) s")
    #expect(long.statistics.compileSeconds < 3 * short.statistics.compileSeconds + 0.1)
    let inputs = try [[16], [10_000, 16], [16]].map { try operands.spread(Shape($0), -0.5...0.5).literal().buffer }
    let profile = try long.profile(inputs, runs: 1)
    #expect(profile.contains { $0.name == "scan" && $0.shapes.hasPrefix("10000 × ") }, "\(profile.map(\.name))")
    for kernel in profile where kernel.name == "scan" {
      print("\(kernel.name) \(kernel.shapes): \(kernel.seconds * 1e6 / 10_000) µs a step")
    }
  }

  @Test func bodiesAreCheckedAndPrinted() throws {
    let step = try Body.write([number]) { _, x in [x[0].apply(Tanh())] }
    var broken = step.graph
    broken.nodes[1] = Node(operation: Tanh(), operands: [Value(node: 0)], types: [floats(3)])
    let builder = GraphBuilder()
    let results = builder.emit(Scan(step, length: 3, carryCount: 1, sequenceCount: 0), [builder.input(number)])
    var whole = try builder.graph(outputs: results)
    #expect(
      whole.description == """
        graph(%0: float64[]) {
          %1 = scan(3 steps, 1 carried, 0 sequences) %0 : float64[]
            graph(%0: float64[]) {
              %1 = tanh %0 : float64[]
              return %1
            }
          return %1
        }
        """)
    try whole.check()
    whole.nodes[1] = Node(
      operation: Scan(Body(broken), length: 3, carryCount: 1, sequenceCount: 0), operands: [Value(node: 0)],
      types: [number])
    #expect(throws: OperationError.self) { try whole.check() }
  }

  /// A plan is run by several threads at once, each with working memory of its own.
  @Test func loopsRunOnManyThreads() async throws {
    let step = try Body.write([floats(4), floats(4)]) { _, x in [(x[0] + x[1]).apply(Sin()), x[0] * x[1]] }
    let loop = try graph([floats(4), floats(50, 4)]) { builder, inputs in
      builder.emit(Scan(step, length: 50, carryCount: 1, sequenceCount: 1), inputs)
    }
    let plan = try CPUBackend().compile(loop)
    let cases = try (0..<8).map { thread in
      let arguments = [
        operands.spread([4], salt: UInt64(thread)), operands.spread([50, 4], salt: UInt64(thread + 20)),
      ]
      return (try arguments.map { try $0.literal() }, try loop.evaluate(arguments))
    }
    try await withThrowingTaskGroup(of: String?.self) { group in
      for (literals, wanted) in cases {
        group.addTask {
          for _ in 0..<20 {
            let outputs = try plan.run(literals.map(\.buffer))
            for (output, wanted) in zip(outputs, wanted) {
              let found = try ReferenceArray(Literal(type: wanted.type, buffer: output))
              if let fault = found.difference(from: wanted, tolerance: 1e-12) { return fault }
            }
          }
          return nil
        }
      }
      for try await fault in group { #expect(fault == nil) }
    }
  }
}
