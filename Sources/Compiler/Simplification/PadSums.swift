import DescentGraph

extension Graph {
  /// Puts sums of tensors that were padded with zeros to lie side by side together as concatenations.
  ///
  /// The derivative of slices is such a sum; added up pad by pad, a loop over T slices would move O(T²) elements. A
  /// negative zero may become a positive one.
  ///
  /// - Complexity: O(nodes · log nodes).
  func joiningPadSums() throws(OperationError) -> Graph {
    let sums = padSums()
    guard !sums.isEmpty else { return self }
    let rewriter = Rewriter(Rule.views)
    return try rewritten(into: rewriter.builder) { index, node, values in
      guard let sum = sums[index] else { return rewriter.write(node.operation, node.operands.map { values[$0] }) }
      let joined = rewriter.concatenation(sum.pads.map { ($0, values[$0.operand]) }, sum.axis, node.types[0])
      return [sum.others.reduce(joined) { rewriter.one(Add(), $0, values[$1]) }]
    }
  }

  /// For each sum that contains at least two pads side by side: those pads, and what else is added.
  private func padSums() -> [Int: PadSum] {
    var readCounts = [Int](repeating: 0, count: nodes.count)
    var isInnerSum = [Bool](repeating: false, count: nodes.count)
    for output in outputs { readCounts[output.node] += 1 }
    for node in nodes { for operand in node.operands { readCounts[operand.node] += 1 } }
    for node in nodes where node.kind == .add {
      for operand in node.operands where readCounts[operand.node] == 1 && nodes[operand.node].kind == .add {
        isInnerSum[operand.node] = true
      }
    }
    var sums: [Int: PadSum] = [:]
    for index in nodes.indices where nodes[index].kind == .add && !isInnerSum[index] {
      var (leaves, open): ([Value], [Value]) = ([], nodes[index].operands)
      while let value = open.popLast() {
        if isInnerSum[value.node] { open += nodes[value.node].operands } else { leaves.append(value) }
      }
      if let sum = padSum(of: leaves) { sums[index] = sum }
    }
    return sums
  }

  private func padSum(of leaves: [Value]) -> PadSum? {
    let pads = leaves.compactMap(sideBySidePad)
    guard pads.count >= 2, let axis = pads.first?.axis else { return nil }
    var sum = PadSum(axis: axis, pads: [], others: [])
    for pad in pads.sorted(by: { ($0.start, $0.value.node) < ($1.start, $1.value.node) }) {
      if pad.axis == axis, pad.start >= sum.pads.last?.end ?? 0 {
        sum.pads.append(pad)
      } else {
        sum.others.append(pad.value)
      }
    }
    guard sum.pads.count >= 2 else { return nil }
    sum.others += leaves.filter { sideBySidePad($0) == nil }
    return sum
  }

  /// A value as a pad with zeros along exactly one axis.
  private func sideBySidePad(_ value: Value) -> SideBySidePad? {
    let node = nodes[value.node]
    guard let pad = node.operation as? Pad, pad.interior.allSatisfy({ $0 == 0 }),
      (pad.low + pad.high).allSatisfy({ $0 >= 0 }),
      let filling = nodes[node.operands[1].node].operation as? Constant, ReferenceArray(filling.literal).real(0) == 0
    else { return nil }
    let padded = pad.low.indices.filter { pad.low[$0] != 0 || pad.high[$0] != 0 }
    guard padded.count == 1, let axis = padded.first else { return nil }
    let size = type(of: node.operands[0]).shape[axis]
    return SideBySidePad(
      value: value, operand: node.operands[0], axis: axis, start: pad.low[axis], end: pad.low[axis] + size)
  }
}

/// A sum, sorted into pads that lie side by side along an axis and the rest.
private struct PadSum {
  let axis: Int
  var pads: [SideBySidePad]
  var others: [Value]
}

/// A tensor padded with zeros along one axis: where it lies there.
private struct SideBySidePad {
  let value: Value
  let operand: Value
  let axis: Int
  let start: Int
  let end: Int
}

extension Rewriter {
  /// The parts at their places along an axis, zeros between them.
  fileprivate func concatenation(_ parts: [(pad: SideBySidePad, value: Symbol)], _ axis: Int, _ type: TensorType)
    -> Symbol
  {
    var pieces: [Symbol] = []
    var end = 0
    func fill(to start: Int) {
      guard start > end else { return }
      var shape = type.shape
      shape[axis] = start - end
      pieces.append(builder.constant(0, type.with(shape: shape)))
    }
    for part in parts {
      fill(to: part.pad.start)
      pieces.append(part.value)
      end = part.pad.end
    }
    fill(to: type.shape[axis])
    return write(Concatenate(axis: axis), pieces)[0]
  }
}
