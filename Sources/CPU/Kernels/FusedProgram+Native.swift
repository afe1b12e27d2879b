import CNative
import DescentCompiler
import DescentGraph

extension FusedProgram {
  /// Lets the C floor's interpreter prepare the program.
  ///
  /// - Throws: `OperationError` with its complaint.
  func makeNative() throws(OperationError) -> OpaquePointer {
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
      native.reducer = UInt8(output.reducer?.native.rawValue ?? 0)
      native.source = number(output.source)
      native.offset = Int64(output.layout.offset)
      fill(&native.strides, output.layout.strides)
      return native
    }
    let nativeInstructions = instructions.enumerated().map { index, instruction in
      var native = dn_instruction()
      native.opcode = UInt16(instruction.opcode.native.rawValue)
      native.type = instruction.type.rawValue
      native.source_type = instruction.sourceType.rawValue
      native.destination = Int32(inputs.count + index)
      let operands = instruction.operands
      native.a = operands.first.map(number) ?? 0
      native.b = operands.count > 1 ? number(operands[1]) : 0
      native.c = operands.count > 2 ? number(operands[2]) : 0
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

extension Opcode {
  /// The instruction as the C floor knows it.
  fileprivate var native: dn_opcode {
    switch self {
    case .constant: DN_CONSTANT
    case .iota: DN_IOTA
    case .randomBits: DN_RANDOM_BITS
    case .add: DN_ADD
    case .subtract: DN_SUB
    case .multiply: DN_MUL
    case .divide: DN_DIV
    case .remainder: DN_REM
    case .power: DN_POW
    case .maximum: DN_MAX
    case .minimum: DN_MIN
    case .atan2: DN_ATAN2
    case .negate: DN_NEG
    case .abs: DN_ABS
    case .sign: DN_SIGN
    case .floor: DN_FLOOR
    case .ceil: DN_CEIL
    case .round: DN_ROUND
    case .isFinite: DN_IS_FINITE
    case .exp: DN_EXP
    case .expm1: DN_EXPM1
    case .log: DN_LOG
    case .log1p: DN_LOG1P
    case .tanh: DN_TANH
    case .logistic: DN_LOGISTIC
    case .erf: DN_ERF
    case .erfc: DN_ERFC
    case .erfInverse: DN_ERF_INVERSE
    case .lgamma: DN_LGAMMA
    case .digamma: DN_DIGAMMA
    case .polygamma: DN_POLYGAMMA
    case .sqrt: DN_SQRT
    case .rsqrt: DN_RSQRT
    case .cbrt: DN_CBRT
    case .square: DN_SQUARE
    case .integerPower: DN_INTEGER_POWER
    case .sin: DN_SIN
    case .cos: DN_COS
    case .tan: DN_TAN
    case .popcount: DN_POPCOUNT
    case .not: DN_NOT
    case .and: DN_AND
    case .or: DN_OR
    case .xor: DN_XOR
    case .shiftLeft: DN_SHIFT_LEFT
    case .shiftRight: DN_SHIFT_RIGHT_LOGICAL
    case .shiftRightArithmetic: DN_SHIFT_RIGHT_ARITHMETIC
    case .convert: DN_CONVERT
    case .bitcast: DN_BITCAST
    case .select: DN_SELECT
    case .clamp: DN_CLAMP
    case .keyedBits: DN_KEYED_BITS
    case .equal: DN_EQ
    case .notEqual: DN_NE
    case .less: DN_LT
    case .lessOrEqual: DN_LE
    case .greater: DN_GT
    case .greaterOrEqual: DN_GE
    }
  }
}

extension Reduce.Reducer {
  /// The reducer as the C floor knows it.
  fileprivate var native: dn_reducer {
    switch self {
    case .sum: DN_REDUCE_SUM
    case .product: DN_REDUCE_PRODUCT
    case .maximum: DN_REDUCE_MAX
    case .minimum: DN_REDUCE_MIN
    case .and: DN_REDUCE_AND
    case .or: DN_REDUCE_OR
    }
  }
}

extension ElementType {
  /// The element type as the C floor knows it.
  var native: dn_type { dn_type(rawValue: UInt32(rawValue)) }
}

/// The text of a C string in a buffer.
func message(_ buffer: [CChar]) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
