import DescentGraph
import Testing

@testable import DescentCompiler

/// Makers come first, readers of what is written over before who writes, and the order with the lower peak is taken.
@Suite struct ScheduleTests {
  private static let matrix = Dot(leftContracted: [1], rightContracted: [0])

  private func steps(
    _ shapes: [Shape], donations: [Donation] = [], workingBytes: [Int: Int] = [:],
    _ body: ([Symbol]) -> [Symbol]
  ) throws -> (steps: [Step], lowered: LoweredGraph) {
    let builder = GraphBuilder()
    let inputs = shapes.map { builder.input(TensorType($0, .float32)) }
    let lowered = try builder.graph(outputs: body(inputs)).lowered(for: TestSupport(), donations: donations)
    let schedule = Schedule(Clustering(lowered), donations: donations, workingBytes: workingBytes)
    return (schedule.steps, lowered)
  }

  private func names(_ found: (steps: [Step], lowered: LoweredGraph)) -> [String] {
    found.steps.map { step in
      let nodes = step.writes.map { found.lowered.graph.nodes[$0].operation.name }
      return nodes.joined(separator: "+")
    }
  }

  private func product(_ x: Symbol) -> Symbol { x.apply(Self.matrix, x) }

  /// The most bytes of products that are there at a time, as the order has it.
  private func peak(_ found: (steps: [Step], lowered: LoweredGraph)) -> Int {
    var last: [Int: Int] = [:]
    for (index, step) in found.steps.enumerated() { for node in step.reads { last[node] = index } }
    let outputs = Set(found.lowered.graph.outputs.map { found.lowered.base(of: $0).node })
    var (alive, peak) = (0, 0)
    for (index, step) in found.steps.enumerated() {
      for node in step.writes where !outputs.contains(node) {
        alive += found.lowered.graph.nodes[node].types.reduce(0) { $0 + $1.byteCount }
      }
      peak = max(peak, alive)
      for node in Set(step.reads) where last[node] == index && !outputs.contains(node) {
        if found.lowered.means[node] != .given {
          alive -= found.lowered.graph.nodes[node].types.reduce(0) { $0 + $1.byteCount }
        }
      }
    }
    return peak
  }

  @Test func everyUnitOnce() throws {
    let found = try steps([[4, 4]]) { x in
      let (a, b) = (product(x[0]).apply(Exp()), product(x[0].apply(Tanh())))
      return [a.apply(Self.matrix, b), product(b)]
    }
    var made: Set<Int> = []
    for step in found.steps {
      for node in step.reads where found.lowered.means[node] != .given { #expect(made.contains(node)) }
      for node in step.writes { #expect(made.insert(node).inserted) }
    }
    #expect(found.steps.count == 6 || found.steps.count == 5, "\(names(found))")
  }

  /// Wide values that are summed up at once: kept until all are there, as they were recorded, or one after the other.
  @Test func theLowerPeakIsTaken() throws {
    let found = try steps([Shape](repeating: [16, 16], count: 6)) { x in
      let wide = x.map(product)
      return [
        wide.map { $0.apply(Cumulative(.sum, axis: 0)).apply(Self.matrix, x[0]).sum(axes: [0, 1]) }
          .reduce(x[0].constant(0).sum(axes: [0, 1])) { $0 + $1 }
      ]
    }
    #expect(peak(found) <= 3 * 1_024 + 64, "\(names(found)): \(peak(found))")
    // Recorded in an order that needs less than running early what frees: that order stays.
    let recorded = try steps([[16, 16]]) { x in
      let first = product(x[0])
      return [product(first), product(x[0].apply(Exp()))]
    }
    #expect(names(recorded).first == "dot", "\(names(recorded))")
  }

  /// Who writes over a donated input waits for all that read it, though it could run first.
  @Test func readersBeforeWriters() throws {
    let found = try steps([[4, 4], [4, 4]], donations: [Donation(input: 0, output: 0)]) { x in
      [x[0] + x[1].apply(Exp()), product(x[0]), x[0].apply(Cumulative(.sum, axis: 0)).apply(Self.matrix, x[1])]
    }
    let order = names(found)
    let writer = try #require(order.firstIndex { $0.contains("add") })
    for reader in ["dot", "cumulativeSum"] {
      if let place = order.firstIndex(of: reader) { #expect(place < writer, "\(order)") }
    }
    // Without the donation it comes as it was recorded.
    let free = try steps([[4, 4], [4, 4]]) { x in [x[0] + x[1].apply(Exp()), product(x[0])] }
    #expect(names(free).first == "add", "\(names(free))")
  }

  /// Two writers that each read what the other writes over: neither order serves both, and both run.
  @Test func hinderedByEachOther() throws {
    let both = [Donation(input: 0, output: 0), Donation(input: 1, output: 1)]
    let found = try steps([[4, 4], [4, 4]], donations: both) { x in [product(x[1]), product(x[0])] }
    #expect(found.steps.count == 2)
  }

  /// Working memory counts where the peak is.
  @Test func workingMemoryCounts() throws {
    func body(_ x: [Symbol]) -> [Symbol] {
      // A small value, of which a kernel with much working memory makes another one, and a large value.
      let small = x[0].sum(axes: [0]).apply(Cumulative(.sum, axis: 0))
      let large = product(x[0])
      return [product(large).sum(axes: [0, 1]) + small.sum(axes: [0])]
    }
    let plain = try steps([[16, 16]], body)
    let node = try #require(plain.lowered.graph.nodes.firstIndex { $0.kind == .cumulative })
    let working = try steps([[16, 16]], workingBytes: [node: 1 << 20], body)
    let place = try #require(names(working).firstIndex { $0.hasPrefix("cumulative") })
    let dots = names(working).indices.filter { names(working)[$0] == "dot" }
    // Not while a large value waits.
    #expect(place < (dots.first ?? 0) || place > (dots.last ?? 0), "\(names(working))")
  }
}
