/// A loop of a known number of steps: each step takes the carried values, a slice of each sequence and some constants,
/// and gives the next carried values and a slice of each output.
///
/// The operands are the first carried values, the sequences `[length, …]`, and the constants; the body takes the same in
/// that order with slices in place of the sequences. The results are the last carried values and the outputs
/// `[length, …]`.
package struct Scan: GraphOperation {
  /// One step.
  package let body: Body
  /// The number of steps.
  package let length: Int
  /// The number of values that are carried from step to step.
  package let carryCount: Int
  /// The number of sequences that are walked along.
  package let sequenceCount: Int
  /// Whether the last slices come first.
  package let isReversed: Bool

  /// Repeats a step.
  package init(_ body: Body, length: Int, carryCount: Int, sequenceCount: Int, isReversed: Bool = false) {
    self.body = body
    self.length = length
    self.carryCount = carryCount
    self.sequenceCount = sequenceCount
    self.isReversed = isReversed
  }

  package static var kind: OperationKind { .scan }
  package var bodies: [Body] { [body] }
  package var resultCount: Int { body.graph.outputs.count }
  package var attributes: String {
    "\(length) steps, \(carryCount) carried, \(sequenceCount) sequences" + (isReversed ? ", reversed" : "")
  }

  /// The operands that are carried, in order.
  package var carries: Range<Int> { 0..<carryCount }
  /// The operands that are walked along.
  package var sequences: Range<Int> { carryCount..<carryCount + sequenceCount }
  /// The operands that are the same in every step.
  package var constants: Range<Int> { carryCount + sequenceCount..<max(carryCount + sequenceCount, inputCount) }

  var inputCount: Int { body.graph.inputs.count }

  package func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] {
    let (inputs, outputs) = (body.inputTypes, body.outputTypes)
    guard length >= 0 else { throw OperationError(name, "cannot take \(length) steps") }
    guard carryCount >= 0, sequenceCount >= 0, carryCount <= outputs.count, carryCount + sequenceCount <= inputs.count
    else {
      throw OperationError(
        name,
        "a body of \(inputs.count) arguments and \(outputs.count) results cannot carry \(carryCount) values along"
          + " \(sequenceCount) sequences")
    }
    guard operands.count == inputs.count else {
      throw OperationError(name, "its body takes \(inputs.count) arguments, not \(operands.count)")
    }
    for (index, operand) in operands.enumerated() {
      let wanted =
        sequences.contains(index) ? inputs[index].stacked(length) : inputs[index]
      guard operand == wanted else {
        throw OperationError(name, "\(role(of: index)) is \(operand), its body takes \(wanted)")
      }
    }
    for index in carries where outputs[index] != inputs[index] {
      throw OperationError(
        name, "\(role(of: index)) enters a step as \(inputs[index]) and leaves it as \(outputs[index])")
    }
    let stacked = outputs[carryCount...].map { $0.stacked(length) }
    for type in stacked { try checkSize(type) }
    return outputs[..<carryCount] + stacked
  }

  private func role(of index: Int) -> String {
    if index < carryCount { return "carried value \(index + 1)" }
    if sequences.contains(index) { return "sequence \(index - carryCount + 1)" }
    return "constant \(index - carryCount - sequenceCount + 1)"
  }

  package func linked(_ context: LinkedContext) -> (results: [Symbol], tangents: [Symbol?]) {
    guard context.moving.contains(true) else {
      let results = context.builder.emit(self, context.operands)
      return (results, results.map { _ in nil })
    }
    return attempt(context) { () throws(OperationError) in
      try context.isLinearizing ? linearized(context) : pushedForward(context)
    }
  }

  package func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    var carried = Array(operands[carries])
    var outputs = results[carryCount...].map { ReferenceArray($0, repeating: 0) }
    for count in 0..<length {
      let step = isReversed ? length - 1 - count : count
      let slices = operands[sequences].map { $0.part(step) }
      let given = body.graph.evaluated(carried + slices + operands[constants])
      carried = Array(given[..<carryCount])
      for (index, slice) in given[carryCount...].enumerated() { outputs[index].assign(slice, toPart: step) }
    }
    return carried + outputs
  }
}

extension ReferenceArray {
  /// The part at an index of the first axis.
  func part(_ index: Int) -> ReferenceArray {
    let part = type.part
    return ReferenceArray(part, from: self, at: part.places(ofPart: index))
  }

  /// Replaces the part at an index of the first axis.
  mutating func assign(_ part: ReferenceArray, toPart index: Int) {
    assign(part, at: part.type.places(ofPart: index))
  }
}

extension TensorType {
  /// The type of the parts along the first axis.
  var part: TensorType { with(shape: shape.removing(axes: [0])) }

  /// The type of as many such tensors one after the other.
  func stacked(_ length: Int) -> TensorType { with(shape: shape.prepending(length)) }

  /// Where the elements of one of many such tensors lie that are stacked.
  fileprivate func places(ofPart index: Int) -> [Int] {
    let first = index * count
    return Array(first..<first + count)
  }
}

extension Graph {
  /// The graph with only some of its outputs and all its inputs.
  func keeping(outputs kept: some Sequence<Int>) -> Graph {
    Graph(nodes: nodes, inputs: inputs, outputs: kept.map { outputs[$0] }).removingDeadNodes()
  }

  /// For each output, whether it depends on one of the marked inputs. - Complexity: O(nodes).
  func dependence(on marked: [Bool]) -> [Bool] {
    var depends = [Bool](repeating: false, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      if let input = node.input {
        depends[index] = marked[input.index]
      } else {
        depends[index] = node.operands.contains { depends[$0.node] }
      }
    }
    return outputs.map { depends[$0.node] }
  }
}
