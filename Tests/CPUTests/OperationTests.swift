import DescentGraph
import Testing

@Suite struct OperationTests {
  static let shapes: [Shape] = [[], [1], [7], [3, 5], [1, 6], [4, 1], [2, 3, 4], [0], [3, 0], [257], [33, 70]]

  static func graph(_ type: TensorType, count: Int = 1, _ body: ([Symbol]) -> [Symbol]) throws -> Graph {
    let builder = GraphBuilder()
    return try builder.graph(outputs: body((0..<count).map { _ in builder.input(type) }))
  }

  static let unary: [any Operation] = [
    Negate(), Abs(), Sign(), Floor(), Ceil(), Round(), Exp(), Expm1(), Tanh(), Logistic(), Erf(), Square(), Sin(),
    Cos(),
    StopGradient(), IsFinite(),
  ]

  @Test(arguments: shapes) func unaryFunctions(shape: Shape) throws {
    for elementType in [ElementType.float32, .float64, .float16, .bfloat16] {
      for operation in Self.unary {
        try expectAgreement(try Self.graph(TensorType(shape, elementType)) { [$0[0].apply(operation)] })
      }
      for operation in [Log(), Log1p(), Sqrt(), Rsqrt()] as [any Operation] {
        try expectAgreement(
          try Self.graph(TensorType(shape, elementType)) { [($0[0].apply(Abs()) + 0.25).apply(operation)] })
      }
    }
  }

  static let binary: [any Operation] = [
    Add(), Subtract(), Multiply(), Divide(), Remainder(), Maximum(), Minimum(), Compare(.equal), Compare(.notEqual),
    Compare(.less), Compare(.lessOrEqual), Compare(.greater), Compare(.greaterOrEqual),
  ]

  @Test(arguments: ElementType.allCases) func binaryFunctions(elementType: ElementType) throws {
    for shape in [[], [5], [3, 0], [33, 7]] as [Shape] {
      let type = TensorType(shape, elementType)
      if elementType == .bool {
        for operation in [And(), Or(), Xor(), Compare(.equal), Compare(.less)] as [any Operation] {
          try expectAgreement(try Self.graph(type, count: 2) { [$0[0].apply(operation, $0[1])] })
        }
        try expectAgreement(try Self.graph(type) { [$0[0].apply(Not())] })
        continue
      }
      for operation in Self.binary {
        let graph = try Self.graph(type, count: 2) { [$0[0].apply(operation, $0[1])] }
        try expectAgreement(graph)
      }
      if elementType.isInteger {
        for operation in [And(), Or(), Xor(), ShiftLeft(), ShiftRight()] as [any Operation] {
          try expectAgreement(try Self.graph(type, count: 2) { [$0[0].apply(operation, $0[1])] })
        }
        for operation in [Negate(), Abs(), Sign(), Square(), Not()] as [any Operation] {
          try expectAgreement(try Self.graph(type) { [$0[0].apply(operation)] })
        }
      } else {
        try expectAgreement(try Self.graph(type, count: 2) { [($0[0].apply(Abs()) + 0.1).apply(Power(), $0[1])] })
      }
    }
  }

  @Test func conversions() throws {
    for source in ElementType.allCases {
      for target in ElementType.allCases {
        let graph = try Self.graph(TensorType([3, 11], source)) { [$0[0].apply(Convert(to: target))] }
        try expectAgreement(graph, tolerance: 1e-2)
      }
    }
  }

  @Test(arguments: [ElementType.float32, .float64, .bfloat16, .int32, .uint8])
  func reductions(elementType: ElementType) throws {
    for shape in [[5], [4, 6], [2, 3, 5], [1, 9, 1], [0, 3], [64, 130]] as [Shape] {
      for mask in 0..<(1 << shape.rank) {
        let axes = shape.indices.filter { mask >> $0 & 1 == 1 }
        for reducer in [Reduce.Reducer.sum, .maximum, .minimum] {
          let graph = try Self.graph(TensorType(shape, elementType)) { [$0[0].apply(Reduce(reducer, axes: axes))] }
          try expectAgreement(graph)
        }
        for reducer in [Reduce.Reducer.and, .or] {
          let graph = try Self.graph(TensorType(shape, .bool)) { [$0[0].apply(Reduce(reducer, axes: axes))] }
          try expectAgreement(graph)
        }
      }
    }
  }

  @Test func argReductions() throws {
    for elementType in ElementType.allCases where elementType != .bool {
      for axis in 0..<3 {
        for extreme in [ArgReduce.Extreme.argMaximum, .argMinimum] {
          let graph = try Self.graph(TensorType([3, 5, 4], elementType)) {
            [$0[0].apply(ArgReduce(extreme, axis: axis))]
          }
          try expectAgreement(graph)
        }
      }
    }
    // From a view, and with a result that is used further.
    try expectAgreement(
      try Self.graph(TensorType([3, 5, 4], .float32)) { x in
        [x[0].transposed([2, 0, 1]).apply(ArgReduce(.argMaximum, axis: 2)).apply(Convert(to: .float64)).apply(Exp())]
      })
  }

  @Test func views() throws {
    let type = TensorType([4, 6, 5], .float32)
    let views: [(Symbol) -> Symbol] = [
      { $0.transposed([2, 0, 1]) }, { $0.reshaped([24, 5]) }, { $0.reshaped([2, 2, 3, 10]) },
      { $0.transposed([1, 0, 2]).reshaped([24, 5]) }, { $0.apply(Slice(starts: [1, 0, 2], limits: [4, 6, 5])) },
      { $0.apply(Slice(starts: [0, 1, 0], limits: [4, 6, 5], steps: [2, 3, 4])) }, { $0.apply(Reverse(axes: [0, 2])) },
      { $0.broadcast([4, 3, 6, 5], axes: [0, 2, 3]) },
      { $0.apply(Reverse(axes: [1])).reshaped([24, 5]).transposed([1, 0]) },
      {
        $0.apply(Slice(starts: [0, 0, 1], limits: [4, 6, 2])).reshaped([4, 6]).broadcast([3, 4, 6], axes: [1, 2])
      },
    ]
    for view in views {
      try expectAgreement(try Self.graph(type) { [view($0[0])] })
      try expectAgreement(try Self.graph(type) { [view($0[0]).apply(Tanh())] })
      try expectAgreement(try Self.graph(type) { [view($0[0].apply(Tanh()))] })
      try expectAgreement(try Self.graph(type) { [view($0[0].apply(Tanh())), $0[0].apply(Tanh())] })
      try expectAgreement(try Self.graph(type) { x in [view(x[0].apply(Exp())).apply(Tanh()), x[0].apply(Exp()) + 1] })
      try expectAgreement(
        try Self.graph(type) { x in
          [view(x[0].apply(Exp())).sum(axes: [0]), view(x[0]).apply(Reduce(.maximum, axes: [1]))]
        })
    }
  }

  @Test func padsAndConcatenations() throws {
    for elementType in [ElementType.float32, .float64, .int16, .bool] {
      let scalar = TensorType([], elementType)
      let pads = [
        Pad(low: [1, 2], high: [0, 3]), Pad(low: [0, 0], high: [0, 0], interior: [1, 2]),
        Pad(low: [-1, 1], high: [2, -2], interior: [0, 1]), Pad(low: [-2, 0], high: [0, -4]),
        Pad(low: [-3, 0], high: [0, 9]),
      ]
      for pad in pads {
        let builder = GraphBuilder()
        let (x, fill) = (builder.input(TensorType([3, 4], elementType)), builder.input(scalar))
        try expectAgreement(try builder.graph(outputs: [x.apply(pad, fill)]))
      }
      let builder = GraphBuilder()
      let (x, y) = (builder.input(TensorType([3, 4], elementType)), builder.input(TensorType([3, 2], elementType)))
      let joined = builder.emit(Concatenate(axis: 1), [x, y, x])[0]
      let tall = builder.emit(Concatenate(axis: 0), [joined, joined])[0]
      try expectAgreement(try builder.graph(outputs: [joined, tall, tall.transposed([1, 0])]))
    }
    let builder = GraphBuilder()
    let (x, y) = (builder.input(TensorType([3, 4], .float32)), builder.input(TensorType([2, 3], .float32)))
    let joined = builder.emit(Concatenate(axis: 1), [x.apply(Exp()), y.transposed([1, 0]), x.apply(Tanh()) * x])[0]
    try expectAgreement(try builder.graph(outputs: [joined, joined.sum(axes: [0]), x.apply(Exp()).sum(axes: [1])]))
  }

  @Test func generators() throws {
    let builder = GraphBuilder()
    let iota = builder.emit(Iota(type: TensorType([4, 5], .int32), axis: 1), [])[0]
    let floats = builder.emit(Iota(type: TensorType([3, 2, 6], .float32), axis: 0), [])[0]
    try expectAgreement(
      try builder.graph(outputs: [
        iota, iota.transposed([1, 0]) + iota.reshaped([5, 4]), floats.apply(Exp()),
        floats.reshaped([6, 6]).apply(Sin()),
        floats.apply(Reverse(axes: [0])) * floats, iota.broadcast([2, 4, 5], axes: [1, 2]),
      ]))
  }

  @Test func randomBits() throws {
    for shape in [[], [9], [3, 5], [2, 3, 4]] as [Shape] {
      let builder = GraphBuilder()
      let key = builder.input(TensorType([2], .uint32))
      let bits = key.apply(RandomBits(shape: shape))
      let uniform = bits.converted(to: .float32) * bits.converted(to: .float32).constant(0x1p-32)
      try expectAgreement(try builder.graph(outputs: [bits, uniform]))
      try expectAgreement(try builder.graph(outputs: [uniform.transposed(Array(shape.indices.reversed()))]))
    }
  }

  @Test func selections() throws {
    for elementType in ElementType.allCases {
      let builder = GraphBuilder()
      let type = TensorType([4, 9], elementType)
      let (condition, x, y) = (builder.input(type.with(elementType: .bool)), builder.input(type), builder.input(type))
      try expectAgreement(try builder.graph(outputs: [x.selected(where: condition, otherwise: y)]))
    }
  }

  @Test func moreAxesThanKernelsHave() throws {
    let shape = Shape([2, 1, 3, 1, 2, 1, 2, 1, 2])
    let graph = try Self.graph(TensorType(shape, .float32)) { x in
      let turned = x[0].transposed(Array(shape.indices.reversed()))
      return [turned, turned.apply(Tanh()).sum(axes: [0, 3]), x[0].apply(Exp()).reshaped([6, 8]).apply(Sin())]
    }
    try expectAgreement(graph, mayUseReference: true)
  }
}
