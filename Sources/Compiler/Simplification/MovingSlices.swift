import DescentGraph

extension Graph {
  /// Takes slices of operands instead of slices of results, where an elementwise result is only ever read in slices
  /// that do not overlap: less is computed, and the computation joins the kernels that read the slices.
  ///
  /// - Complexity: O(nodes).
  func movingSlicesUp() throws(OperationError) -> Graph {
    let movable = elementwiseNodesReadInSlices()
    guard movable.contains(true) else { return self }
    let rewriter = Rewriter(Rule.views + Rule.repetition)
    func sliced(_ value: Value, _ slice: Slice, _ values: ResultList<Symbol>) -> Symbol {
      guard movable[value.node] else { return rewriter.one(slice, values[value]) }
      let node = nodes[value.node]
      return rewriter.write(node.operation, node.operands.map { sliced($0, slice, values) })[0]
    }
    return try rewritten(into: rewriter.builder) { _, node, values in
      if node.kind == .slice, let slice = node.operation as? Slice { return [sliced(node.operands[0], slice, values)] }
      return rewriter.write(node.operation, node.operands.map { values[$0] })
    }
  }

  /// For each node, whether it is elementwise and read only by slices that together are no larger than it is, or by
  /// one elementwise node of which that is true.
  private func elementwiseNodesReadInSlices() -> [Bool] {
    var readCounts = [Int](repeating: 0, count: nodes.count)
    // The elementwise nodes that only lead to a node, itself included: each slice repeats them.
    var repeated = [Int](repeating: 1, count: nodes.count)
    var slicedElements = [Int](repeating: 0, count: nodes.count)
    var sliceReads = [Int](repeating: 0, count: nodes.count)
    var reader = [Int](repeating: -1, count: nodes.count)
    for output in outputs { readCounts[output.node] += 1 }
    for (index, node) in nodes.enumerated() {
      for operand in node.operands {
        readCounts[operand.node] += 1
        reader[operand.node] = index
        if node.kind == .slice {
          sliceReads[operand.node] += 1
          slicedElements[operand.node] += node.types[0].count
        }
      }
    }
    for (index, node) in nodes.enumerated() where node.operation.isElementwise {
      for operand in node.operands where readCounts[operand.node] == 1 && nodes[operand.node].operation.isElementwise {
        repeated[index] += repeated[operand.node]
      }
    }
    var movable = [Bool](repeating: false, count: nodes.count)
    for index in nodes.indices.reversed() where nodes[index].operation.isElementwise {
      if readCounts[index] == 1, reader[index] >= 0, movable[reader[index]] {
        movable[index] = true
      } else if sliceReads[index] > 0, sliceReads[index] == readCounts[index] {
        movable[index] =
          slicedElements[index] <= nodes[index].types[0].count
          && repeated[index] * sliceReads[index] <= Self.mostRepeated + sliceReads[index]
      }
    }
    return movable
  }

  /// The most nodes that slices of one value may add.
  private static let mostRepeated = 512
}
