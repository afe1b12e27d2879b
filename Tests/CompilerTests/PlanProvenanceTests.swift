import DescentGraph
import Testing

@testable import DescentCompiler

/// What the passes write comes from where the nodes come from that it stands for.
@Suite("where a plan's nodes come from")
struct PlanProvenanceTests {
  private let number = TensorType([], .float64)
  private let row = TensorType([3], .float64)
  private let first = Provenance(scope: .init("first"), call: 3)
  private let second = Provenance(scope: .init("second"), call: 4, phase: .backward)

  private func simplified(_ graph: Graph) throws -> Graph {
    var records: [PassRecord] = []
    return try graph.simplified(&records)
  }

  private func found(_ graph: Graph, _ kind: OperationKind) -> Set<Provenance> {
    Set(graph.nodes.filter { $0.kind == kind }.map(\.provenance))
  }

  @Test func rules() throws {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(row), builder.input(row))
    let sum = builder.writing(first) { x + -y }
    let graph = try builder.graph(outputs: [builder.writing(second) { sum.apply(Exp()) }])
    let simple = try simplified(graph)
    #expect(found(simple, .subtract) == [first] && found(simple, .exp) == [second])
    #expect(simple.nodes.count == 4, "\(simple)")
  }

  /// What is left of a loop of which one result is read.
  @Test func prunedLoops() throws {
    let (first, second) = (first, second)
    let step = try Body.write([number, number]) { builder, x in
      builder.writing(second) { [x[0].apply(Sin()), x[1].apply(Cos())] }
    }
    let builder = GraphBuilder()
    let (x, y) = (builder.input(number), builder.input(number))
    let loop = Scan(step, length: 3, carryCount: 2, sequenceCount: 0)
    let results = builder.writing(first) { builder.emit(loop, [x, y]) }
    let simple = try simplified(try builder.graph(outputs: [results[0]]))
    #expect(found(simple, .scan) == [first])
    let body = try #require(simple.nodes.first { $0.kind == .scan }?.holder?.bodies.first)
    #expect(body.graph.nodes.count == 2 && found(body.graph, .sin) == [second])
  }

  /// Calls take their place along where the function itself knows nothing.
  @Test func calls() throws {
    let (first, second) = (first, second)
    let body = try Body.write([row]) { builder, x in [builder.writing(first) { x[0].apply(Exp()) }.apply(Sin())] }
    let builder = GraphBuilder()
    let x = builder.input(row)
    let call = Call(body, retention: .everything, isIsolated: false)
    let simple = try simplified(try builder.graph(outputs: builder.writing(second) { builder.emit(call, [x]) }))
    #expect(found(simple, .exp) == [Provenance(scope: first.scope, call: 3, phase: .backward)])
    #expect(found(simple, .sin) == [second])
  }

  /// The product that a loop makes of what it walks along, made before the loop, is the step's still.
  @Test func hoistedProducts() throws {
    let (first, second) = (first, second)
    let step = try Body.write([row, row, TensorType([3, 3], .float64)]) { builder, x in
      let product = builder.writing(second) { x[1].apply(Dot(leftContracted: [0], rightContracted: [0]), x[2]) }
      return [x[0] + product]
    }
    let builder = GraphBuilder()
    let inputs = [row, TensorType([5, 3], .float64), TensorType([3, 3], .float64)].map { builder.input($0) }
    let loop = Scan(step, length: 5, carryCount: 1, sequenceCount: 1)
    let simple = try simplified(try builder.graph(outputs: builder.writing(first) { builder.emit(loop, inputs) }))
    #expect(found(simple, .dot) == [second] && found(simple, .scan) == [first])
  }

  @Test func lowering() throws {
    let matrix = TensorType([3, 3], .float64)
    let builder = GraphBuilder()
    let (x, y) = (builder.input(matrix), builder.input(matrix))
    let product = builder.writing(first) { x.apply(Dot(leftContracted: [0], rightContracted: [1]), y) }
    let joined = builder.writing(second) { builder.emit(Concatenate(axis: 0), [product, x.apply(Exp())])[0] }
    let lowered = try builder.graph(outputs: [joined]).lowered(for: TestSupport(), donations: [])
    let computed = lowered.graph.nodes.filter { $0.kind != .input && $0.kind != .constant }
    #expect(computed.count > 2 && computed.allSatisfy { $0.provenance.scope != .unknown })
    #expect(found(lowered.graph, .dot) == [first])
  }

  /// The largest values are told with the layers that they belong to.
  @Test func memoryLimit() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorType([1_000, 3], .float64))
    let wide = builder.writing(first) { x.apply(Exp()) }
    let sorted = builder.writing(second) { builder.emit(Sort(axis: 0), [wide])[0] }
    let plan = try Plan(
      try builder.graph(outputs: [sorted.sum(axes: [0, 1]), (wide * sorted).sum(axes: [0, 1])]), for: TestSupport(),
      donations: [])
    let error = #expect(throws: OperationError.self) { try plan.check(memoryLimit: 100) }
    #expect(error?.message.contains(" of first forward float64[1000, 3] (") == true, "\(error?.message ?? "")")
    let sort = try #require(
      plan.steps.first { step in
        if case .node(let index) = step.work { plan.lowered.graph.nodes[index].kind == .sort } else { false }
      })
    #expect(plan.provenance(of: sort) == second)
  }
}
