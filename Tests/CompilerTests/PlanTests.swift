import DescentGraph
import Testing

@testable import DescentCompiler

/// Kernels for everything that these tests use.
struct TestSupport: KernelSupport {
  func fuses(_ operation: any FusedOperation, _ operands: [TensorType], _ results: [TensorType]) -> Bool { true }
  func hasKernel(_ operation: any Operation, _ operands: [TensorType], _ results: [TensorType]) -> Bool { true }
  func computingType(_ operation: any Operation, _ elementType: ElementType) -> ElementType? { nil }
}

@Suite struct PlanTests {
  static let matrix = Dot(leftContracted: [1], rightContracted: [0])

  func plan(
    _ shapes: [Shape], donations: [Donation] = [], _ body: ([Symbol]) -> [Symbol]
  ) throws -> Plan {
    let builder = GraphBuilder()
    let inputs = shapes.map { builder.input(TensorType($0, .float32)) }
    return try Plan(try builder.graph(outputs: body(inputs)), for: TestSupport(), donations: donations)
  }

  /// What each step computes, as text.
  func names(_ plan: Plan) -> [String] {
    plan.steps.map { step in
      switch step.work {
      case .node(let index): plan.lowered.graph.nodes[index].operation.name
      case .fused(let work):
        work.members.map { plan.lowered.graph.nodes[$0.node].operation.name }.joined(separator: "+")
      }
    }
  }

  @Test func chainsAreOneKernel() throws {
    let plan = try plan([[8, 5], [5]]) { x in
      let y = (x[0] + x[1].broadcast([8, 5], axes: [1])).apply(Tanh())
      return [y * y.constant(3), y.apply(Exp())]
    }
    #expect(names(plan) == ["add+tanh+multiply+exp"])
  }

  @Test func softmaxIsThreePasses() throws {
    let plan = try plan([[8, 5]]) { x in
      let m = x[0].apply(Reduce(.maximum, axes: [1])).broadcast([8, 5], axes: [0])
      let e = (x[0] - m).apply(Exp())
      return [e / e.sum(axes: [1]).broadcast([8, 5], axes: [0])]
    }
    #expect(names(plan) == ["maximum", "subtract+exp+sum", "divide"])
  }

  @Test func reductionsOfTheSameShareAPass() throws {
    let plan = try plan([[8, 5], [5, 5]]) { x in
      let y = x[0].apply(Self.matrix, x[1])
      return [y.sum(axes: [0]), y.apply(Square()).sum(axes: [0])]
    }
    #expect(names(plan) == ["dot", "square+sum+sum"] || names(plan) == ["dot", "sum+square+sum"])
  }

  @Test func cheapValuesAreComputedAgain() throws {
    // The backward pass reads the product and the mask's operand, not a stored sum.
    let plan = try plan([[8, 5], [5, 5], [5]]) { x in
      let sum = x[0].apply(Self.matrix, x[1]) + x[2].broadcast([8, 5], axes: [1])
      let y = sum.apply(Tanh())
      let z = y.apply(Self.matrix, x[1])
      return [z * sum]
    }
    #expect(names(plan) == ["dot", "add+tanh", "dot", "add+multiply"])
  }

  @Test func fusionCrossesViewsThatShowEachElementOnce() throws {
    let plan = try plan([[4, 6], [6, 4]]) { x in
      [
        x[0].apply(Exp()).transposed([1, 0]) + x[1],
        (x[0].apply(Tanh()).reshaped([24]) * x[1].reshaped([24])).apply(Sin()),
      ]
    }
    #expect(plan.steps.count == 2, "\(names(plan))")
  }

  @Test func clustersStayAcyclic() throws {
    let plan = try plan([[5, 5]]) { x in
      let y = x[0].apply(Exp())
      let z = y.apply(Self.matrix, x[0])
      return [(y * z).apply(Tanh())]
    }
    #expect(names(plan) == ["exp", "dot", "multiply+tanh"])
  }

  @Test func concatenationsAreWrittenByTheirParts() throws {
    let plan = try plan([[4, 3], [4, 3]]) { x in
      let parts = [x[0].apply(Exp()), x[0] * x[1], x[1].apply(Tanh())]
      return [x[0].builder.emit(Concatenate(axis: 1), parts)[0]]
    }
    #expect(plan.steps.count == 1, "\(names(plan))")
    #expect(plan.memory.arenaBytes == 0)
  }

  @Test func productsReadTransposedOperandsInPlace() throws {
    let plan = try plan([[4, 3], [5, 4]]) { x in [x[0].transposed([1, 0]).apply(Self.matrix, x[1].transposed([1, 0]))] }
    #expect(names(plan) == ["dot"])
    let product = try #require(plan.lowered.products.values.first)
    #expect(product.left.isTransposed && product.right.isTransposed)
  }

  @Test func batchAxesNeedNoCopies() throws {
    // Attention: [batch, time, heads, width] batched over batch and heads.
    let heads = Dot(leftBatch: [0, 2], rightBatch: [0, 2], leftContracted: [3], rightContracted: [3])
    let plan = try plan([[2, 7, 3, 4], [2, 7, 3, 4]]) { [$0[0].apply(heads, $0[1])] }
    #expect(names(plan) == ["dot"])
  }

  @Test func updatesRunAsSoonAsTheirGradientsAreThere() throws {
    let donations = (0..<3).map { Donation(input: $0, output: $0) }
    let plan = try plan([[64, 64], [64, 64], [64, 64], [64, 64]], donations: donations) { x in
      (0..<3).map { index in x[index] - 0.1 * x[3].apply(Exp()).apply(Self.matrix, x[index]).apply(Self.matrix, x[3]) }
    }
    // One exp, and never more than two products at a time beside it.
    #expect(plan.memory.arenaBytes <= 3 * 64 * 64 * 4)
    #expect(plan.memory.restorations.isEmpty)
    #expect(plan.memory.outputBytes == 0)
  }

  @Test func memoryNeverOverlapsWhileInUse() throws {
    let plan = try plan([[16, 16]]) { x in
      var values = [x[0]]
      for index in 0..<12 { values.append(values[index].apply(Self.matrix, values[index / 2])) }
      return [values[12].sum(axes: [0]), values[3].apply(Self.matrix, values[7])]
    }
    var live: [Int: (Int, Int)] = [:]
    for step in plan.steps {
      for node in step.writes {
        let value = Value(node: node)
        let type = plan.lowered.graph.type(of: value)
        guard let place = plan.memory.place(of: value, type), case .arena(let offset) = place.region else { continue }
        for (other, range) in live where other != node {
          let isStillRead = plan.steps.drop { !$0.writes.contains(node) }.contains { $0.reads.contains(other) }
          if isStillRead { #expect(offset + type.byteCount <= range.0 || range.1 <= offset) }
        }
        live[node] = (offset, offset + type.byteCount)
      }
    }
    #expect(!live.isEmpty)
  }
}
