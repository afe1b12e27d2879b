import DescentGraph

extension Graph {
  /// The graph with simpler nodes of the same value, and what each pass did.
  ///
  /// - Parameters:
  ///   - records: Receives what each pass did.
  ///   - watch: Called after each pass with the graph that it left.
  /// - Throws: `OperationError` where a pass breaks the graph's promises.
  /// - Complexity: O(nodes) for each of a bounded number of passes.
  package func simplified(
    _ records: inout [PassRecord], watch: (Graph) -> Void = { _ in }
  ) throws(OperationError) -> Graph {
    var graph = try removingDeadNodes().inliningCalls().sinkingSums().hoistingProducts().pruningFunctions()
    records.append(PassRecord("dead code", nodesBefore: nodes.count, nodesAfter: graph.nodes.count))
    watch(graph)
    let rules = Rule.emptiness + Rule.algebra + Rule.views + Rule.reductions + Rule.repetition + Rule.folding
    for round in 1...Self.mostRounds {
      func run(_ name: String, _ pass: (Graph) throws(OperationError) -> Graph) throws(OperationError) {
        let result = try pass(graph).removingDeadNodes()
        records.append(PassRecord("\(name) \(round)", nodesBefore: graph.nodes.count, nodesAfter: result.nodes.count))
        graph = result
        watch(graph)
      }
      try run("rules") { graph throws(OperationError) in try Rewriter.rewrite(graph, rules) }
      let simple = graph
      try run("slices") { graph throws(OperationError) in try graph.movingSlicesUp() }
      try run("pad sums") { graph throws(OperationError) in try graph.joiningPadSums() }
      try run("concatenations") { graph throws(OperationError) in try graph.joiningConcatenations() }
      // The rules have nothing left to do where the other passes found nothing.
      if graph == simple { break }
    }
    return graph
  }

  private static let mostRounds = 4
}
