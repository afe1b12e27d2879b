import DescentGraph

/// An operation that can be part of a fused kernel: it computes each element of its result by itself, or combines the
/// elements of its operand along axes.
package protocol FusedOperation: Operation {
  /// Writes the instructions for one point of the iteration space.
  ///
  /// - Returns: The result's register; `nil` of a reduction, which writes its result itself.
  /// - Throws: `OperationError` where an operand cannot be had.
  func write(_ writer: inout ProgramWriter) throws(OperationError) -> FusedProgram.Register?
}

/// An operation that is one instruction.
package protocol InstructionOperation: FusedOperation {
  /// The instruction.
  var opcode: Opcode { get }
  /// The number that is part of the instruction, where it has one.
  var immediate: Int64 { get }
  /// The operand whose element type is that of the instruction's source.
  var sourceOperand: Int { get }
}

extension InstructionOperation {
  package var immediate: Int64 { 0 }
  package var sourceOperand: Int { 0 }
  package func write(_ writer: inout ProgramWriter) throws(OperationError) -> FusedProgram.Register? {
    let operands = try writer.operands()
    return writer.emit(
      opcode, writer.type, from: writer.type(ofOperand: sourceOperand), operands, immediate: immediate)
  }
}

/// An operation that hands its first operand on unchanged.
protocol HandingOperation: FusedOperation {}

extension HandingOperation {
  package func write(_ writer: inout ProgramWriter) throws(OperationError) -> FusedProgram.Register? {
    try writer.operand(0)
  }
}

extension StopGradient: HandingOperation {}
extension Copy: HandingOperation {}
extension Passed: HandingOperation {}
extension Place: HandingOperation {}

extension Reduce: FusedOperation {
  package func write(_ writer: inout ProgramWriter) throws(OperationError) -> FusedProgram.Register? {
    try writer.reduce(try writer.operand(0), self)
    return nil
  }
}

extension Iota: FusedOperation {
  package func write(_ writer: inout ProgramWriter) throws(OperationError) -> FusedProgram.Register? {
    writer.coordinate(along: axis)
  }
}

extension RandomBits: FusedOperation {
  package func write(_ writer: inout ProgramWriter) throws(OperationError) -> FusedProgram.Register? {
    let key = [try writer.element(0, ofOperand: 0), try writer.element(1, ofOperand: 0)]
    return writer.emit(.randomBits, .uint32, key)
  }
}

extension KeyedBits: InstructionOperation { package var opcode: Opcode { .keyedBits } }

extension Add: InstructionOperation { package var opcode: Opcode { .add } }
extension Subtract: InstructionOperation { package var opcode: Opcode { .subtract } }
extension Multiply: InstructionOperation { package var opcode: Opcode { .multiply } }
extension Divide: InstructionOperation { package var opcode: Opcode { .divide } }
extension Remainder: InstructionOperation { package var opcode: Opcode { .remainder } }
extension Power: InstructionOperation { package var opcode: Opcode { .power } }
extension Maximum: InstructionOperation { package var opcode: Opcode { .maximum } }
extension Minimum: InstructionOperation { package var opcode: Opcode { .minimum } }
extension Atan2: InstructionOperation { package var opcode: Opcode { .atan2 } }

extension Negate: InstructionOperation { package var opcode: Opcode { .negate } }
extension Abs: InstructionOperation { package var opcode: Opcode { .abs } }
extension Sign: InstructionOperation { package var opcode: Opcode { .sign } }
extension Floor: InstructionOperation { package var opcode: Opcode { .floor } }
extension Ceil: InstructionOperation { package var opcode: Opcode { .ceil } }
extension Round: InstructionOperation { package var opcode: Opcode { .round } }
extension IsFinite: InstructionOperation { package var opcode: Opcode { .isFinite } }

extension Exp: InstructionOperation { package var opcode: Opcode { .exp } }
extension Expm1: InstructionOperation { package var opcode: Opcode { .expm1 } }
extension Log: InstructionOperation { package var opcode: Opcode { .log } }
extension Log1p: InstructionOperation { package var opcode: Opcode { .log1p } }
extension Tanh: InstructionOperation { package var opcode: Opcode { .tanh } }
extension Logistic: InstructionOperation { package var opcode: Opcode { .logistic } }
extension Erf: InstructionOperation { package var opcode: Opcode { .erf } }
extension Erfc: InstructionOperation { package var opcode: Opcode { .erfc } }
extension ErfInverse: InstructionOperation { package var opcode: Opcode { .erfInverse } }
extension LogGamma: InstructionOperation { package var opcode: Opcode { .lgamma } }
extension Digamma: InstructionOperation { package var opcode: Opcode { .digamma } }
extension Polygamma: InstructionOperation {
  package var opcode: Opcode { .polygamma }
  package var immediate: Int64 { Int64(order) }
}
extension Sqrt: InstructionOperation { package var opcode: Opcode { .sqrt } }
extension Rsqrt: InstructionOperation { package var opcode: Opcode { .rsqrt } }
extension Cbrt: InstructionOperation { package var opcode: Opcode { .cbrt } }
extension Square: InstructionOperation { package var opcode: Opcode { .square } }
extension IntegerPower: InstructionOperation {
  package var opcode: Opcode { .integerPower }
  package var immediate: Int64 { Int64(exponent) }
}
extension Sin: InstructionOperation { package var opcode: Opcode { .sin } }
extension Cos: InstructionOperation { package var opcode: Opcode { .cos } }
extension Tan: InstructionOperation { package var opcode: Opcode { .tan } }

extension Popcount: InstructionOperation { package var opcode: Opcode { .popcount } }
extension Not: InstructionOperation { package var opcode: Opcode { .not } }
extension And: InstructionOperation { package var opcode: Opcode { .and } }
extension Or: InstructionOperation { package var opcode: Opcode { .or } }
extension Xor: InstructionOperation { package var opcode: Opcode { .xor } }
extension ShiftLeft: InstructionOperation { package var opcode: Opcode { .shiftLeft } }
extension ShiftRight: InstructionOperation { package var opcode: Opcode { .shiftRight } }
extension ShiftRightArithmetic: InstructionOperation { package var opcode: Opcode { .shiftRightArithmetic } }

extension Convert: InstructionOperation { package var opcode: Opcode { .convert } }
extension Bitcast: InstructionOperation { package var opcode: Opcode { .bitcast } }
extension Select: InstructionOperation {
  package var opcode: Opcode { .select }
  package var sourceOperand: Int { 1 }
}
extension Clamp: InstructionOperation { package var opcode: Opcode { .clamp } }
extension Compare: InstructionOperation {
  package var opcode: Opcode {
    switch relation {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    }
  }
}
