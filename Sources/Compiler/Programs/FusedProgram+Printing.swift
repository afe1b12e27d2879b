import DescentGraph

extension FusedProgram: CustomStringConvertible {
  /// The program as text, one register a line, with how often it changes: `%1 = add in0, %0 : float32 along 0`.
  package var description: String {
    let rates = rates
    let reduced = reducedAxes.isEmpty ? "" : ", reducing \(reducedAxes)"
    var lines = ["program over \(Shape(extents))\(reduced) {"]
    for (index, input) in inputs.enumerated() {
      lines.append("  in\(index) = \(place(input.region, input.layout)) : \(input.type) \(rates.inputs[index])")
    }
    for (index, instruction) in instructions.enumerated() {
      var line = "  %\(index) = \(instruction.opcode.rawValue)"
      if instruction.opcode.hasImmediate { line += "(\(instruction.immediate))" }
      if !instruction.operands.isEmpty { line += " " + instruction.operands.map(label).joined(separator: ", ") }
      line += " : \(instruction.type)"
      if instruction.sourceType != instruction.type { line += " from \(instruction.sourceType)" }
      lines.append("\(line) \(rates.instructions[index])")
    }
    for output in outputs {
      let value = output.reducer.map { "\($0.rawValue)(\(label(output.source)))" } ?? label(output.source)
      lines.append("  \(place(output.region, output.layout)) = \(value) : \(output.type)")
    }
    lines.append("}")
    return lines.joined(separator: "\n")
  }

  private func label(_ register: Register) -> String {
    switch register {
    case .input(let index): "in\(index)"
    case .instruction(let index): "%\(index)"
    }
  }

  private func place(_ region: MemoryPlan.Region, _ layout: Layout) -> String {
    let start = layout.offset == 0 ? "" : "\(layout.offset) + "
    return "\(region)[\(start)\(layout.strides.map(String.init).joined(separator: ", "))]"
  }
}

extension MemoryPlan.Region: CustomStringConvertible {
  /// The region, such as `input 0` or `arena 4096`.
  package var description: String {
    switch self {
    case .input(let number): "input \(number)"
    case .constant(let node): "constant %\(node)"
    case .output(let number): "output \(number)"
    case .arena(let offset): "arena \(offset)"
    }
  }
}
