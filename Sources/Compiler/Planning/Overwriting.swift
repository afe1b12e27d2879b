import DescentGraph

/// Which results of kernels of their own may be written into the memory of an operand that nothing else reads any more.
struct Overwriting {
  private var operands: [Value: Value] = [:]

  init(_ lowered: LoweredGraph, for support: some KernelSupport, bodies: [Int: any PreparedBodies]) {
    for (index, node) in lowered.graph.nodes.enumerated() where lowered.means[index] == .kernel {
      var pairs = bodies[index]?.overwrittenOperands ?? [:]
      if let operand = support.overwrittenOperand(node.operation) { pairs[0] = operand }
      if pairs.isEmpty { continue }
      let places = node.operands.map(lowered.place)
      for (result, operand) in pairs {
        let (base, layout) = places[operand]
        let type = lowered.graph.type(of: base)
        // All of the value, and nothing that the kernel reads under another name too.
        guard type.byteCount == node.types[result].byteCount, layout.offset == 0,
          layout.isPacked(lowered.graph.type(of: node.operands[operand]).shape),
          places.count(where: { $0.base == base }) == 1
        else { continue }
        operands[Value(node: index, result: result)] = base
      }
    }
  }

  /// The value in whose memory a result may be written, if that is read by nothing else any more.
  func operand(of result: Value) -> Value? { operands[result] }
}
