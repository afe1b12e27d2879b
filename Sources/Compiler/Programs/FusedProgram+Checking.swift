import DescentGraph

extension FusedProgram {
  /// Checks what every program promises: registers are written before they are read, each instruction has as many
  /// operands of the types that its opcode takes, layouts have the rank of the iteration space, and no two points write
  /// the same element.
  ///
  /// - Throws: `OperationError` that names the first instruction or output at fault.
  /// - Complexity: O(registers · rank).
  package func check() throws(OperationError) {
    guard extents.allSatisfy({ $0 >= 0 }) else { throw fault("has the extents \(extents), of which one is negative") }
    guard zip(reducedAxes, reducedAxes.dropFirst()).allSatisfy(<), reducedAxes.allSatisfy(extents.indices.contains)
    else {
      throw fault("reduces along \(reducedAxes), which are no axes of \(extents) in increasing order")
    }
    for (index, input) in inputs.enumerated() { try check(input.layout, "in\(index)") }
    for (index, instruction) in instructions.enumerated() { try check(instruction, at: index) }
    for (index, output) in outputs.enumerated() { try check(output, "output \(index)") }
  }

  private func check(_ layout: Layout, _ name: String) throws(OperationError) {
    guard layout.strides.count == extents.count else {
      throw fault("\(name) has \(layout.strides.count) strides for \(extents.count) axes")
    }
  }

  private func check(_ instruction: Instruction, at index: Int) throws(OperationError) {
    let (opcode, name) = (instruction.opcode, "%\(index), \(instruction.opcode.rawValue),")
    guard instruction.operands.count == opcode.operandCount else {
      throw fault("\(name) has \(instruction.operands.count) operands, not \(opcode.operandCount)")
    }
    for operand in instruction.operands { try check(operand, before: index, name) }
    if let problem = opcode.problem(instruction.type, from: instruction.sourceType) {
      throw fault("\(name) \(problem)")
    }
    for (operand, wanted) in zip(instruction.operands, opcode.operandTypes(instruction.sourceType)) {
      let found = type(of: operand)
      guard found == wanted else { throw fault("\(name) has an operand of \(found), not of \(wanted)") }
    }
    switch opcode {
    case .iota where !extents.indices.contains(Int(clamping: instruction.immediate)):
      throw fault("\(name) counts along axis \(instruction.immediate) of \(extents)")
    case .polygamma where instruction.immediate < 1:
      throw fault("\(name) has the order \(instruction.immediate), which is less than 1")
    case .randomBits:
      let rates = rates.inputs
      for case let operand in instruction.operands {
        guard case .input(let key) = operand, rates[key].isOnce else {
          throw fault("\(name) has a key that is no input of one element")
        }
      }
    default: break
    }
  }

  private func check(_ register: Register, before index: Int, _ name: String) throws(OperationError) {
    let isWritten =
      switch register {
      case .input(let number): inputs.indices.contains(number)
      case .instruction(let number): (0..<index).contains(number)
      }
    guard isWritten else { throw fault("\(name) reads a register that is not written before it") }
  }

  private func check(_ output: Output, _ name: String) throws(OperationError) {
    try check(output.layout, name)
    try check(output.source, before: instructions.count, name)
    guard type(of: output.source) == output.type else {
      throw fault("\(name) is \(output.type), its source \(type(of: output.source))")
    }
    if output.reducer != nil, reducedAxes.isEmpty { throw fault("\(name) is reduced along no axis") }
    for axis in extents.indices where extents[axis] > 1 && output.layout.strides[axis] == 0 {
      guard output.reducer != nil, reducedAxes.contains(axis) else {
        throw fault("\(name) writes one element for all points along axis \(axis)")
      }
    }
  }

  private func fault(_ message: String) -> OperationError { OperationError("program", message) }
}
