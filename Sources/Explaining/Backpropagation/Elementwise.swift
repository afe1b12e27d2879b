import DescentGraph

extension Operation {
  /// Whether an element of the result depends on the elements in the same place of the operands alone, and may have a
  /// derivative with respect to each of them.
  var isElementwise: Bool {
    switch self {
    case is any UnaryOperation, is any BinaryOperation, is Select, is Convert, is Clamp, is IntegerPower: true
    case let call as Call: call.body.graph.isElementwise
    default: false
    }
  }
}

extension Graph {
  /// Whether an element of the only result depends on the elements in the same place of the inputs alone.
  fileprivate var isElementwise: Bool {
    guard outputs.count == 1 else { return false }
    let shape = type(of: outputs[0]).shape
    // What does not depend on inputs may be made in any way.
    var depends: [Bool] = []
    for node in nodes {
      let moved = node.operands.filter { depends[$0.node] }
      depends.append(node.operation is Input || !moved.isEmpty)
      guard moved.isEmpty || node.operation.isElementwise || node.operation is Compare || node.operation is IsFinite,
        moved.allSatisfy({ type(of: $0).shape == shape })
      else { return false }
    }
    return true
  }
}
