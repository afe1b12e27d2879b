import CNative
import DescentCompiler
import DescentGraph

/// A fused kernel in the words of the C floor, in the making.
struct ProgramDescription {
  /// A value of the program: one of its inputs, or the result of an instruction.
  enum Register {
    case input(Int)
    case instruction(Int)
  }

  /// Memory that is read or written.
  struct Operand {
    let address: Address
    let type: ElementType
    let layout: Layout
  }

  /// What is written from which register, and how it is reduced before.
  struct Output {
    let address: Address
    let type: ElementType
    let layout: Layout
    let source: Register
    let reducer: dn_reducer?
  }

  private struct Instruction {
    let opcode: dn_opcode
    let type: ElementType
    let sourceType: ElementType
    let operands: [Register]
    let immediate: Int64
  }

  let extents: [Int]
  let reducedAxes: [Int]
  private(set) var inputs: [Operand] = []
  private(set) var outputs: [Output] = []
  private var instructions: [Instruction] = []
  var cost = KernelCost(name: "", shapes: "")

  init(extents: [Int], reducedAxes: [Int]) {
    self.extents = extents
    self.reducedAxes = reducedAxes
  }

  /// The number of instructions written so far.
  var instructionCount: Int { instructions.count }

  /// An operand in memory; equal ones are read once.
  mutating func read(_ address: Address, _ type: ElementType, _ layout: Layout) -> Register {
    // Strides of axes with one index do not count.
    let strides = layout.strides.indices.map { extents[$0] == 1 ? 0 : layout.strides[$0] }
    let layout = Layout(offset: layout.offset, strides: strides)
    if let known = inputs.firstIndex(where: { $0.address == address && $0.layout == layout && $0.type == type }) {
      return .input(known)
    }
    inputs.append(Operand(address: address, type: type, layout: layout))
    return .input(inputs.count - 1)
  }

  /// Writes an instruction.
  mutating func emit(
    _ opcode: dn_opcode, _ type: ElementType, from sourceType: ElementType? = nil, _ operands: [Register] = [],
    immediate: Int64 = 0
  ) -> Register {
    instructions.append(
      Instruction(
        opcode: opcode, type: type, sourceType: sourceType ?? type, operands: operands, immediate: immediate))
    return .instruction(instructions.count - 1)
  }

  /// Writes a register to memory, reduced or as it is.
  mutating func write(
    _ source: Register, to address: Address, _ type: ElementType, _ layout: Layout, reducer: dn_reducer? = nil
  ) {
    outputs.append(Output(address: address, type: type, layout: layout, source: source, reducer: reducer))
  }

  /// Lets the C floor prepare the program.
  ///
  /// - Throws: `OperationError` with its complaint.
  func makeProgram() throws(OperationError) -> OpaquePointer {
    func number(_ register: Register) -> Int32 {
      switch register {
      case .input(let index): Int32(index)
      case .instruction(let index): Int32(inputs.count + index)
      }
    }
    let nativeInputs = inputs.map { input in
      var native = dn_program_input()
      native.type = input.type.rawValue
      native.offset = Int64(input.layout.offset)
      fill(&native.strides, input.layout.strides)
      return native
    }
    let nativeOutputs = outputs.map { output in
      var native = dn_program_output()
      native.type = output.type.rawValue
      native.reduced = output.reducer == nil ? 0 : 1
      native.reducer = UInt8(output.reducer?.rawValue ?? 0)
      native.source = number(output.source)
      native.offset = Int64(output.layout.offset)
      fill(&native.strides, output.layout.strides)
      return native
    }
    let nativeInstructions = instructions.enumerated().map { index, instruction in
      var native = dn_instruction()
      native.opcode = UInt16(instruction.opcode.rawValue)
      native.type = instruction.type.rawValue
      native.source_type = instruction.sourceType.rawValue
      native.destination = Int32(inputs.count + index)
      let operands = instruction.operands.map(number)
      native.a = operands.first ?? 0
      native.b = operands.count > 1 ? operands[1] : 0
      native.c = operands.count > 2 ? operands[2] : 0
      native.immediate = instruction.immediate
      return native
    }
    var error = [CChar](repeating: 0, count: errorCapacity)
    let program = nativeInputs.withUnsafeBufferPointer { inputs in
      nativeOutputs.withUnsafeBufferPointer { outputs in
        nativeInstructions.withUnsafeBufferPointer { instructions in
          var description = dn_program_description()
          description.rank = Int32(extents.count)
          fill(&description.shape, extents)
          description.reduced_axes = reducedAxes.reduce(0) { $0 | 1 << UInt32($1) }
          description.input_count = Int32(inputs.count)
          description.output_count = Int32(outputs.count)
          description.instruction_count = Int32(instructions.count)
          description.inputs = inputs.baseAddress
          description.outputs = outputs.baseAddress
          description.instructions = instructions.baseAddress
          return dn_program_create(&description, &error, errorCapacity)
        }
      }
    }
    guard let program else { throw OperationError("compile", "a fused kernel: \(message(error))") }
    return program
  }

  /// Sets the first elements of a fixed array of the C floor.
  private func fill<Fixed>(_ array: inout Fixed, _ values: [Int]) {
    withUnsafeMutableBytes(of: &array) { bytes in
      let places = bytes.bindMemory(to: Int64.self)
      for (index, value) in values.enumerated() where index < places.count { places[index] = Int64(value) }
    }
  }
}

/// The text of a C string in a buffer.
func message(_ buffer: [CChar]) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
