import Testing

@testable import DescentGraph

@Suite("graphs")
struct GraphTests {
  private let pair = TensorType([2], .float32)

  /// (a + b) · a, written twice, and something that nobody needs.
  private func sample() throws -> Graph {
    let builder = GraphBuilder()
    let (a, b) = (builder.input(pair, name: "a"), builder.input(pair))
    _ = a.apply(Exp())
    let (first, second) = ((a + b) * a, (a + b) * a)
    #expect(first.value == second.value)
    return try builder.graph(outputs: [first, second])
  }

  @Test func equalNodesAreMadeOnceAndDeadOnesLeftOut() throws {
    let graph = try sample()
    #expect(graph.nodes.count == 4)
    #expect(graph.outputs[0] == graph.outputs[1])
    try graph.check()
  }

  @Test func printing() throws {
    #expect(
      try sample().description == """
        graph(a: float32[2], %1: float32[2]) {
          %2 = add a, %1 : float32[2]
          %3 = multiply %2, a : float32[2]
          return %3, %3
        }
        """)
    let builder = GraphBuilder()
    let x = builder.input(TensorType([2, 2], .float64))
    let graph = try builder.graph(outputs: [(x + 1).sum(axes: [1]), x.transposed([1, 0])])
    #expect(
      graph.description == """
        graph(%0: float64[2, 2]) {
          %1 = constant(1.0) : float64[]
          %2 = broadcast([2, 2], axes: []) %1 : float64[2, 2]
          %3 = add %0, %2 : float64[2, 2]
          %4 = sum(axes: [1]) %3 : float64[2]
          %5 = transpose([1, 0]) %0 : float64[2, 2]
          return %4, %5
        }
        """)
  }

  @Test func equality() throws {
    let (a, b) = (try sample(), try sample())
    #expect(a == b)
    #expect(a.hashValue == b.hashValue)
    let builder = GraphBuilder()
    let x = builder.input(pair)
    let (sine, cosine) = (try builder.graph(outputs: [x.apply(Sin())]), try builder.graph(outputs: [x.apply(Cos())]))
    #expect(sine != cosine)
    var wider = sine
    wider.outputs.append(wider.outputs[0])
    #expect(sine != wider)
  }

  @Test func literalsAreEqualByValueWhereSmallAndByMemoryWhereLarge() throws {
    #expect(try HostLiteral(1, .float32) == HostLiteral(1, .float32))
    #expect(try HostLiteral(1, .float32) != HostLiteral(1, .float64))
    #expect(
      try HostLiteral(0, .float32) != HostLiteral(-0.0, .float32), "constants that differ in sign are not the same")
    let large = ReferenceArray(TensorType([100], .float32), repeating: 3)
    let (first, second) = (try large.literal(), try large.literal())
    #expect(first != second)
    #expect(first == HostLiteral(type: first.type, memory: first.memory))
  }

  @Test func evaluationRefusesOtherArguments() throws {
    let graph = try sample()
    let one = ReferenceArray(pair, reals: [1, 2])
    let error = #expect(throws: OperationError.self) { try graph.evaluate([one]) }
    #expect(error?.description == "evaluate: the graph takes [float32[2], float32[2]], not [float32[2]]")
    #expect(try graph.evaluate([one, one])[0].reals == [2, 8])
  }

  @Test func checkingFindsEveryBrokenPromise() throws {
    let graph = try sample()
    func broken(_ change: (inout Graph) -> Void) -> String {
      var other = graph
      change(&other)
      do throws(OperationError) {
        try other.check()
        return "no error"
      } catch { return error.description }
    }
    func node(_ operation: any Operation, _ operands: [Value], _ types: [TensorType]) -> Node {
      Node(operation: operation, operands: operands, types: types)
    }
    #expect(broken { _ in } == "no error")
    #expect(
      broken { $0.nodes[2] = node(Add(), [Value(node: 0), Value(node: 3)], [pair]) }
        == "add: node %2 uses %3, which does not come before it")
    #expect(
      broken { $0.nodes[2] = node(Add(), [Value(node: 0), Value(node: -1)], [pair]) }
        == "add: node %2 uses %-1, which does not come before it")
    #expect(
      broken { $0.nodes[2] = node(Add(), [Value(node: 0), Value(node: 1, result: 1)], [pair]) }
        == "add: node %2 uses result 1 of %1")
    #expect(
      broken { $0.nodes[2] = node(Add(), [Value(node: 0), Value(node: 1)], [TensorType([3], .float32)]) }
        == "add: node %2 claims [float32[3]], its shape rule says [float32[2]]")
    #expect(broken { $0.nodes[2] = node(Add(), [Value(node: 0)], [pair]) } == "add: takes 2 operands, not 1")
    #expect(broken { $0.nodes[2] = node(Exp(), [], [pair]) } == "exp: takes 1 operand, not 0")
    #expect(broken { $0.inputs.reverse() } == "graph: input 0 is not the input node of that number")
    #expect(broken { $0.inputs[1] = Value(node: 9) } == "graph: input 1 is not the input node of that number")
    #expect(broken { $0.outputs[0] = Value(node: 9) } == "graph: an output names %9, which does not exist")
    #expect(broken { $0.outputs[0] = Value(node: 3, result: 1) } == "graph: an output names %3, which does not exist")
    #expect(
      broken { $0.nodes[2] = node(Invalid(type: pair), [], [pair]) } == "invalid: a rule made this node by mistake")
  }

  @Test func theFirstMistakeOfARuleIsTheOneThatIsTold() throws {
    let builder = GraphBuilder()
    let (a, b) = (builder.input(pair), builder.input(TensorType([3], .float32)))
    let result = (a + b) * a.apply(Not())
    let error = #expect(throws: OperationError.self) { try builder.graph(outputs: [result]) }
    #expect(error?.description == "add: shapes differ: [2] and [3]")
  }

  @Test func inliningAppliesAGraphToSymbols() throws {
    let graph = try sample()
    let builder = GraphBuilder()
    let x = builder.input(pair)
    let outputs = builder.inline(graph, [x, x])
    let inlined = try builder.graph(outputs: outputs)
    #expect(try inlined.evaluate([ReferenceArray(pair, reals: [1, 2])])[0].reals == [2, 8])
  }

  /// Names are how errors and printed graphs tell operations apart.
  @Test func kindsHaveDifferentNames() {
    #expect(Set(OperationKind.allCases.map(\.rawValue)).count == OperationKind.allCases.count)
  }
}
