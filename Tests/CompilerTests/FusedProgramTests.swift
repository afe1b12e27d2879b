import DescentGraph
import Testing

@testable import DescentCompiler

/// The form of fused kernels: how it is written, printed and checked.
@Suite struct FusedProgramTests {
  private static func layout(_ strides: [Int], offset: Int = 0) -> Layout { Layout(offset: offset, strides: strides) }

  private static func input(_ number: Int, _ strides: [Int], _ type: ElementType = .float32) -> FusedProgram.Input {
    FusedProgram.Input(region: .input(number), type: type, layout: layout(strides))
  }

  private static func output(
    _ source: FusedProgram.Register, _ strides: [Int], _ type: ElementType = .float32, _ reducer: Reduce.Reducer? = nil
  ) -> FusedProgram.Output {
    FusedProgram.Output(region: .output(0), type: type, layout: layout(strides), source: source, reducer: reducer)
  }

  /// The programs of a graph's fused kernels.
  private static func programs(_ body: (GraphBuilder) -> [Symbol]) throws -> [FusedProgram] {
    let builder = GraphBuilder()
    let plan = try Plan(try builder.graph(outputs: body(builder)), for: TestSupport(), donations: [])
    return try plan.steps.compactMap { step in
      guard case .fused(let work) = step.work else { return nil }
      let program = try plan.program(of: work)
      try program.check()
      return program
    }
  }

  @Test func chainsWithReductionsArePrinted() throws {
    let programs = try Self.programs { builder in
      let (x, row) = (builder.input(TensorType([8, 5], .float32)), builder.input(TensorType([5], .float32)))
      let y = ((x + row.broadcast([8, 5], axes: [1])) * x.constant(3)).apply(Tanh())
      return [y, y.sum(axes: [1])]
    }
    #expect(programs.count == 1)
    #expect(
      programs.first?.description == """
        program over [8, 5], reducing [1] {
          in0 = input 0[5, 1] : float32 along 0, 1
          in1 = input 1[0, 1] : float32 along 1
          %0 = add in0, in1 : float32 along 0, 1
          %1 = constant(1077936128) : float32 once
          %2 = multiply %0, %1 : float32 along 0, 1
          %3 = tanh %2 : float32 along 0, 1
          output 0[5, 1] = %3 : float32
          output 1[1, 0] = sum(%3) : float32
        }
        """)
    #expect(programs.first?.names.contains("tanh") == true)
    #expect(programs.first?.movedBytes == Double(4 * (40 + 5 + 40 + 8)) && programs.first?.operationCount == 160)
  }

  @Test func countersAndKeysArePrinted() throws {
    let programs = try Self.programs { builder in
      let key = builder.input(TensorType([2], .uint32))
      let bits = key.apply(RandomBits(shape: [4, 3]))
      let rows = builder.emit(Iota(type: TensorType([4, 3], .int32), axis: 0), [])[0]
      return [bits, rows.apply(Convert(to: .float64))]
    }
    let text = programs.map(\.description).joined(separator: "\n")
    #expect(text.contains("in0 = input 0[0, 0] : uint32 once\n  in1 = input 0[1 + 0, 0] : uint32 once"))
    #expect(text.contains("= randomBits in0, in1 : uint32 along 0, 1"))
    #expect(text.contains("= iota(0) : int32 along 0\n"))
    #expect(text.contains("= convert %"))
    #expect(text.contains(": float64 from int32 along 0\n"))
  }

  /// Equal memory is read once, and strides of axes with one point do not tell it apart.
  @Test func equalInputsAreReadOnce() {
    var program = FusedProgram(extents: [1, 4])
    #expect(program.read(Self.input(0, [7, 1])) == .input(0) && program.read(Self.input(0, [9, 1])) == .input(0))
    #expect(program.read(Self.input(0, [0, 2])) == .input(1) && program.read(Self.input(1, [0, 1])) == .input(2))
    #expect(program.read(Self.input(0, [0, 1], .int32)) == .input(3))
  }

  @Test func ratesFollowTheOperands() {
    var program = FusedProgram(extents: [2, 1, 3])
    let row = program.read(Self.input(0, [0, 0, 1]))
    let column = program.read(Self.input(1, [1, 1, 0]))
    let one = program.read(Self.input(2, [0, 5, 0]))
    let index = program.emit(.init(.iota, .float32, immediate: 1))
    let outer = program.emit(.init(.add, .float32, [column, one]))
    let whole = program.emit(.init(.multiply, .float32, [row, outer]))
    _ = program.emit(.init(.add, .float32, [one, index]))
    _ = program.emit(.init(.negate, .float32, [whole]))
    #expect(program.rates.inputs.map(\.axes) == [[2], [0], []])
    #expect(program.rates.instructions.map(\.axes) == [[], [0], [0, 2], [], [0, 2]])
    #expect(program.rates.instructions[0].isOnce && "\(program.rates.inputs[1])" == "along 0")
  }

  /// Everything that breaks a promise, with the fault that names it.
  @Test func badProgramsAreRefused() {
    func fault(
      _ extents: [Int] = [4], reducing axes: [Int] = [], _ write: (inout FusedProgram) -> Void
    ) -> String {
      var program = FusedProgram(extents: extents, reducedAxes: axes)
      write(&program)
      do throws(OperationError) {
        try program.check()
        return "none"
      } catch { return error.message }
    }
    func instruction(_ opcode: Opcode, _ type: ElementType, from source: ElementType? = nil, immediate: Int64 = 0)
      -> String
    {
      fault { program in
        let source = source ?? type
        let operands = opcode.operandTypes(source).enumerated().map { program.read(Self.input($0, [0], $1)) }
        _ = program.emit(.init(opcode, type, from: source, operands, immediate: immediate))
      }
    }
    #expect(fault { $0.write(Self.output($0.read(Self.input(0, [1])), [1])) } == "none")
    #expect(fault([-1]) { _ in } == "has the extents [-1], of which one is negative")
    #expect(fault(reducing: [1]) { _ in } == "reduces along [1], which are no axes of [4] in increasing order")
    #expect(fault([4, 4], reducing: [1, 0]) { _ in }.hasSuffix("in increasing order"))
    #expect(
      fault { $0.write(Self.output($0.read(Self.input(0, [1])), [1, 1])) } == "output 0 has 2 strides for 1 axes")
    #expect(
      fault { _ = $0.emit(.init(.add, .float32, [$0.read(Self.input(0, [1]))])) } == "%0, add, has 1 operands, not 2")
    #expect(
      fault { _ = $0.emit(.init(.exp, .float32, [.instruction(0)])) }
        == "%0, exp, reads a register that is not written before it")
    #expect(fault { _ = $0.emit(.init(.exp, .float32, [.input(0)])) }.hasSuffix("is not written before it"))
    #expect(
      fault { _ = $0.emit(.init(.exp, .float32, [$0.read(Self.input(0, [1], .float64))])) }
        == "%0, exp, has an operand of float64, not of float32")
    #expect(instruction(.exp, .int32) == "%0, exp, takes no int32")
    #expect(instruction(.subtract, .bool) == "%0, subtract, takes no bool")
    #expect(instruction(.shiftLeft, .float32) == "%0, shiftLeft, takes no float32")
    #expect(instruction(.xor, .float16) == "%0, xor, takes no float16")
    #expect(instruction(.add, .float32, from: .float64) == "%0, add, gives float32 of float64")
    #expect(instruction(.less, .float32) == "%0, less, gives bool, not float32")
    #expect(
      instruction(.bitcast, .float64, from: .int32)
        == "%0, bitcast, reads the bits of int32 as float64, which has another size")
    #expect(instruction(.iota, .float32, immediate: 1) == "%0, iota, counts along axis 1 of [4]")
    #expect(instruction(.polygamma, .float32) == "%0, polygamma, has the order 0, which is less than 1")
    #expect(instruction(.randomBits, .int32) == "%0, randomBits, gives uint32, not int32")
    #expect(
      fault { program in
        let words = [0, 1].map { program.read(Self.input($0, [1], .uint32)) }
        _ = program.emit(.init(.randomBits, .uint32, words))
      } == "%0, randomBits, has a key that is no input of one element")
    #expect(fault { $0.write(Self.output(.instruction(0), [1])) }.hasSuffix("is not written before it"))
    #expect(
      fault { $0.write(Self.output($0.read(Self.input(0, [1])), [1], .int32)) }
        == "output 0 is int32, its source float32")
    #expect(
      fault { $0.write(Self.output($0.read(Self.input(0, [1])), [0])) }
        == "output 0 writes one element for all points along axis 0")
    #expect(
      fault { $0.write(Self.output($0.read(Self.input(0, [1])), [1], .float32, .sum)) }
        == "output 0 is reduced along no axis")
    #expect(
      fault([4, 2], reducing: [1]) { $0.write(Self.output($0.read(Self.input(0, [1, 1])), [0, 0], .float32, .sum)) }
        == "output 0 writes one element for all points along axis 0")
    #expect(
      fault([4, 2], reducing: [1]) { $0.write(Self.output($0.read(Self.input(0, [1, 1])), [1, 0], .float32, .sum)) }
        == "none")
  }

  /// Every opcode can be written, and is taken with the types that it is for.
  @Test(arguments: Opcode.allCases) func opcodesAreTaken(_ opcode: Opcode) throws {
    let types: (ElementType, ElementType) =
      switch opcode {
      case .randomBits, .keyedBits: (.uint32, .uint32)
      case .not, .and, .or, .xor, .shiftLeft, .shiftRight, .shiftRightArithmetic, .popcount: (.int32, .int32)
      case .isFinite, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: (.bool, .float32)
      case .convert: (.int8, .float64)
      case .bitcast: (.int32, .float32)
      default: (.float32, .float32)
      }
    var program = FusedProgram(extents: [4])
    let operands = opcode.operandTypes(types.1).enumerated().map { program.read(Self.input($0, [0], $1)) }
    let result = program.emit(
      .init(opcode, types.0, from: types.1, operands, immediate: opcode == .polygamma ? 1 : 0))
    program.write(Self.output(result, [1], types.0))
    try program.check()
    #expect(program.description.contains("%0 = \(opcode.rawValue)"))
  }
}
