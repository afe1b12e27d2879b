import DescentGraph

extension OperationTable {
  private var float: ElementType { operands.float }
  private func floats(_ sizes: Int...) -> TensorType { TensorType(Shape(sizes), float) }
  private var count: TensorType { TensorType([], .int32) }

  /// One step of a recurrent network: `h' = tanh(h·w + x)`, with `h'·x` as output.
  func recurrentStep(_ size: Int) throws -> Body {
    try Body.write([floats(size), floats(size), floats(size)]) { _, inputs in
      let next = (inputs[0] * inputs[2] + inputs[1]).apply(Tanh())
      return [next, next * inputs[1]]
    }
  }

  /// A step with a counter beside a value, and the counter among what is stacked.
  private func countingStep() throws -> Body {
    try Body.write([count, floats(2), floats(2)]) { _, inputs in
      let (index, value) = (inputs[0], inputs[1])
      let weight = index.converted(to: float).broadcast([2], axes: [])
      let next = (value * inputs[2] + weight).apply(Sin())
      return [index.apply(Add(), index.constant(1)), next, index, next * weight]
    }
  }

  var scans: [Sample] {
    get throws {
      let step = try recurrentStep(3)
      let (h, w) = (operands.spread([3]), operands.spread([3], salt: 3))
      let matrix = Dot(leftContracted: [1], rightContracted: [0])
      let products = try Body.write([floats(2), floats(2), floats(2, 2)]) { _, inputs in
        let next = (inputs[2].apply(matrix, inputs[0]) + inputs[1]).apply(Tanh())
        return [next, next]
      }
      let map = try Body.write([floats(2)]) { _, inputs in [inputs[0].apply(Exp()), inputs[0]] }
      let power = try Body.write([floats(), floats()]) { _, inputs in
        // What is computed from the constant alone is the same in every step.
        [inputs[0] * inputs[1].apply(Exp()) * inputs[1]]
      }
      let exchange = try Body.write([floats(2), floats(2), floats(2)]) { _, inputs in
        [inputs[1], inputs[0] * inputs[2], inputs[2]]
      }
      let late = try Body.write([floats(), floats(), floats()]) { _, inputs in
        // The first value starts without a tangent where only the second one moves.
        [inputs[0] * inputs[0] + inputs[1], inputs[1].apply(Sin()), inputs[0] * inputs[2]]
      }
      let inner = Scan(step, length: 2, carryCount: 1, sequenceCount: 1, isReversed: true)
      let nested = try Body.write([floats(3), floats(2, 3), floats(3)]) { builder, inputs in
        let results = builder.emit(inner, inputs)
        return [results[0] * inputs[2], results[1].sum(axes: [0])]
      }
      return [
        Sample(
          Scan(step, length: 4, carryCount: 1, sequenceCount: 1), h, operands.spread([4, 3], salt: 2), w),
        Sample(
          Scan(step, length: 5, carryCount: 1, sequenceCount: 1, isReversed: true), h,
          operands.spread([5, 3], salt: 2), w),
        Sample(Scan(step, length: 1, carryCount: 1, sequenceCount: 1), h, operands.spread([1, 3], salt: 2), w),
        Sample(Scan(step, length: 0, carryCount: 1, sequenceCount: 1), h, operands.spread([0, 3]), w),
        Sample(
          Scan(try countingStep(), length: 3, carryCount: 2, sequenceCount: 1), operands.integers([2], .int32, []),
          operands.spread([2]), operands.spread([3, 2], salt: 2)),
        Sample(
          Scan(products, length: 3, carryCount: 1, sequenceCount: 1), operands.spread([2]),
          operands.spread([3, 2], salt: 2), operands.spread([2, 2], salt: 4)),
        Sample(Scan(map, length: 3, carryCount: 0, sequenceCount: 1), operands.spread([3, 2])),
        Sample(
          Scan(power, length: 4, carryCount: 1, sequenceCount: 0), operands.spread([]), operands.spread([], salt: 5)),
        Sample(
          Scan(exchange, length: 5, carryCount: 2, sequenceCount: 0, isReversed: true), operands.spread([2]),
          operands.spread([2], salt: 2), operands.spread([2], salt: 3)),
        Sample(
          Scan(late, length: 3, carryCount: 2, sequenceCount: 1), operands.spread([]), operands.spread([], salt: 6),
          operands.spread([3], salt: 3)),
        Sample(
          Scan(nested, length: 2, carryCount: 1, sequenceCount: 1), h, operands.spread([2, 2, 3], salt: 2), w),
        Sample(
          Scan(try Body.write([floats(0)]) { _, x in [x[0] * x[0]] }, length: 2, carryCount: 1, sequenceCount: 0),
          operands.spread([0])),
      ]
    }
  }

  var calls: [Sample] {
    get throws {
      let body = try Body.write([floats(2), floats(2)]) { _, inputs in
        let product = (inputs[0] * inputs[1]).apply(Tanh()).apply(Named("product"))
        return [product * inputs[0], product.apply(Sin()).sum(axes: [0])]
      }
      let twice = try Body.write([floats(2), floats(2)]) { builder, inputs in
        let first = builder.emit(Call(body), inputs)
        return builder.emit(Call(body, retention: .nothing), [first[0], inputs[1]])
      }
      let (x, y) = (operands.spread([2]), operands.spread([2], salt: 2))
      let retentions: [Retention] = [.everything, .nothing, .products, .named(["product"])]
      return retentions.map { Sample(Call(body, retention: $0), x, y) }
        + [Sample(Call(twice), x, y), Sample(Call(body, retention: .nothing, isIsolated: true), x, y)]
    }
  }

  var choices: [Sample] {
    get throws {
      let types = [floats(2), floats(2)]
      let branches = [
        try Body.write(types) { _, x in [(x[0] * x[1]).apply(Tanh()), x[1]] },
        try Body.write(types) { builder, x in [x[0].apply(Exp()), builder.constant(2, x[0].type)] },
        try Body.write(types) { _, x in [x[0], x[0].apply(Sin()) * x[1].apply(Cos())] },
      ]
      let (x, y) = (operands.spread([2]), operands.spread([2], salt: 2))
      let step = try Body.write([floats(2), count, floats(2)]) { builder, inputs in
        builder.emit(Cond(branches), [inputs[1], inputs[0], inputs[2]])
      }
      return [-1, 0, 1, 2, 7].map { Sample(Cond(branches), operands.integers([$0], .int32, []), x, y) }
        + [
          Sample(Cond([branches[1]]), operands.integers([0], .int32, []), x, y),
          try Sample(
            Scan(step, length: 4, carryCount: 1, sequenceCount: 1), x, operands.integers([0, 2, 1, 1], .int32), y
          ).asBranch(float),
        ]
    }
  }

  /// Loops have forward mode only, which tests of their own hold against differences.
  var whileLoops: [Sample] {
    get throws {
      let types = [floats(), count, floats(2)]
      let growing = WhileLoop(
        try Body.write(types) { _, x in [x[0].apply(Compare(.less), x[0].constant(20))] },
        try Body.write(types) { _, x in
          [x[0] * (x[2] * x[2]).sum(axes: [0]), x[1].apply(Add(), x[1].constant(1))]
        }, carryCount: 2)
      let counting = WhileLoop(
        try Body.write([count, floats(2)]) { _, x in [x[0].apply(Compare(.less), x[0].constant(3))] },
        try Body.write([count, floats(2)]) { _, x in [x[0].apply(Add(), x[0].constant(1)), x[1].apply(Sin())] },
        carryCount: 2)
      let zero = operands.integers([0], .int32, [])
      return [
        Sample(growing, operands.exactly([1], []), zero, operands.exactly([1, 1.5]), isSmooth: false),
        Sample(growing, operands.exactly([50], []), zero, operands.exactly([1, 1.5]), isSmooth: false),
        Sample(counting, zero, operands.spread([2]), isSmooth: false),
        Sample(counting, operands.integers([2], .int32, []), operands.spread([2]), isSmooth: false),
      ]
    }
  }

  /// One value and several, of all kinds of types, without elements, and one twice.
  var barriers: [Sample] {
    let (x, y) = (operands.spread([2, 3]), operands.spread([], salt: 2))
    return [
      Sample(Barrier(), x), Sample(Barrier(), y), Sample(Barrier(), operands.spread([0, 2])),
      Sample(Barrier(), x, y, operands.spread([2, 0])), Sample(Barrier(), x, x),
      Sample(Barrier(), operands.integers([1, 2], .int8), x, operands.booleans([true])),
      Sample(Barrier(), operands.edges, y, isSmooth: false),
    ]
  }

  var customDerivatives: [Sample] {
    get throws {
      let types = [floats(2), floats(2), count]
      let body = try Body.write(types) { _, x in [x[0].apply(Exp()) * x[1], x[2]] }
      let tangents = try Body.write(types + [floats(2), floats(2)]) { _, x in
        [(x[3] * x[1] + x[4]) * x[0].apply(Exp())]
      }
      let forward = try Body.write(types) { _, x in
        let grown = x[0].apply(Exp())
        return [grown * x[1], x[2], grown, x[1]]
      }
      let backward = try Body.write([floats(2), floats(2), floats(2)]) { _, x in
        [x[0] * x[1] * x[2], x[0] * x[2]]
      }
      let (x, y) = (operands.spread([2]), operands.spread([2], salt: 2))
      let index = operands.integers([3], .int32, [])
      return [
        Sample(CustomDerivative(body, .forward(tangents), argumentCount: 3), x, y, index),
        // Forward mode does not know the rule; tests of their own try it in reverse.
        Sample(
          CustomDerivative(body, .reverse(forward: forward, backward: backward), argumentCount: 3), x, y, index,
          isSmooth: false),
      ]
    }
  }
}

extension Sample {
  /// The sample as the only branch of a choice, so that it stands in the row of choices.
  fileprivate func asBranch(_ float: ElementType) throws -> Sample {
    Sample(Cond([Body(try graph())]), operands: [Operands(float: float).integers([0], .int32, [])] + operands)
  }
}
