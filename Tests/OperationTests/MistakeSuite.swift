import DescentGraph
import Testing

/// What operations answer to operands that do not fit: the words of the error, and never a trap.
@Suite("operands that do not fit")
struct MistakeSuite {
  @Test(arguments: OperationKind.allCases)
  func areToldSo(_ kind: OperationKind) {
    for mistake in MistakeTable.mistakes(of: kind) {
      let builder = GraphBuilder()
      let operands = mistake.operands.map { builder.input($0) }
      let error = #expect(throws: OperationError.self) { try builder.add(mistake.operation, operands.map(\.value)) }
      #expect(error?.description == mistake.message)
      // A rule that makes the mistake is stopped when the graph is finished.
      let invalid = builder.emit(mistake.operation, operands)
      let later = #expect(throws: OperationError.self) { try builder.graph(outputs: invalid) }
      #expect(later == error)
    }
  }

  /// Each operand of each sample replaced by ones of odd types: either refused, or evaluated to the promised type.
  @Test(arguments: OperationKind.allCases)
  func neverTrap(_ kind: OperationKind) throws {
    let shapes: [Shape] = [[], [0], [1], [2, 3], [1, 2, 2, 1], [2, 0, 2, 1]]
    let types = shapes.flatMap { shape in
      [ElementType.float64, .int32, .uint64, .bool].map { TensorType(shape, $0) }
    }
    for sample in try OperationTable(.float64).samples(of: kind) {
      for index in sample.operands.indices {
        for type in types {
          var operands = sample.operands
          operands[index] = ReferenceArray(type, repeating: 1)
          let builder = GraphBuilder()
          let inputs = operands.map { builder.input($0.type).value }
          guard let results = try? builder.add(sample.operation, inputs) else { continue }
          let graph = try builder.graph(outputs: results)
          try graph.check()
          let values = try graph.evaluate(operands)
          #expect(values.map(\.type) == graph.outputTypes)
          #expect(values.allSatisfy { $0.reals.count + $0.integers.count == $0.type.count }, "\(sample) of \(type)")
        }
      }
    }
  }
}
