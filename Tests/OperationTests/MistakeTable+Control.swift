import DescentGraph

extension MistakeTable {
  private static let number = TensorType([], .float32)
  private static let vector = TensorType([2], .float32)
  private static let index = TensorType([], .int32)

  private static func body(_ types: [TensorType], _ write: (GraphBuilder, [Symbol]) -> [Symbol]) -> Body {
    let builder = GraphBuilder()
    let inputs = types.map { builder.input($0) }
    let outputs = write(builder, inputs)
    return Body(Graph(nodes: builder.nodes, inputs: builder.inputs, outputs: outputs.map(\.value)))
  }

  static var control: [Mistake] {
    let same = body([vector]) { _, x in [x[0]] }
    let summed = body([vector]) { _, x in [x[0].sum(axes: [0])] }
    let step = body([vector, number]) { _, x in [x[0], x[1]] }
    let isSmall = body([vector]) { _, x in [x[0].sum(axes: [0]).apply(Compare(.less), x[0].sum(axes: [0]))] }
    let backward = body([vector, vector]) { _, x in [x[0] * x[1]] }
    return [
      Mistake(Scan(same, length: -1, carryCount: 1, sequenceCount: 0), vector, message: "scan: cannot take -1 steps"),
      Mistake(
        Scan(same, length: 1, carryCount: 2, sequenceCount: 0), vector,
        message: "scan: a body of 1 arguments and 1 results cannot carry 2 values along 0 sequences"),
      Mistake(
        Scan(same, length: 1, carryCount: 1, sequenceCount: 0), vector, vector,
        message: "scan: its body takes 1 arguments, not 2"),
      Mistake(
        Scan(same, length: 1, carryCount: 1, sequenceCount: 0), number,
        message: "scan: carried value 1 is float32[], its body takes float32[2]"),
      Mistake(
        Scan(step, length: 3, carryCount: 1, sequenceCount: 1), vector, vector,
        message: "scan: sequence 1 is float32[2], its body takes float32[3]"),
      Mistake(
        Scan(step, length: 3, carryCount: 1, sequenceCount: 0), vector, index,
        message: "scan: constant 1 is int32[], its body takes float32[]"),
      Mistake(
        Scan(summed, length: 1, carryCount: 1, sequenceCount: 0), vector,
        message: "scan: carried value 1 enters a step as float32[2] and leaves it as float32[]"),
      Mistake(
        Scan(summed, length: .max, carryCount: 0, sequenceCount: 0), vector,
        message: "scan: the shape [9223372036854775807] has more elements than can be addressed"),
      Mistake(Call(same), number, message: "call: the function takes float32[2] as argument 1, not float32[]"),
      Mistake(
        Call(same, retention: .nothing), vector, vector, message: "checkpointed: the function takes 1 arguments, not 2"),
      Mistake(Cond([]), index, message: "cond: needs at least one branch"),
      Mistake(Cond([same]), vector, vector, message: "cond: is chosen by float32[2], not by int32[]"),
      Mistake(
        Cond([same, summed]), index, vector, message: "cond: branch 0 gives [float32[2]], branch 1 gives [float32[]]"),
      Mistake(
        Cond([same]), index, number, message: "cond: branch 0 takes float32[2] as argument 1, not float32[]"),
      Mistake(
        WhileLoop(same, same, carryCount: 1), vector,
        message: "whileLoop: the condition gives [float32[2]], not one boolean"),
      Mistake(
        WhileLoop(isSmall, summed, carryCount: 1), vector,
        message: "whileLoop: carried value 1 enters a step as float32[2] and leaves it as float32[]"),
      Mistake(
        WhileLoop(isSmall, same, carryCount: 0), vector,
        message: "whileLoop: the step gives 1 values, not the 0 carried ones"),
      Mistake(
        CustomDerivative(same, .forward(same), argumentCount: 1), vector,
        message: "customGradient: the tangent rule takes [float32[2]], not [float32[2], float32[2]]"),
      Mistake(
        CustomDerivative(same, .reverse(forward: same, backward: backward), argumentCount: 1), vector,
        message: "customGradient: the backward rule takes [float32[2], float32[2]], not [float32[2]]"),
      Mistake(
        CustomDerivative(same, .reverse(forward: same, backward: summed), argumentCount: 1), vector,
        message: "customGradient: the backward rule gives [float32[]], not [float32[2]]"),
      Mistake(
        CustomDerivative(same, .forward(backward), argumentCount: 2), vector,
        message: "customGradient: has 1 operands, not 2 arguments"),
    ]
  }
}
