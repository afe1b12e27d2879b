import DescentGraph
import Testing

@testable import DescentCompiler

/// Which results may be written over an operand of their own kernel.
@Suite struct OverwritingTests {
  /// Kernels of their own for everything, of which those of sine may write over what they read.
  private struct Support: KernelSupport {
    var operand: Int? = 0
    func fuses(_ operation: any FusedOperation, _ operands: [TensorType], _ results: [TensorType]) -> Bool { false }
    func hasKernel(_ operation: any Operation, _ operands: [TensorType], _ results: [TensorType]) -> Bool {
      type(of: operation).kind != .cos
    }
    func computingType(_ operation: any Operation, _ elementType: ElementType) -> ElementType? { nil }
    func readsRepeated(_ operation: any Operation, operand: Int) -> Bool { true }
    func overwrittenOperand(_ operation: any Operation) -> Int? {
      [.sin, .cos, .subtract, .sort, .convert].contains(type(of: operation).kind) ? operand : nil
    }
  }

  /// What the last node's first result may be written over, by the name of the operation that made it.
  private func overwritten(
    _ shapes: [Shape], for support: Support = Support(), bodies: [Int: any PreparedBodies] = [:],
    _ body: ([Symbol]) -> Symbol
  ) throws -> String? {
    let builder = GraphBuilder()
    let inputs = shapes.map { builder.input(TensorType($0, .float32)) }
    let lowered = try builder.graph(outputs: [body(inputs)]).lowered(for: support, donations: [])
    let overwriting = Overwriting(lowered, for: support, bodies: bodies)
    let output = lowered.base(of: lowered.graph.outputs[0])
    return overwriting.operand(of: Value(node: output.node)).map { value in
      let node = lowered.graph.nodes[value.node]
      return node.kind == .input ? "input" : node.operation.name
    }
  }

  @Test func wholeOperands() throws {
    #expect(try overwritten([[4]]) { $0[0].apply(Exp()).apply(Sin()) } == "exp")
    #expect(try overwritten([[4]]) { $0[0].apply(Sin()) } == "input")
    // The operation's kernel does not say so, or is none.
    #expect(try overwritten([[4]]) { $0[0].apply(Exp()).apply(Tanh()) } == nil)
    #expect(try overwritten([[4]]) { $0[0].apply(Exp()).apply(Cos()) } == nil)
    // Under another shape, it is the same memory.
    #expect(try overwritten([[4, 2]]) { $0[0].apply(Exp()).reshaped([8]).apply(Sin()) } == "exp")
  }

  @Test func partsAndOtherOrders() throws {
    // A copy takes a view's place, and that is whole.
    #expect(try overwritten([[4, 2]]) { $0[0].apply(Exp()).transposed([1, 0]).apply(Sin()) } == "copy")
    #expect(
      try overwritten([[4]]) { $0[0].apply(Exp()).apply(Slice(starts: [1], limits: [4])).apply(Sin()) } == "copy")
    // One element that is repeated is read by all.
    #expect(try overwritten([[]]) { $0[0].apply(Exp()).broadcast([4], axes: []).apply(Sin()) } == nil)
    // Of another size in bytes.
    #expect(try overwritten([[4]]) { $0[0].apply(Exp()).apply(Convert(to: .float64)) } == nil)
    #expect(try overwritten([[4]]) { $0[0].apply(Exp()).apply(Convert(to: .int32)) } == "exp")
  }

  /// An operand that the kernel reads as another one, too, stays.
  @Test func twice() throws {
    #expect(try overwritten([[4], [4]]) { $0[0].apply(Exp()) - $0[1] } == "exp")
    #expect(try overwritten([[4], [4]]) { $0[1] - $0[0].apply(Exp()) } == "input")
    #expect(try overwritten([[4], [4]], for: Support(operand: 1)) { $0[1] - $0[0].apply(Exp()) } == "exp")
    #expect(
      try overwritten([[4]]) { x in
        let y = x[0].apply(Exp())
        return y - y
      } == nil)
  }

  /// What the functions of a loop may write over, each result an operand.
  @Test func bodies() throws {
    struct Prepared: PreparedBodies {
      var workingBytes = 0
      var overwrittenOperands: [Int: Int] = [1: 0, 0: 1]
    }
    let types = [TensorType([3], .float32), TensorType([3], .float32)]
    let step = try Body.write(types) { _, x in [x[1] + x[0], x[0].apply(Tanh())] }
    let builder = GraphBuilder()
    let inputs = types.map { builder.input($0) }
    let results = builder.emit(
      Scan(step, length: 2, carryCount: 2, sequenceCount: 0), [inputs[0].apply(Exp()), inputs[1].apply(Tanh())])
    let lowered = try builder.graph(outputs: results).lowered(for: Support(), donations: [])
    let loop = try #require(lowered.graph.nodes.firstIndex { $0.kind == .scan })
    let overwriting = Overwriting(lowered, for: Support(), bodies: [loop: Prepared()])
    let operands = lowered.graph.nodes[loop].operands
    #expect(overwriting.operand(of: Value(node: loop, result: 0)) == operands[1])
    #expect(overwriting.operand(of: Value(node: loop, result: 1)) == operands[0])
    #expect(Overwriting(lowered, for: Support(), bodies: [:]).operand(of: Value(node: loop)) == nil)
  }
}
