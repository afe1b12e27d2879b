import Testing

@testable import DescentGraph

/// Nodes know where they come from, and mean the same wherever that is.
@Suite("where nodes come from")
struct ProvenanceTests {
  private let type = TensorType([2], .float32)
  private let first = Provenance(scope: Provenance.Scope("block.first"), call: 1)
  private let second = Provenance(scope: Provenance.Scope("block.second"), call: 2, phase: .backward)

  @Test func scopes() {
    #expect(Provenance.Scope("a.b") == Provenance.Scope("a.b") && Provenance.Scope("a.b") != Provenance.Scope("a.c"))
    #expect(Provenance.Scope("a.b").path == "a.b" && Provenance.Scope.unknown.path == "")
    #expect(Provenance.Scope("") == .unknown)
    #expect(Provenance.Scope(holding: "encoder.conv1.weight") == Provenance.Scope("encoder.conv1"))
    #expect(Provenance.Scope(holding: "weight") == .unknown)
  }

  /// A node that knows goes before the place where its function stands; phases only go on.
  @Test func placesOfFunctions() {
    #expect(first.within(second) == Provenance(scope: first.scope, call: 1, phase: .backward))
    #expect(Provenance().within(second) == second)
    #expect(second.within(first) == second)
    #expect(first.ofDerivative.phase == .backward)
    #expect(Provenance(phase: .update).ofDerivative.phase == .update)
    #expect(PlanPhase.forward < .backward && PlanPhase.backward < .update && !(PlanPhase.update < .update))
  }

  private func graph(_ one: Provenance, _ two: Provenance) throws -> Graph {
    let builder = GraphBuilder()
    let x = builder.input(type)
    let y = builder.writing(one) { x.apply(Exp()) }
    let z = builder.writing(two) { y.apply(Sin()) }
    return try builder.graph(outputs: [z])
  }

  @Test func equality() throws {
    let (known, unknown) = (try graph(first, second), try graph(Provenance(), Provenance()))
    #expect(known == unknown && known.hashValue == unknown.hashValue)
    #expect(Body(known) == Body(unknown))
    #expect(known.nodes.map(\.provenance) == [Provenance(), first, second])
  }

  /// Of equal nodes, the first one stays.
  @Test func equalNodes() throws {
    let builder = GraphBuilder()
    let x = builder.input(type)
    let one = builder.writing(first) { x.apply(Exp()) }
    let two = builder.writing(second) { x.apply(Exp()) }
    #expect(one.value == two.value && builder.nodes[one.value.node].provenance == first)
    #expect(builder.provenance == Provenance(), "what was set within is over")
  }

  @Test func copies() throws {
    let builder = GraphBuilder()
    let x = builder.input(type)
    _ = x.apply(Tanh())
    let y = builder.writing(first) { x.apply(Exp()) }
    let z = builder.writing(second) { y + x }
    let graph = try builder.graph(outputs: [z])
    // A dead node before them has moved both.
    #expect(graph.nodes.map(\.provenance) == [Provenance(), first, second])
    let again = try graph.rewritten { _, node, values in
      node.kind == .add ? [values[node.operands[0]] * values[node.operands[1]]] : nil
    }
    #expect(again.nodes.map(\.provenance) == [Provenance(), first, second])
    #expect(again.nodes[2].operation is Multiply)
  }

  /// What is written in a node's place takes over what it does not know itself.
  @Test func functionsWithinFunctions() throws {
    let inner = try graph(first, Provenance())
    let builder = GraphBuilder()
    let x = builder.input(type)
    let place = Provenance(scope: Provenance.Scope("outer"), call: 7, phase: .update)
    let results = builder.writing(place) { builder.inline(inner, [x]) }
    let whole = try builder.graph(outputs: results)
    #expect(whole.nodes[1].provenance == Provenance(scope: first.scope, call: 1, phase: .update))
    #expect(whole.nodes[2].provenance == place)
    #expect(builder.provenance == Provenance())
  }

  /// A node holds a number for its layer, not a text.
  @Test func size() {
    #expect(MemoryLayout<Provenance>.stride <= 12)
  }
}
