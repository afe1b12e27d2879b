import DescentGraph

extension Explanation {
  /// Puts values and names together.
  init(_ walk: BackwardWalk, _ numbers: [Numbers], names: [String], marked: [(Value, String)]) {
    let graph = walk.source
    let naming = Naming(graph, argumentNames: names, marked: marked) { numbers[walk.places.values[$0]] }
    let order = naming.order
    var position: [Int: Int] = [:]
    for (place, node) in order.enumerated() { position[node] = place }
    nodes = order.map { index in
      let derivative = walk.places.derivatives[index].map { numbers[$0] }
      let input = graph.nodes[index].operation as? Input
      let isArgument = input.map { $0.index < names.count } ?? false
      let zero = isArgument && walk.moves[index] && derivative == nil
      return Node(
        name: naming.names[index], formula: naming.formulas[index], operation: naming.operations[index],
        role: index == graph.outputs[0].node
          ? .result : isArgument ? .argument : graph.nodes[index].operands.isEmpty ? .constant : .inner,
        value: numbers[walk.places.values[index]],
        derivative: derivative ?? (zero ? Numbers(ReferenceArray(graph.nodes[index].types[0], repeating: 0)) : nil))
    }
    var edges: [Edge] = []
    for index in order {
      for (operand, value) in graph.nodes[index].operands.enumerated() {
        let contribution = walk.places.contributions[index][operand].map { numbers[$0] }
        edges.append(
          Edge(
            from: position[value.node] ?? 0, to: position[index] ?? 0, operand: operand,
            symbol: contribution == nil ? "" : naming.localSymbol(index, operand),
            local: walk.places.locals[index][operand].map { numbers[$0] }, contribution: contribution))
      }
    }
    self.edges = edges
    result = position[graph.outputs[0].node] ?? 0
    functions = naming.functions
    derivatives = []
    let leaving = Dictionary(grouping: edges.filter { $0.contribution != nil }, by: \.from)
    for (argument, value) in graph.inputs.prefix(names.count).enumerated() where walk.moves[value.node] {
      guard let place = position[value.node], let derivative = nodes[place].derivative else { continue }
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
    // How many paths lead from each node to the result; users stand behind what they use.
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
