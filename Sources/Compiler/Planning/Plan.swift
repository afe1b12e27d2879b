import DescentGraph

/// A lowered graph with its kernel calls in order and a place in memory for every value.
package struct Plan: Sendable {
  /// The graph that is computed.
  package let lowered: LoweredGraph
  /// The kernel calls in order.
  package let steps: [Step]
  /// Where values lie.
  package let memory: MemoryPlan
  /// The functions of the nodes that hold some, by node.
  package let bodies: [Int: any PreparedBodies]
  /// What is known before a run.
  package var statistics = PlanStatistics()

  /// Simplifies, lowers and schedules a graph and lays out its memory.
  ///
  /// - Throws: `OperationError` where the graph breaks its promises or a donation does not fit.
  package init(_ graph: Graph, for support: some KernelSupport, donations: [Donation]) throws(OperationError) {
    try self.init(graph, for: support, donations: donations, offers: [])
  }

  /// Makes a plan that writes outputs into inputs that are offered for them, but only where that costs nothing.
  init(
    _ graph: Graph, for support: some KernelSupport, donations: [Donation] = [], offers: [Donation]
  ) throws(OperationError) {
    try graph.check()
    try graph.check(donations + offers)
    var statistics = PlanStatistics()
    statistics.nodesBefore = graph.nodes.count
    let simple = try graph.simplified(&statistics.passes)
    statistics.nodesAfter = simple.nodes.count
    lowered = try simple.lowered(for: support, donations: donations)
    statistics.passes.append(
      PassRecord("lowering", nodesBefore: simple.nodes.count, nodesAfter: lowered.graph.nodes.count))
    let inner = try lowered.planningBodies(for: support)
    bodies = inner.prepared
    let workingBytes = bodies.mapValues(\.workingBytes)
    let clustering = Clustering(lowered)
    steps = Schedule(clustering, donations: donations + offers, workingBytes: workingBytes).steps
    statistics.passes.append(
      PassRecord("fusion", nodesBefore: lowered.graph.nodes.count, nodesAfter: steps.count))
    let overwriting = Overwriting(lowered, for: support, bodies: bodies)
    memory = MemoryPlan(
      lowered, steps, donations, offers: offers, overwriting: overwriting, workingBytes: workingBytes)
    statistics.kernels = steps.count + memory.restorations.count
    statistics.arenaBytes = memory.arenaBytes
    statistics.outputBytes = memory.outputBytes
    statistics.constantBytes = inner.statistics.constantBytes
    statistics.constantBytes += lowered.graph.nodes.reduce(0) { sum, node in
      node.kind == .constant ? sum + node.types[0].byteCount : sum
    }
    statistics.referenceOperations =
      lowered.graph.nodes.indices.filter { lowered.means[$0] == .reference }
      .map { lowered.graph.nodes[$0].operation.name } + inner.statistics.referenceOperations
    self.statistics = statistics
  }

  /// Refuses a plan that needs more memory than allowed.
  ///
  /// - Parameter scratchBytes: What kernels need in addition to the plan.
  /// - Throws: `OperationError` that names the peak, the limit, and the largest values alive at the peak.
  package func check(memoryLimit: Int?, scratchBytes: Int = 0) throws(OperationError) {
    let peak = statistics.peakBytes + scratchBytes
    guard let memoryLimit, peak > memoryLimit else { return }
    let largest = memory.largestAtPeak.prefix(5).map { index, bytes in
      let node = lowered.graph.nodes[index]
      let layer = node.provenance.scope.path
      let place = layer.isEmpty ? "" : " of \(layer) \(node.provenance.phase)"
      return "\(node.operation.name)\(place) \(node.types[0]) (\(Self.megabytes(bytes)))"
    }
    throw OperationError(
      "compile",
      "a run would take \(Self.megabytes(peak)), the limit is \(Self.megabytes(memoryLimit));"
        + " the largest values at the peak: " + largest.joined(separator: ", "))
  }

  /// Where what a step computes comes from: that of the last value that it writes.
  package func provenance(of step: Step) -> Provenance {
    step.writes.last.map { lowered.graph.nodes[$0].provenance } ?? Provenance()
  }

  private static func megabytes(_ bytes: Int) -> String {
    if bytes < 1 << 20 { return "\(bytes) bytes" }
    let tenths = (bytes * 10 + (1 << 19)) >> 20
    return "\(tenths / 10).\(tenths % 10) MiB"
  }
}

extension Graph {
  /// Refuses donations that name no input or output, name one twice, or pair tensors of different types.
  package func check(_ donations: [Donation]) throws(OperationError) {
    var (givers, takers): (Set<Int>, Set<Int>) = ([], [])
    for donation in donations {
      guard inputs.indices.contains(donation.input), outputs.indices.contains(donation.output) else {
        throw OperationError(
          "donate",
          "input \(donation.input) to output \(donation.output): there are \(inputs.count) inputs and"
            + " \(outputs.count) outputs")
      }
      guard givers.insert(donation.input).inserted, takers.insert(donation.output).inserted else {
        throw OperationError("donate", "input \(donation.input) or output \(donation.output) is named twice")
      }
      let (giver, taker) = (type(of: inputs[donation.input]), type(of: outputs[donation.output]))
      guard giver == taker else {
        throw OperationError(
          "donate", "input \(donation.input) is \(giver), output \(donation.output) is \(taker)")
      }
    }
  }
}
