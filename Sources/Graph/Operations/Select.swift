/// Takes each element from one of two tensors: from the first where the condition holds, from the second elsewhere.
package struct Select: Operation {
  package init() {}
  package static var kind: OperationKind { .select }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    guard operands[0].elementType == .bool else {
      throw OperationError(name, "the condition is \(operands[0].elementType), not bool")
    }
    try checkAlike(Array(operands[1...]))
    guard operands[0].shape == operands[1].shape else {
      throw OperationError(name, "the condition has shape \(operands[0].shape), the choices \(operands[1].shape)")
    }
    return [operands[1]]
  }

  package func tangents(_ context: ForwardContext) -> [Symbol?] {
    let (a, b) = (context.tangents[1], context.tangents[2])
    guard let some = a ?? b else { return [nil] }
    return [(a ?? some.zeros).selected(where: context.operands[0], otherwise: b ?? some.zeros)]
  }

  package func transposed(_ context: TransposeContext) -> [Symbol?] {
    guard let condition = context.operands[0], let cotangent = context.cotangents[0] else { return [nil, nil, nil] }
    let zeros = cotangent.zeros
    return [
      nil,
      context.isLinear(1) ? cotangent.selected(where: condition, otherwise: zeros) : nil,
      context.isLinear(2) ? zeros.selected(where: condition, otherwise: cotangent) : nil,
    ]
  }

  package func batched(_ context: BatchContext) -> [Symbol] {
    let operands = context.allBatched
    return [operands[0].apply(self, operands[1], operands[2])]
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    let condition = operands[0].integers
    var result = operands[2]
    let chosen = condition.indices.filter { condition[$0] != 0 }
    result.assign(ReferenceArray(results[0].with(shape: [chosen.count]), from: operands[1], at: chosen), at: chosen)
    return [result]
  }
}
