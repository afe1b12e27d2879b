import DescentGraph
import Testing

@testable import DescentCompiler

/// What a cluster knows of its members, of what it asks for, and of what it reads.
@Suite struct ClusterTests {
  private let square = IndexMap(identity: [4, 6])
  private let turned = IndexMap([
    .init(terms: [.init(axis: 1, stride: 1)]), .init(terms: [.init(axis: 0, stride: 1)]),
  ])

  private func cluster(_ unit: Int = 100, reducing axes: [Int]? = nil) -> Cluster {
    Cluster(unit: unit, extents: [4, 6], reducing: axes)
  }

  @Test func demands() {
    let cluster = cluster()
    cluster.ask(for: 1, square)
    cluster.ask(for: 1, square)
    #expect(cluster.demand(1) == square)
    // A value that is wanted at two places of one point is computed for neither.
    cluster.ask(for: 1, turned)
    #expect(cluster.demand(1) == nil && cluster.demands[1] != nil)
    cluster.ask(for: 1, square)
    #expect(cluster.demand(1) == nil)
    #expect(cluster.demand(2) == nil && cluster.demands[2] == nil)
  }

  @Test func reads() {
    let cluster = cluster()
    cluster.ask(for: 3, square)
    for node in [3, 1, 3, 2] { cluster.read(node) }
    #expect(cluster.orderedReads == [3, 1, 2] && cluster.reads == [1, 2, 3])
    #expect(cluster.demands.isEmpty)
    // What is read from memory anyway is not asked for.
    cluster.ask(for: 1, square)
    #expect(cluster.demands.isEmpty)
  }

  @Test func members() {
    let cluster = cluster()
    cluster.ask(for: 1, square)
    cluster.add(1, square)
    #expect(cluster.members == [1: square] && cluster.demands.isEmpty)
    for node in 2...63 { cluster.add(node, square) }
    #expect(cluster.hasRoom() && !cluster.hasRoom(2))
    cluster.add(64, square)
    #expect(!cluster.hasRoom())
  }

  @Test func reductions() {
    #expect(cluster().reducedAxes == nil)
    #expect(cluster(reducing: [1]).reducedAxes == [false, true])
    #expect(cluster(reducing: []).reducedAxes == [false, false])
    #expect(FusedWork(cluster(reducing: [1])).reducedAxes == [1] && FusedWork(cluster()).reducedAxes.isEmpty)
  }

  @Test func fits() {
    func pair() -> (Cluster, Cluster) { (cluster(100), cluster(101)) }
    func check(_ fits: Bool, _ set: (Cluster, Cluster) -> Void, location: SourceLocation = #_sourceLocation) {
      for isTurned in [false, true] {
        let (a, b) = pair()
        if isTurned { set(b, a) } else { set(a, b) }
        #expect(a.fits(b) == fits, sourceLocation: location)
      }
    }
    check(true) { _, _ in }
    #expect(!cluster().fits(Cluster(unit: 1, extents: [6, 4])) && !cluster().fits(Cluster(unit: 1, extents: [24])))
    #expect(cluster(reducing: [0]).fits(cluster(1)) && cluster().fits(cluster(1, reducing: [0])))
    #expect(!cluster(reducing: [0]).fits(cluster(1, reducing: [1])))
    #expect(cluster(reducing: [0]).fits(cluster(1, reducing: [0])))
    // A member of both, at the same places or at others.
    check(true) { a, b in
      a.add(1, square); b.add(1, square)
    }
    check(false) { a, b in
      a.add(1, square); b.add(1, turned)
    }
    // What one computes and the other asks for would be needed in two places.
    check(false) { a, b in
      a.add(1, square); b.ask(for: 1, square)
    }
    check(true) { a, b in
      a.ask(for: 1, square); b.ask(for: 1, square)
    }
    check(false) { a, b in
      a.ask(for: 1, square); b.ask(for: 1, turned)
    }
    check(true) { a, b in for node in 0..<32 { a.add(node, square); b.add(node + 32, square) } }
    check(false) { a, b in
      for node in 0..<33 { a.add(node, square) }
      for node in 40..<72 { b.add(node, square) }
    }
    check(true) { a, b in for node in 0..<14 { a.read(node); b.read(node + 14) } }
    check(false) { a, b in
      for node in 0..<15 { a.read(node) }
      for node in 20..<34 { b.read(node) }
    }
    check(true) { a, b in for node in 0..<28 { a.read(node); b.read(node) } }
  }

  @Test func absorbing() {
    let (a, b) = (cluster(100), cluster(101, reducing: [1]))
    a.add(1, square)
    a.outputs = [1]
    a.read(5)
    a.ask(for: 9, square)
    b.add(1, square)
    b.add(2, turned)
    b.outputs = [2]
    b.read(9)
    b.read(6)
    b.ask(for: 7, turned)
    b.ask(for: 8, square)
    b.ask(for: 8, turned)
    a.absorb(b)
    #expect(a.members == [1: square, 2: turned] && a.outputs == [1, 2])
    #expect(a.reducedAxes == [false, true] && a.orderedReads == [5, 9, 6])
    #expect(a.demand(7) == turned && a.demand(8) == nil && a.demands[8] != nil)
    #expect(a.demands[9] == nil, "what the other reads from memory is there to be read")
  }

  private func lowered(_ shapes: [Shape], _ body: ([Symbol]) -> [Symbol]) throws -> LoweredGraph {
    let builder = GraphBuilder()
    let inputs = shapes.map { builder.input(TensorType($0, .float32)) }
    return try builder.graph(outputs: body(inputs)).lowered(for: TestSupport(), donations: [])
  }

  private func node(_ kind: OperationKind, _ lowered: LoweredGraph) throws -> Int {
    try #require(lowered.graph.nodes.firstIndex { $0.kind == kind })
  }

  /// Behind views lies a value that could be computed; what it divides, all maps are told.
  @Test func sources() throws {
    let lowered = try lowered([[2, 3, 4], [24]]) { x in [x[0].apply(Exp()).reshaped([24]) + x[1]] }
    let (sum, exp) = (try node(.add, lowered), try node(.exp, lowered))
    let cluster = Cluster(unit: 100, extents: [24], reducing: [0])
    cluster.add(sum, IndexMap(identity: [24]))
    cluster.ask(for: 77, IndexMap(identity: [24]))
    let operand = lowered.graph.nodes[sum].operands[0]
    let source = try #require(cluster.source(of: operand, IndexMap(identity: [24]), in: lowered))
    #expect(source.node == exp)
    #expect(cluster.space.extents == [2, 3, 4] && cluster.reducedAxes == [true, true, true])
    let rank = cluster.space.extents.count
    func places(_ map: IndexMap?, _ shape: Shape) -> [Int]? {
      map?.layout(Layout(dense: shape), rank: rank).places(Shape(cluster.space.extents))
    }
    #expect(places(cluster.members[sum], [24]) == Array(0..<24))
    #expect(places(cluster.demand(77), [24]) == Array(0..<24))
    #expect(places(source.map, [2, 3, 4]) == Array(0..<24))
    // An input is no value to compute, whatever the view.
    #expect(cluster.source(of: lowered.graph.nodes[sum].operands[1], IndexMap(identity: [24]), in: lowered) == nil)
  }

  /// Neither what a reduction makes nor what has a kernel of its own is computed along the way.
  @Test func endsOfWays() throws {
    let lowered = try lowered([[4, 6], [6, 4]]) { x in
      [
        (x[0].sum(axes: [1]) + x[0].apply(Dot(leftContracted: [1], rightContracted: [0]), x[1]).sum(axes: [1])).apply(
          Tanh())
      ]
    }
    let (sum, tanh) = (try node(.add, lowered), try node(.tanh, lowered))
    let cluster = Cluster(unit: 100, extents: [4])
    let map = IndexMap(identity: [4])
    for operand in lowered.graph.nodes[sum].operands { #expect(cluster.source(of: operand, map, in: lowered) == nil) }
    #expect(cluster.source(of: lowered.graph.nodes[tanh].operands[0], map, in: lowered)?.node == sum)
    let reduced = try #require(lowered.graph.nodes.lastIndex { $0.kind == .reduce })
    let whole = IndexMap(identity: [4, 4])
    #expect(
      Cluster(unit: 1, extents: [4, 4]).source(of: lowered.graph.nodes[reduced].operands[0], whole, in: lowered) == nil)
  }
}
