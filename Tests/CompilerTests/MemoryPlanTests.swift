import DescentGraph
import Testing

@testable import DescentCompiler

/// Where values lie: outputs, donated inputs, and the arena, in which nothing is written over while it is needed.
@Suite struct MemoryPlanTests {
  private static let matrix = Dot(leftContracted: [1], rightContracted: [0])

  private func plan(
    _ shapes: [Shape], donations: [Donation] = [], offers: [Donation] = [],
    _ body: ([Symbol]) -> [Symbol]
  ) throws -> Plan {
    let builder = GraphBuilder()
    let inputs = shapes.map { builder.input(TensorType($0, .float32)) }
    return try Plan(
      try builder.graph(outputs: body(inputs)), for: TestSupport(), donations: donations, offers: offers)
  }

  private func region(_ kind: OperationKind, _ plan: Plan) throws -> MemoryPlan.Region {
    let graph = plan.lowered.graph
    let node = try #require(graph.nodes.lastIndex { $0.kind == kind })
    return try #require(plan.memory.place(of: Value(node: node), graph.nodes[node].types[0])).region
  }

  @Test func outputsAndWhatIsGiven() throws {
    let plan = try plan([[4, 4], [4]]) { x in
      [x[0].apply(Self.matrix, x[0]), x[1].apply(Exp()), x[1].constant(2)]
    }
    #expect(plan.memory.outputRegions == [.output(0), .output(1), .output(2)])
    #expect(plan.memory.outputBytes == 64 + 16 + 16 && plan.memory.arenaBytes == 0)
    #expect(plan.memory.restorations.isEmpty && plan.memory.largestAtPeak.isEmpty)
    #expect(try region(.dot, plan) == .output(0) && region(.exp, plan) == .output(1))
    #expect(try region(.input, plan) == .input(1))
    let constant = try #require(plan.lowered.graph.nodes.firstIndex { $0.kind == .constant })
    #expect(try region(.constant, plan) == .constant(constant))
  }

  /// An element is written over where the same kernel reads it, and nowhere else.
  @Test func inPlace() throws {
    let own = [Donation(input: 0, output: 0)]
    func isInPlace(_ shapes: [Shape], _ body: ([Symbol]) -> [Symbol]) throws -> Bool {
      let plan = try plan(shapes, donations: own, body)
      #expect(plan.memory.outputRegions[0] == .input(0))
      return plan.memory.restorations.isEmpty
    }
    #expect(try isInPlace([[4, 4]]) { [$0[0].apply(Exp())] })
    #expect(try isInPlace([[4, 4]]) { [$0[0] * $0[0].apply(Exp())] })
    #expect(try !isInPlace([[4, 4]]) { [$0[0] + $0[0].transposed([1, 0])] })
    #expect(try !isInPlace([[4, 4]]) { [$0[0].apply(Reverse(axes: [0])).apply(Exp())] })
    #expect(
      try !isInPlace([[4, 4]]) { [$0[0].sum(axes: [0]).broadcast([4, 4], axes: [1]) + $0[0].transposed([1, 0])] })
    // A kernel of its own says by itself what it may write over; this one does not.
    #expect(try !isInPlace([[4, 4]]) { [$0[0].apply(Self.matrix, $0[0])] })
    // Another kernel that reads the input has to come first, which the schedule sees to where it can.
    #expect(try isInPlace([[4, 4]]) { [$0[0].apply(Exp()), $0[0].apply(Self.matrix, $0[0])] })
    #expect(try !isInPlace([[4, 4]]) { [$0[0].apply(Exp()), $0[0].apply(Exp()).apply(Self.matrix, $0[0])] })
  }

  /// What is written over too late is copied at the end, from memory that is kept to the end.
  @Test func restorations() throws {
    let plan = try plan([[4, 4]], donations: [Donation(input: 0, output: 0)]) { [$0[0].apply(Self.matrix, $0[0])] }
    #expect(plan.memory.restorations.map(\.input) == [0])
    let value = try #require(plan.memory.restorations.first).value
    #expect(plan.lowered.graph.nodes[value.node].kind == .dot)
    #expect(plan.memory.arenaBytes == 64 && plan.statistics.kernels == 2 && plan.memory.outputBytes == 0)
    let later = try self.plan([[4, 4]], donations: [Donation(input: 0, output: 0)]) { x in
      let product = x[0].apply(Self.matrix, x[0])
      return [product, product.apply(Tanh()).apply(Self.matrix, product).sum(axes: [0, 1])]
    }
    let kept = try region(.dot, later)
    if case .arena(let first) = kept, let restored = later.memory.restorations.first {
      guard
        case .arena(let other)? = later.memory.place(
          of: restored.value, later.lowered.graph.type(of: restored.value))?.region
      else {
        Issue.record("a restored value lies in the arena")
        return
      }
      #expect(abs(first - other) >= 64, "what is copied at the end is written over by nothing")
    }
  }

  @Test func exchanges() throws {
    // Each input is donated for the other's new value, and both are read by both.
    let plan = try plan([[4], [4]], donations: [Donation(input: 0, output: 0), Donation(input: 1, output: 1)]) { x in
      [x[1].apply(Exp()), x[0].apply(Tanh())]
    }
    #expect(plan.memory.outputRegions == [.input(0), .input(1)])
    #expect(plan.memory.restorations.count <= 1 && plan.memory.outputBytes == 0)
    let kept = try self.plan([[4]], donations: [Donation(input: 0, output: 0)]) { [$0[0]] }
    #expect(kept.memory.restorations.isEmpty && kept.steps.isEmpty, "what stays as it is is not copied")
  }

  /// An offer is taken where it costs nothing, and left otherwise.
  @Test func offers() throws {
    let offer = [Donation(input: 0, output: 0)]
    let taken = try plan([[4, 4]], offers: offer) { [$0[0].apply(Exp())] }
    #expect(taken.memory.outputRegions == [.input(0)] && taken.memory.outputBytes == 0)
    let left = try plan([[4, 4]], offers: offer) { [$0[0].apply(Self.matrix, $0[0])] }
    #expect(left.memory.outputRegions == [.output(0)] && left.memory.outputBytes == 64)
    #expect(left.memory.restorations.isEmpty)
  }

  /// Parts of an assembly lie within the whole, in its layout.
  @Test func assemblies() throws {
    let plan = try plan([[4, 3], [4, 2]]) { x in
      [x[0].builder.emit(Concatenate(axis: 1), [x[0].apply(Exp()), x[1].apply(Tanh())])[0]]
    }
    let graph = plan.lowered.graph
    let places = graph.nodes.indices.filter { graph.nodes[$0].isPlace }.compactMap {
      plan.memory.place(of: Value(node: $0), graph.nodes[$0].types[0])
    }
    #expect(places.map(\.region) == [.output(0), .output(0)])
    #expect(places.map(\.layout) == [Layout(offset: 0, strides: [5, 1]), Layout(offset: 3, strides: [5, 1])])
    #expect(plan.memory.arenaBytes == 0 && plan.memory.outputBytes == 80)
  }

  /// A value takes the block of one that dies where it is made, if it is as large; otherwise one of its own.
  @Test func chains() throws {
    func arena(_ body: @escaping ([Symbol]) -> [Symbol]) throws -> Int { try plan([[16, 16]], body).memory.arenaBytes }
    let bytes = 16 * 16 * 4
    let product = { (x: Symbol) in x.apply(Self.matrix, x) }
    #expect(try arena { [product(product($0[0]))] } == bytes)
    // Products do not write over what they read: two blocks take turns, however long the chain.
    #expect(try arena { x in [(0..<6).reduce(x[0]) { y, _ in product(y) }] } == 2 * bytes)
    // A pass between products does.
    #expect(try arena { x in [(0..<6).reduce(x[0]) { y, _ in product(y.apply(Exp())) }] } <= 3 * bytes)
    #expect(try arena { [product($0[0].apply(Exp())).apply(Tanh()).sum(axes: [0, 1])] } <= 2 * bytes)
  }

  @Test func largestAtPeak() throws {
    let plan = try plan([[16, 16]]) { x in
      let wide = x[0].apply(Self.matrix, x[0])
      return [wide.apply(Self.matrix, wide).apply(Self.matrix, wide).sum(axes: [0, 1])]
    }
    let largest = plan.memory.largestAtPeak
    #expect(largest.map(\.bytes) == largest.map(\.bytes).sorted(by: >) && largest.first?.bytes == 1_024)
    #expect(largest.reduce(0) { $0 + $1.bytes } <= plan.memory.arenaBytes)
    #expect(largest.count >= 2 && largest.allSatisfy { plan.lowered.graph.nodes[$0.node].kind != .input })
  }

  /// Working memory of a kernel is in use while it runs, together with what it reads and writes.
  @Test func workingMemory() throws {
    struct Support: KernelSupport {
      func fuses(_ operation: any FusedOperation, _ operands: [TensorType], _ results: [TensorType]) -> Bool { true }
      func hasKernel(_ operation: any Operation, _ operands: [TensorType], _ results: [TensorType]) -> Bool { true }
      func computingType(_ operation: any Operation, _ elementType: ElementType) -> ElementType? { nil }
      func prepare(
        _ operation: any GraphOperation, _ bodies: [Plan]
      ) throws(OperationError) -> (any PreparedBodies)? { Prepared() }
    }
    struct Prepared: PreparedBodies {
      var workingBytes: Int { 1_000 }
      var overwrittenOperands: [Int: Int] { [:] }
    }
    let row = TensorType([64], .float32)
    let step = try Body.write([row]) { _, x in [x[0].apply(Sin())] }
    let builder = GraphBuilder()
    let x = builder.input(row)
    let loop = Scan(step, length: 3, carryCount: 1, sequenceCount: 0)
    let once = builder.emit(loop, [x.apply(Exp())])
    let twice = builder.emit(loop, [once[0].apply(Tanh())])
    let plan = try Plan(try builder.graph(outputs: [twice[0].apply(Cos())]), for: Support(), donations: [])
    #expect(plan.memory.workingOffsets.count == 2)
    // Two loops use it in turn: 1,000 bytes in whole lines of a cache, what a loop reads and what it writes.
    #expect(plan.memory.arenaBytes == 1_024 + 2 * 256)
    for (node, offset) in plan.memory.workingOffsets {
      for value in [Value(node: node), plan.lowered.graph.nodes[node].operands[0]] {
        guard case .arena(let other)? = plan.memory.place(of: value, row)?.region else { continue }
        #expect(other + 256 <= offset || offset + 1_000 <= other)
      }
    }
  }

  /// Of very many blocks the places are found in the order of use; they overlap as little as those of few.
  @Test func manyBlocks() throws {
    let plan = try plan([[4, 4]]) { x in
      var values = (0..<3).map { _ in x[0] }
      for index in 0..<4_200 {
        values.append(values[index + 2].apply(Self.matrix, values[index + (index % 2)]))
      }
      return [values[values.count - 1]]
    }
    #expect(plan.steps.count > 4_096)
    #expect(plan.memory.arenaBytes <= 8 * 64, "\(plan.memory.arenaBytes)")
    var inUse: [(range: Range<Int>, last: Int)] = []
    var last = [Int](repeating: 0, count: plan.lowered.graph.nodes.count)
    for (index, step) in plan.steps.enumerated() { for node in step.reads { last[node] = index } }
    for (index, step) in plan.steps.enumerated() {
      inUse.removeAll { $0.last < index }
      for node in step.writes {
        guard case .arena(let offset)? = plan.memory.place(of: Value(node: node), TensorType([4, 4], .float32))?.region
        else { continue }
        let range = offset..<offset + 64
        #expect(inUse.allSatisfy { !$0.range.overlaps(range) })
        inUse.append((range, last[node]))
      }
    }
  }
}
