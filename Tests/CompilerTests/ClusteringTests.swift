import DescentGraph
import Testing

@testable import DescentCompiler

/// Which nodes are computed together, and which of their values are written to memory.
@Suite struct ClusteringTests {
  private static let matrix = Dot(leftContracted: [1], rightContracted: [0])

  private func clustering(_ shapes: [Shape], _ body: ([Symbol]) -> [Symbol]) throws -> Clustering {
    let builder = GraphBuilder()
    let inputs = shapes.map { builder.input(TensorType($0, .float32)) }
    return Clustering(try builder.graph(outputs: body(inputs)).lowered(for: TestSupport(), donations: []))
  }

  /// The clusters as the names of their members, in the graph's order; what is written to memory in capitals. In the order
  /// of the last nodes.
  private func units(_ clustering: Clustering) -> [String] {
    let nodes = clustering.lowered.graph.nodes
    return clustering.finished.filter { !$0.members.isEmpty }
      .sorted { ($0.members.keys.max() ?? 0) < ($1.members.keys.max() ?? 0) }
      .map { cluster in
        cluster.members.keys.sorted().map { node in
          cluster.outputs.contains(node) ? nodes[node].operation.name.uppercased() : nodes[node].operation.name
        }.joined(separator: "+")
      }
  }

  private func product(_ x: Symbol) -> Symbol { x.apply(Self.matrix, x) }

  /// What one kernel reads joins it; what two read is written by the first that can.
  @Test func readers() throws {
    #expect(units(try clustering([[4, 4]]) { [$0[0].apply(Exp()).apply(Sin()).apply(Tanh())] }) == ["exp+sin+TANH"])
    let twice = try clustering([[4, 4]]) { x in
      let y = x[0].apply(Exp())
      return [product(y), y.apply(Sin())]
    }
    #expect(units(twice) == ["EXP+SIN"])
    let output = try clustering([[4, 4]]) { x in
      let y = x[0].apply(Exp())
      return [y, y.apply(Sin())]
    }
    #expect(units(output) == ["EXP+SIN"])
    // Read before and after a product that needs it: written before, read again after.
    let around = try clustering([[4, 4]]) { x in
      let y = x[0].apply(Exp())
      return [(product(y) + y).apply(Sin())]
    }
    #expect(units(around) == ["EXP", "add+SIN"])
    // Nobody reads it from memory: two kernels could compute it, one does, the other reads.
    let shared = try clustering([[4, 4], [4, 4]]) { x in
      let y = x[0].apply(Exp())
      return [y.sum(axes: [0]), y.apply(Sin())]
    }
    #expect(units(shared).joined().lowercased().components("exp") == 1, "\(units(shared))")
  }

  /// Each node has one home, the unit that writes its value, and none where nobody reads it from memory.
  @Test func homes() throws {
    let clustering = try clustering([[4, 4]]) { x in [product(x[0].apply(Exp()).apply(Tanh())).apply(Sin())] }
    let nodes = clustering.lowered.graph.nodes
    func home(_ kind: OperationKind) throws -> Int {
      clustering.home[try #require(nodes.firstIndex { $0.kind == kind })]
    }
    let dot = try #require(nodes.firstIndex { $0.kind == .dot })
    #expect(try home(.input) == -1 && home(.exp) == -1 && home(.dot) == dot)
    #expect(try home(.tanh) >= nodes.count && home(.sin) >= nodes.count && home(.tanh) != home(.sin))
    #expect(try clustering.reads(of: dot) == [1, 1].map { _ in try #require(nodes.firstIndex { $0.kind == .tanh }) })
  }

  /// What costs an instruction is computed again rather than written, unless that reads more memory.
  @Test func cheapValues() throws {
    func body(_ cheap: @escaping ([Symbol]) -> Symbol) -> ([Symbol]) -> [Symbol] {
      { x in
        let value = cheap(x)
        // A product between the two readers keeps them apart.
        return [(product(value.apply(Exp())) + value).apply(Sin())]
      }
    }
    // Read: one matrix for one; again in the second kernel.
    #expect(units(try clustering([[4, 4]], body { -$0[0] })) == ["negate+EXP", "negate+add+SIN"])
    // A row in addition is a quarter of four rows.
    let row = try clustering([[4, 4], [4]], body { $0[0] + $0[1].broadcast([4, 4], axes: [1]) })
    #expect(units(row) == ["add+EXP", "add+add+SIN"])
    // Two matrices are too much.
    let two = try clustering([[4, 4], [4, 4]], body { $0[0] + $0[1] })
    #expect(units(two) == ["ADD+EXP", "add+SIN"])
    // And so is a function that costs more than reading.
    #expect(units(try clustering([[4, 4]], body { $0[0].apply(Tanh()) })) == ["TANH+EXP", "add+SIN"])
    // What has to be in memory anyway is written once.
    let written = try clustering([[4, 4]]) { x in
      let value = -x[0]
      return [value, product(value), (product(value) + value).apply(Sin())]
    }
    #expect(units(written).joined(separator: " ").contains("NEGATE"))
  }

  /// Of a long sum of large values, parts are added up to memory; of small ones, or of few, none is.
  @Test func longSums() throws {
    func sums(_ size: Int, _ count: Int) throws -> [String] {
      units(
        try clustering([[size, size]]) { x in
          let terms = (0..<count).map {
            product(x[0].apply(Cumulative(.sum, axis: $0 % 2)).apply(Exp()) + x[0].constant(Double($0)))
          }
          return [terms.dropFirst().reduce(terms[0]) { $0 + $1 }.apply(Tanh())]
        }
      ).filter { $0.lowercased().contains("add") && !$0.lowercased().contains("exp") }
    }
    let (small, few, many) = (try sums(8, 12), try sums(64, 4), try sums(64, 12))
    #expect(small.count == 1 && few.count == 1 && many.count > 1, "\(small), \(few), \(many)")
  }

  /// Random bits are numbered along their shape: a kernel that visits them in another order reads them from memory.
  @Test func randomBits() throws {
    func units(_ read: @escaping (Symbol) -> Symbol) throws -> [String] {
      let builder = GraphBuilder()
      let key = builder.input(TensorType([2], .uint32))
      let bits = builder.emit(RandomBits(shape: [4, 6]), [key])[0]
      return self.units(
        Clustering(try builder.graph(outputs: [read(bits)]).lowered(for: TestSupport(), donations: [])))
    }
    #expect(try units { $0.apply(Not()) } == ["randomBits+NOT"])
    #expect(try units { $0.reshaped([24]).apply(Not()) } == ["randomBits+NOT"])
    #expect(try units { $0.transposed([1, 0]).apply(Not()) } == ["RANDOMBITS", "NOT"])
    #expect(try units { $0.apply(Reverse(axes: [0])).apply(Not()) } == ["RANDOMBITS", "NOT"])
  }

  /// Kernels that visit the same points of the same memory are one, and so are those of scalars.
  @Test func siblings() throws {
    let same = try clustering([[4, 6]]) { [$0[0].apply(Exp()), $0[0].apply(Sin())] }
    #expect(units(same).count == 1)
    let different = try clustering([[4, 6], [4, 6]]) { [$0[0].apply(Exp()), $0[1].apply(Sin())] }
    #expect(units(different).count == 2)
    let turned = try clustering([[4, 6]]) { [$0[0].apply(Exp()), $0[0].transposed([1, 0]).apply(Sin())] }
    #expect(units(turned).count == 2)
    let scalars = try clustering([[], [], []]) { [$0[0].apply(Exp()), $0[1].apply(Sin()), $0[2].apply(Tanh())] }
    #expect(units(scalars).count == 1)
    // Of which one needs the other, by way of a product: never one.
    let chained = try clustering([[4, 4]]) { x in
      [x[0].apply(Exp()), (product(x[0].apply(Sin())) + x[0]).apply(Tanh())]
    }
    #expect(units(chained).allSatisfy { !($0.contains("SIN") && $0.contains("TANH")) }, "\(units(chained))")
    // A scalar that many read is no reason to compute them together.
    let spread = try clustering([[], [4], [5]]) { x in
      [x[1] * x[0].broadcast([4], axes: []), x[2] * x[0].broadcast([5], axes: [])]
    }
    #expect(units(spread).count == 2)
  }

  /// Reductions over the same axes share a pass, over others they do not.
  @Test func reductions() throws {
    let rows = try clustering([[4, 6]]) { [$0[0].sum(axes: [1]), $0[0].apply(Square()).sum(axes: [1])] }
    #expect(units(rows).count == 1)
    let both = try clustering([[4, 6]]) { [$0[0].sum(axes: [1]), $0[0].apply(Square()).sum(axes: [0])] }
    #expect(units(both).count == 2)
    // What a reduction gives is in memory before anything reads it.
    let after = try clustering([[4, 6]]) { [$0[0].sum(axes: [1]).apply(Exp())] }
    #expect(units(after) == ["SUM", "EXP"])
  }
}

extension String {
  /// How often a word occurs.
  fileprivate func components(_ word: String) -> Int {
    var (count, rest) = (0, self[...])
    while let found = rest.firstRange(of: word) {
      count += 1
      rest = rest[found.upperBound...]
    }
    return count
  }
}
