import DescentGraph

extension Graph {
  /// The graph with sums of products that a loop carries, as the gradient of its weights is one, made after the loop as
  /// one product over all steps.
  ///
  /// - Throws: `OperationError` where a function breaks a shape rule.
  /// - Complexity: O(nodes), those of the loops' steps included.
  func sinkingSums() throws(OperationError) -> Graph {
    try rewritingLoops { builder, scan, operands throws(OperationError) in
      try SunkenSums(scan)?.write(builder, operands)
    }
  }
}

/// The carried values of a loop that only add up products.
private struct SunkenSums {
  /// What is added to a carried value in each step: a product or a sum, seen through views.
  private struct Term {
    let node: Int
    /// The views that the sum passes through, the first one first.
    let views: [Int]
  }

  private let scan: Scan
  private let graph: Graph
  private var sums: [(carry: Int, terms: [Term])] = []

  /// Looks for such values; `nil` where there are none.
  init?(_ scan: Scan) {
    self.scan = scan
    graph = scan.body.graph
    var readCounts = [Int](repeating: 0, count: graph.nodes.count)
    for output in graph.outputs { readCounts[output.node] += 1 }
    for node in graph.nodes { for operand in node.operands { readCounts[operand.node] += 1 } }
    var stacked: Set<Value> = []
    for carry in scan.carries {
      guard let terms = terms(of: carry, readCounts), terms.allSatisfy({ graph.nodes[$0.node].kind == .dot })
      else { continue }
      let read = Set(terms.flatMap { graph.nodes[$0.node].operands }.filter { !isWalked($0) })
      // What is the same in every step is not stacked.
      guard !read.contains(where: isConstant) else { continue }
      let bytes = read.reduce(0) { $0 + graph.type(of: $1).byteCount }
      guard bytes <= graph.type(of: graph.inputs[carry]).byteCount, bytes * scan.length <= Self.mostBytes else {
        continue
      }
      stacked.formUnion(read)
      sums.append((carry, terms))
    }
    if sums.isEmpty { return nil }
    // A bias is summed over what is stacked anyway.
    for carry in scan.carries where !sums.contains(where: { $0.carry == carry }) {
      guard let terms = terms(of: carry, readCounts),
        terms.allSatisfy({ term in
          let operand = graph.nodes[term.node].operands[0]
          return graph.nodes[term.node].kind == .reduce && (stacked.contains(operand) || isWalked(operand))
        })
      else { continue }
      sums.append((carry, terms))
    }
  }

  /// What is added to a carried value in each step, where it is nothing but a sum that no step reads.
  private func terms(of carry: Int, _ readCounts: [Int]) -> [Term]? {
    let input = graph.inputs[carry]
    guard readCounts[input.node] == 1, graph.type(of: input).elementType.isFloatingPoint else { return nil }
    var terms: [Term] = []
    var open: [(value: Value, views: [Int])] = [(graph.outputs[carry], [])]
    var hasCarry = false
    while let (value, views) = open.popLast() {
      let node = graph.nodes[value.node]
      if value == input, views.isEmpty {
        hasCarry = true
      } else if node.kind == .add, views.isEmpty, readCounts[value.node] == 1 {
        open += node.operands.map { ($0, []) }
      } else if node.kind == .transpose || node.kind == .reshape {
        open.append((node.operands[0], [value.node] + views))
      } else if node.kind == .dot || (node.operation as? Reduce)?.reducer == .sum {
        terms.append(Term(node: value.node, views: views))
      } else {
        return nil
      }
    }
    return hasCarry && !terms.isEmpty ? terms : nil
  }

  /// Whether a value of the step is one that the loop walks along.
  private func isWalked(_ value: Value) -> Bool {
    graph.nodes[value.node].input.map { scan.sequences.contains($0.index) } ?? false
  }

  /// Whether a value of the step is one of the loop's constants.
  private func isConstant(_ value: Value) -> Bool {
    graph.nodes[value.node].input.map { scan.constants.contains($0.index) } ?? false
  }

  /// Writes the loop, which stacks what the products read, and the products; gives the loop's results.
  func write(_ builder: GraphBuilder, _ operands: [Symbol]) throws(OperationError) -> [Symbol] {
    var stacked: [Value] = []
    for value in sums.flatMap(\.terms).flatMap({ graph.nodes[$0.node].operands })
    where !isWalked(value) && !stacked.contains(value) { stacked.append(value) }
    let carried = Set(sums.map(\.carry))
    let wider = Graph(
      nodes: graph.nodes, inputs: graph.inputs,
      outputs: graph.outputs.enumerated().map { carried.contains($0) ? graph.inputs[$0] : $1 } + stacked)
    let loop = Scan(
      Body(wider.removingDeadNodes()), length: scan.length, carryCount: scan.carryCount,
      sequenceCount: scan.sequenceCount,
      isReversed: scan.isReversed)
    var results = builder.emit(loop, operands)
    let first = graph.outputs.count
    var whole: [Value: Symbol] = [:]
    for (position, value) in stacked.enumerated() { whole[value] = results[first + position] }
    for index in scan.sequences { whole[graph.inputs[index]] = operands[index] }
    for (carry, terms) in sums {
      results[carry] = terms.reduce(operands[carry]) { sum, term in
        let node = graph.nodes[term.node]
        let read = node.operands.compactMap { whole[$0] }
        return builder.writing(node.provenance.within(builder.provenance)) {
          let total = builder.emit(node.operation.overAllSteps, read)[0]
          return sum + term.views.reduce(total) { builder.emit(graph.nodes[$1].operation, [$0])[0] }
        }
      }
    }
    return Array(results[..<first])
  }

  /// The most memory that a value of all steps may take.
  private static let mostBytes = 1 << 28
}

extension Operation {
  /// A product or a sum of stacks, which sums over the steps as well.
  fileprivate var overAllSteps: any Operation {
    func later(_ axes: [Int]) -> [Int] { axes.map { $0 + 1 } }
    switch self {
    case let dot as Dot:
      return Dot(
        leftBatch: later(dot.leftBatch), rightBatch: later(dot.rightBatch),
        leftContracted: [0] + later(dot.leftContracted), rightContracted: [0] + later(dot.rightContracted))
    case let reduce as Reduce: return Reduce(reduce.reducer, axes: [0] + later(reduce.axes))
    default: return self
    }
  }
}
