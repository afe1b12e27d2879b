import DescentGraph
import Testing

@testable import DescentCompiler

/// Whatever the graph, no two values that are needed at the same time share memory.
@Suite struct SharedMemoryTests {
  private static let matrix = Dot(leftContracted: [1], rightContracted: [0])

  /// A graph of products, passes and sums that read any of the values before them.
  private func graph(_ seed: Int) throws -> Graph {
    var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15
    func below(_ limit: Int) -> Int {
      state = state &* 0x5851_f42d_4c95_7f2d &+ 0x1405_7b7e_f767_814f
      return Int(state >> 33) % limit
    }
    let builder = GraphBuilder()
    let type = TensorType([4, 4], .float32)
    var values = [builder.input(type), builder.input(type)]
    for _ in 0..<14 {
      let (a, b) = (values[below(values.count)], values[max(0, values.count - 1 - below(4))])
      switch below(6) {
      case 0, 1: values.append(a.apply(Self.matrix, b))
      case 2: values.append((a + b).apply(Tanh()))
      case 3: values.append(b.apply(Exp()).transposed([1, 0]) * a)
      case 4:
        let joined = builder.emit(Concatenate(axis: 0), [a.apply(Sin()), b])[0]
        values.append(joined.apply(Slice(starts: [2, 0], limits: [6, 4])))
      default: values.append(b.sum(axes: [1]).broadcast([4, 4], axes: [0]) - a)
      }
    }
    return try builder.graph(outputs: [
      values[values.count - 1], values[below(values.count)], values[5],
    ])
  }

  @Test(arguments: 1...60) func nothingIsWrittenOver(_ seed: Int) throws {
    let donations = seed % 3 == 0 ? [Donation(input: 0, output: 0)] : []
    let plan = try Plan(try graph(seed), for: TestSupport(), donations: donations)
    let (lowered, graph) = (plan.lowered, plan.lowered.graph)
    /// The bytes of a base value, or of the whole that it is a part of.
    func bytes(_ node: Int) -> (region: MemoryPlan.Region, range: Range<Int>)? {
      let value = Value(node: node)
      guard let place = plan.memory.place(of: value, graph.nodes[node].types[0]) else { return nil }
      let shape = graph.nodes[node].types[0].shape
      let places = place.layout.places(shape)
      guard let first = places.min(), let last = places.max() else { return nil }
      guard case .arena(let offset) = place.region else {
        return (place.region, first * 4..<(last + 1) * 4)
      }
      return (.arena(0), offset + first * 4..<offset + (last + 1) * 4)
    }
    var last: [Int: Int] = [:]
    for (index, step) in plan.steps.enumerated() { for node in step.reads { last[node] = index } }
    for output in graph.outputs { last[lowered.base(of: output).node] = plan.steps.count }
    var alive = Set(graph.nodes.indices.filter { graph.nodes[$0].kind == .input })
    for (index, step) in plan.steps.enumerated() {
      for node in step.writes {
        guard let own = bytes(node) else { continue }
        for other in alive where other != node && (last[other] ?? -1) > index {
          guard graph.nodes[other].assembly == nil, let theirs = bytes(other),
            theirs.region == own.region
          else { continue }
          // Parts of one whole may lie over each other on purpose.
          if graph.nodes[node].isPlace, graph.nodes[other].isPlace { continue }
          #expect(
            !own.range.overlaps(theirs.range),
            "%\(node) over %\(other) in step \(index) of \(graph)")
        }
      }
      alive.formUnion(step.writes)
    }
    #expect(!plan.steps.isEmpty)
  }
}
