import DescentGraph

/// What one fused kernel computes, as plain data: instructions on registers, once for each point of an iteration space,
/// with reductions of their results.
///
/// It says nothing of how a processor runs it. The CPU backend translates it for its interpreter; a code generator would
/// read the same.
package struct FusedProgram: Sendable, Hashable {
  /// A value of the program, which is written once.
  package enum Register: Sendable, Hashable {
    /// An input, read from memory.
    case input(Int)
    /// The result of an instruction.
    case instruction(Int)
  }

  /// Memory that is read: the element for a point lies where the layout says, counted in elements from the beginning of
  /// the region. Strides of 0 repeat, negative ones reverse.
  package struct Input: Sendable, Hashable {
    package let region: MemoryPlan.Region
    package let type: ElementType
    package let layout: Layout

    package init(region: MemoryPlan.Region, type: ElementType, layout: Layout) {
      (self.region, self.type, self.layout) = (region, type, layout)
    }
  }

  /// One operation on registers.
  package struct Instruction: Sendable, Hashable {
    package let opcode: Opcode
    /// The element type of the result.
    package let type: ElementType
    /// The element type of the operands, unless the opcode says otherwise.
    package let sourceType: ElementType
    package let operands: [Register]
    /// The number that is part of the instruction, where its opcode has one.
    package let immediate: Int64

    package init(
      _ opcode: Opcode, _ type: ElementType, from sourceType: ElementType? = nil, _ operands: [Register] = [],
      immediate: Int64 = 0
    ) {
      (self.opcode, self.type, self.sourceType) = (opcode, type, sourceType ?? type)
      (self.operands, self.immediate) = (operands, immediate)
    }
  }

  /// Memory that is written, addressed as an input is. No two points write the same element, but where a reducer combines
  /// what the reduced axes visit.
  package struct Output: Sendable, Hashable {
    package let region: MemoryPlan.Region
    package let type: ElementType
    package let layout: Layout
    /// What is written.
    package let source: Register
    /// How what the reduced axes visit is combined; `nil` where nothing is.
    package let reducer: Reduce.Reducer?

    package init(
      region: MemoryPlan.Region, type: ElementType, layout: Layout, source: Register, reducer: Reduce.Reducer? = nil
    ) {
      (self.region, self.type, self.layout) = (region, type, layout)
      (self.source, self.reducer) = (source, reducer)
    }
  }

  /// The names of the operations that are joined, for profiles.
  package var names: [String] = []
  /// The number of points along each axis.
  package let extents: [Int]
  /// The axes that reducers combine along, in increasing order.
  package let reducedAxes: [Int]
  /// What is read.
  package private(set) var inputs: [Input] = []
  /// What is computed, operands before users.
  package private(set) var instructions: [Instruction] = []
  /// What is written.
  package private(set) var outputs: [Output] = []

  /// A program that does nothing yet.
  package init(extents: [Int], reducedAxes: [Int] = []) {
    (self.extents, self.reducedAxes) = (extents, reducedAxes)
  }

  /// Reads memory; equal inputs are read once.
  package mutating func read(_ input: Input) -> Register {
    // Strides of axes with one index do not count.
    let strides = input.layout.strides.indices.map { extents[$0] == 1 ? 0 : input.layout.strides[$0] }
    let input = Input(
      region: input.region, type: input.type, layout: Layout(offset: input.layout.offset, strides: strides))
    if let known = inputs.firstIndex(of: input) { return .input(known) }
    inputs.append(input)
    return .input(inputs.count - 1)
  }

  /// Computes a value.
  package mutating func emit(_ instruction: Instruction) -> Register {
    instructions.append(instruction)
    return .instruction(instructions.count - 1)
  }

  /// Writes a value to memory.
  package mutating func write(_ output: Output) { outputs.append(output) }

  /// The element type of a register.
  package func type(of register: Register) -> ElementType {
    switch register {
    case .input(let index): inputs[index].type
    case .instruction(let index): instructions[index].type
    }
  }
}

extension FusedProgram {
  /// The bytes that a run moves between memory and processor, each element counted once.
  package var movedBytes: Double {
    func bytes(_ type: ElementType, _ layout: Layout) -> Double {
      let visited = layout.strides.indices.filter { layout.strides[$0] != 0 }.reduce(1) { $0 * extents[$1] }
      return Double(visited * type.byteCount)
    }
    return inputs.reduce(0) { $0 + bytes($1.type, $1.layout) } + outputs.reduce(0) { $0 + bytes($1.type, $1.layout) }
  }

  /// The operations of a run: one for each instruction and point.
  package var operationCount: Double { Double(instructions.count) * Double(Shape(extents).count) }
}
