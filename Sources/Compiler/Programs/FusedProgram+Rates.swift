extension FusedProgram {
  /// How often a register's value changes: the axes of the iteration space along which it does.
  ///
  /// What changes along no axis is computed once for a run, and what changes along outer axes alone once for a row; a
  /// backend that runs inner loops over everything computes too much.
  package struct Rate: Sendable, Hashable, CustomStringConvertible {
    /// The axes, in increasing order.
    package let axes: [Int]

    /// Whether the value is the same at every point.
    package var isOnce: Bool { axes.isEmpty }

    package var description: String { isOnce ? "once" : "along \(axes.map(String.init).joined(separator: ", "))" }
  }

  /// The rate of each input, by its strides, and of each instruction, by its operands.
  ///
  /// - Complexity: O(registers · rank).
  package var rates: (inputs: [Rate], instructions: [Rate]) {
    let moving = extents.indices.filter { extents[$0] > 1 }
    let inputs = self.inputs.map { input in Rate(axes: moving.filter { input.layout.strides[$0] != 0 }) }
    var instructions: [Rate] = []
    for instruction in self.instructions {
      switch instruction.opcode {
      case .iota: instructions.append(Rate(axes: moving.filter { $0 == instruction.immediate }))
      // A counter of points.
      case .randomBits: instructions.append(Rate(axes: moving))
      default:
        let axes = instruction.operands.flatMap { operand in
          switch operand {
          case .input(let index): inputs[index].axes
          case .instruction(let index): instructions[index].axes
          }
        }
        instructions.append(Rate(axes: Set(axes).sorted()))
      }
    }
    return (inputs, instructions)
  }
}
