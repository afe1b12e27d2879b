import DescentCPU
import DescentDifferentiation
import DescentGraph
import Testing

/// Functions inside functions, many levels deep: what each level costs does not multiply.
@Suite("nested functions")
struct NestedFunctionTests {
  /// A way to hold a function in another one.
  enum Form: CaseIterable {
    case loops, choices, calls
  }

  /// A function of one number that holds such functions `depth` levels deep, and gives a second result that nobody reads.
  private func nested(_ form: Form, _ depth: Int) throws(OperationError) -> Body {
    try Body.write([TensorType([], .float64)]) { builder, inputs throws(OperationError) in
      let x = inputs[0]
      guard depth > 0 else { return [x.apply(Sin()), x] }
      let index = builder.constant(0, TensorType([], .int32))
      let inner = try nested(form, depth - 1)
      let results =
        switch form {
        case .loops: builder.emit(Scan(inner, length: 2, carryCount: 1, sequenceCount: 0), [x])
        case .choices: builder.emit(Cond([inner, try nested(form, 0)]), [index, x])
        case .calls: builder.emit(Call(inner, retention: .nothing), [x])
        }
      return [results[0], x]
    }
  }

  /// A level that doubled the work would make a million of it in twenty.
  @Test(.timeLimit(.minutes(1)), arguments: Form.allCases) func compileInTimeThatGrowsWithTheDepth(_ form: Form) throws
  {
    let graph = try nested(form, 20).graph
    let value = Graph(nodes: graph.nodes, inputs: graph.inputs, outputs: [graph.outputs[0]])
    let start = ContinuousClock.now
    _ = try CPUBackend().compile(value)
    let compiled = ContinuousClock.now
    _ = try CPUBackend().compile(try value.gradient(parameters: [0]))
    print("\(form), 20 levels: \(start.duration(to: compiled)), the gradient \(compiled.duration(to: .now))")
  }
}
