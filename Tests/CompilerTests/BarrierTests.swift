import DescentGraph
import Testing

@testable import DescentCompiler

/// What is computed on one side of a barrier has nothing to do with what is computed on the other.
@Suite struct BarrierTests {
  private static let matrix = Dot(leftContracted: [1], rightContracted: [0])

  private func graph(_ shapes: [Shape], _ body: ([Symbol]) -> [Symbol]) throws -> Graph {
    let builder = GraphBuilder()
    return try builder.graph(outputs: body(shapes.map { builder.input(TensorType($0, .float32)) }))
  }

  private func plan(_ graph: Graph) throws -> Plan { try Plan(graph, for: TestSupport(), donations: []) }

  /// What each step computes, as text.
  private func names(_ plan: Plan) -> [String] {
    plan.steps.map { step in
      switch step.work {
      case .node(let index): plan.lowered.graph.nodes[index].operation.name
      case .fused(let work):
        work.members.map { plan.lowered.graph.nodes[$0.node].operation.name }.joined(separator: "+")
      }
    }
  }

  private func passed(_ values: Symbol...) -> [Symbol] { values[0].builder.emit(Barrier(), values) }

  private func count(_ name: String, _ graph: Graph) throws -> Int {
    var records: [PassRecord] = []
    return try graph.simplified(&records).nodes.count { $0.operation.name == name }
  }

  @Test func equalComputationsStayApart() throws {
    let both = try graph([[8]]) { x in [x[0].apply(Sin()) + passed(x[0])[0].apply(Sin())] }
    #expect(try count("sin", both) == 2)
    let one = try graph([[8]]) { x in [passed(x[0])[0].apply(Sin()) + passed(x[0])[0].apply(Sin())] }
    #expect(try count("sin", one) == 1, "barriers of the same values are one")
    let constant = try graph([[8]]) { x in [x[0] * passed(x[0].constant(2))[0].apply(Sin())] }
    #expect(try count("sin", constant) == 1 && count("barrier", constant) == 1)
    // Neither rules nor slices look through.
    let twice = try graph([[8]]) { x in [-(passed(-x[0])[0])] }
    #expect(try count("negate", twice) == 2)
    let sliced = try graph([[8]]) { x in
      [passed(x[0].apply(Exp()))[0].apply(Slice(starts: [1], limits: [3])).apply(Sin())]
    }
    #expect(names(try plan(sliced)) == ["exp", "sin"])
  }

  /// Two kernels in place of one, and neither a copy nor memory beyond the value between them.
  @Test func nothingIsCopied() throws {
    let plain = try plan(graph([[8, 5]]) { x in [x[0].apply(Exp()).apply(Tanh())] })
    #expect(names(plain) == ["exp+tanh"])
    let cut = try plan(graph([[8, 5]]) { x in [passed(x[0].apply(Exp()))[0].apply(Tanh())] })
    #expect(names(cut) == ["exp", "tanh"])
    #expect(cut.statistics.arenaBytes == 8 * 5 * 4 + 32, "one value, in whole cache lines")
    // Views on either side stay views, and kernels of their own read what lies packed.
    let viewed = try plan(
      graph([[8, 5], [8, 5]]) { x in
        let (a, b) = (passed(x[0].apply(Exp()).transposed([1, 0]))[0], passed(x[1])[0])
        return [a.reshaped([5, 8]).apply(Self.matrix, b).apply(Tanh())]
      })
    #expect(names(viewed) == ["exp", "dot", "tanh"])
    let output = try plan(graph([[8]]) { x in [passed(x[0].apply(Exp()))[0]] })
    #expect(names(output) == ["exp"] && output.statistics.arenaBytes == 0)
  }

  /// What is after a barrier waits for all that is before it, whatever it reads.
  @Test func waitsForEverything() throws {
    for isFirst in [true, false] {
      let plan = try plan(
        graph([[8], [9, 9]]) { x in
          let (value, product) = (x[0].apply(Exp()), x[1].apply(Self.matrix, x[1]))
          let results = isFirst ? passed(value, product) : Array(passed(product, value).reversed())
          return [results[0].apply(Sin()), results[1].apply(Tanh())]
        })
      let order = names(plan)
      #expect(order.count == 4 && Set(order[..<2]) == ["exp", "dot"], "\(order)")
    }
    // A value that waits is not computed in the kernel that makes what it waits for.
    let joint = try plan(
      graph([[8], [8]]) { x in
        let results = passed(x[0].apply(Exp()), x[1].apply(Cos()))
        return [results[0].apply(Sin()) + x[1].apply(Cos()), results[1]]
      })
    let last = try #require(names(joint).last)
    #expect(last.contains("sin") && !last.contains("cos"), "\(names(joint))")
  }

  @Test func staysInItsLoop() throws {
    let weights = TensorType([4, 4], .float32)
    func products(_ isBarred: Bool) throws -> Int {
      let step = try Body.write([TensorType([4], .float32), TensorType([4], .float32), weights]) { _, x in
        let slice = isBarred ? passed(x[1])[0] : x[1]
        let row = slice.reshaped([1, 4]).apply(Self.matrix, x[2]).reshaped([4])
        return [(x[0] + row).apply(Tanh())]
      }
      let graph = try graph([[4], [6, 4], [4, 4]]) { x in
        x[0].builder.emit(Scan(step, length: 6, carryCount: 1, sequenceCount: 1), x)
      }
      var records: [PassRecord] = []
      let simple = try graph.simplified(&records)
      let scan = try #require(simple.nodes.compactMap { $0.operation as? Scan }.first)
      return scan.body.graph.nodes.count { $0.operation is Dot }
    }
    #expect(try products(false) == 0)
    #expect(try products(true) == 1)
  }
}
