import DescentGraph

extension Graph {
  /// The graph with simpler nodes of the same value, and what each pass did.
  ///
  /// - Throws: `OperationError` where a pass breaks the graph's promises.
  /// - Complexity: O(nodes) for each of a bounded number of passes.
  public func simplified(_ records: inout [PassRecord]) throws(OperationError) -> Graph {
    var graph = removingDeadNodes()
    records.append(PassRecord("dead code", nodesBefore: nodes.count, nodesAfter: graph.nodes.count))
    let rules = Rule.emptiness + Rule.algebra + Rule.views + Rule.reductions + Rule.repetition + Rule.folding
    for round in 1...Self.mostRounds {
      let before = graph
      for (name, pass) in Self.passes(rules) {
        let result = try pass(graph).removingDeadNodes()
        records.append(PassRecord("\(name) \(round)", nodesBefore: graph.nodes.count, nodesAfter: result.nodes.count))
        graph = result
      }
      if graph == before { break }
    }
    return graph
  }

  private static let mostRounds = 4

  private typealias Pass = (Graph) throws(OperationError) -> Graph

  private static func passes(_ rules: [Rule]) -> [(String, Pass)] {
    [
      ("rules", { graph throws(OperationError) in try Rewriter.rewrite(graph, rules) }),
      ("slices", { graph throws(OperationError) in try graph.movingSlicesUp() }),
      ("pad sums", { graph throws(OperationError) in try graph.joiningPadSums() }),
    ]
  }
}
