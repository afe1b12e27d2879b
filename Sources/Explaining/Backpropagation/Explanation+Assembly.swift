import DescentGraph
import DescentTensors

extension Explanation {
  /// Puts values and names together.
  init(
    _ walk: BackwardWalk, _ numbers: [TensorSummary], names: [String], marked: [(Value, String)],
    functions: [(Value, FunctionNames.Named)]
  ) {
    let graph = walk.source
    func value(_ value: Value) -> TensorSummary {
      walk.places.values[value].map { numbers[$0] }
        ?? TensorSummary(ReferenceArray(graph.type(of: value), repeating: 0))
    }
    let naming = Naming(graph, argumentNames: names, marked: marked, functions: functions, value: value)
    let order = naming.order
    var position: [Value: Int] = [:]
    for (place, value) in order.enumerated() { position[value] = place }
    nodes = order.map { place in
      let node = graph.nodes[place.node]
      let derivative = walk.places.derivatives[place].map { numbers[$0] }
      let isArgument = (node.operation as? Input).map { $0.index < names.count } ?? false
      let zero = isArgument && walk.moves[place.node] && derivative == nil
      return Node(
        name: naming.names[place] ?? "", formula: naming.formulas[place] ?? "",
        operation: naming.operations[place.node],
        role: place == graph.outputs[0]
          ? .result : isArgument ? .argument : node.operands.isEmpty ? .constant : .inner,
        value: value(place),
        derivative: derivative ?? (zero ? TensorSummary(ReferenceArray(graph.type(of: place), repeating: 0)) : nil))
    }
    var edges: [Edge] = []
    for (to, user) in order.enumerated() {
      for (operand, value) in graph.nodes[user.node].operands.enumerated() {
        let use = BackwardWalk.Use(user: user, operand: operand)
        let contribution = walk.places.contributions[use].map { numbers[$0] }
        edges.append(
          Edge(
            from: position[value] ?? 0, to: to, operand: operand,
            symbol: contribution == nil ? "" : naming.localSymbol(user, operand),
            local: walk.places.locals[use].map { numbers[$0] }, contribution: contribution))
      }
    }
    self.edges = edges
    result = position[graph.outputs[0]] ?? 0
    self.functions = naming.functions
    derivatives = []
    let leaving = Dictionary(grouping: edges.filter { $0.contribution != nil }, by: \.from)
    for (argument, value) in graph.inputs.prefix(names.count).enumerated() where walk.moves[value.node] {
      guard let place = position[value], let derivative = nodes[place].derivative else { continue }
      let (paths, count) = chains(to: place, leaving)
      derivatives.append(Derivative(name: names[argument], paths: paths, pathCount: count, value: derivative))
    }
  }

  /// The most paths that are written out.
  private static var mostPaths: Double { 8 }

  /// The most factors of a path that is written out.
  private static var longestPath: Int { 60 }

  /// The paths from the result to a node, with the local derivatives along them.
  private func chains(to target: Int, _ leaving: [Int: [Edge]]) -> (paths: [Path], count: Double) {
    // How many paths lead from each node to the result; users stand after what they use.
    var counts = [Double](repeating: 0, count: nodes.count)
    counts[result] = 1
    for node in nodes.indices.reversed() where node != result {
      counts[node] = (leaving[node] ?? []).reduce(0) { $0 + counts[$1.to] }
    }
    guard counts[target] > 0, counts[target] <= Self.mostPaths else { return ([], counts[target]) }
    var finished: [Path] = []
    var isComplete = true
    func follow(_ node: Int, _ path: Path) {
      if node == result { return finished.append(path) }
      for edge in leaving[node] ?? [] {
        guard let factor = edge.local?.number, path.factors.count < Self.longestPath else {
          isComplete = false
          return
        }
        // From the result to the argument, as the chain rule is written.
        follow(edge.to, Path(symbols: [edge.symbol] + path.symbols, factors: [factor] + path.factors))
      }
    }
    follow(target, Path(symbols: [], factors: []))
    return (isComplete ? finished : [], counts[target])
  }
}
