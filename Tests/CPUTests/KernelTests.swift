import DescentCompiler
import DescentGraph
import Testing

@testable import DescentCPU

/// What kernels are given and what they say they cost, each held to numbers that are worked out by hand; what they compute
/// is held to the reference evaluation, over every axis and on shapes that are odd, single and empty.
@Suite struct KernelTests {
  private static let shapes: [Shape] = [[7], [3, 5], [1, 6], [4, 1], [2, 3, 4], [3, 0, 2], [5, 2, 3, 2]]

  private func graph(_ types: [TensorType], _ body: ([Symbol]) -> [Symbol]) throws -> Graph {
    let builder = GraphBuilder()
    return try builder.graph(outputs: body(types.map { builder.input($0) }))
  }

  /// The kernels of a graph's plan, as a run measures them.
  private func profiles(_ types: [TensorType], _ body: ([Symbol]) -> [Symbol]) throws -> [KernelProfile] {
    let executable = try CPUBackend().compile(try graph(types, body))
    let inputs = try types.enumerated().map { try randomArray($1, seed: $0).literal().buffer }
    return try executable.profile(inputs, runs: 2)
  }

  @Test func extents() {
    func extents(_ shape: Shape, _ axis: Int) -> [Int64] {
      let extents = AxisExtents(shape, axis: axis)
      return [extents.outer, extents.count, extents.inner]
    }
    #expect(extents([2, 3, 5, 7], 1) == [2, 3, 35] && extents([2, 3, 5, 7], 0) == [1, 2, 105])
    #expect(extents([2, 3, 5, 7], 3) == [30, 7, 1] && extents([0, 4], 1) == [0, 4, 1])
  }

  @Test(arguments: shapes) func alongEveryAxis(shape: Shape) throws {
    for axis in shape.indices {
      for type in [ElementType.float32, .float64, .float16, .int32, .uint8] {
        let operand = [TensorType(shape, type)]
        for combination in [Cumulative.Kind.sum, .maximum, .minimum] {
          for isReversed in [false, true] {
            let operation = Cumulative(combination, axis: axis, isReversed: isReversed)
            try expectAgreement(try graph(operand) { [$0[0].apply(operation)] })
          }
        }
        if shape[axis] > 0 {
          for extreme in [ArgReduce.Extreme.argMaximum, .argMinimum] {
            try expectAgreement(try graph(operand) { [$0[0].apply(ArgReduce(extreme, axis: axis))] })
          }
        }
        for isDescending in [false, true] {
          let operation = Sort(axis: axis, isDescending: isDescending)
          try expectAgreement(
            try graph(operand + [TensorType(shape, .int64)]) { $0[0].builder.emit(operation, $0) })
        }
      }
    }
  }

  @Test func costs() throws {
    let row = TensorType([4, 6], .float32)
    let product = try #require(
      try profiles([row, TensorType([6, 5], .float32)]) {
        [$0[0].apply(Dot(leftContracted: [1], rightContracted: [0]), $0[1])]
      }.first)
    #expect(product.name == "dot" && product.shapes == "[4, 6]·[6, 5]" && product.calls == 2)
    #expect(product.flops == 2 * 4 * 6 * 5 && product.bytes == 4 * (24 + 30 + 20) && product.seconds > 0)
    let several = try #require(
      try profiles([TensorType([3, 4, 6], .float64), TensorType([3, 6, 5], .float64)]) {
        [$0[0].apply(Dot(leftBatch: [0], rightBatch: [0], leftContracted: [2], rightContracted: [1]), $0[1])]
      }.first)
    #expect(several.shapes == "3 × [4, 6]·[6, 5]" && several.flops == 3 * 240 && several.bytes == 3 * 8 * 74)
    let sorted = try profiles([row]) { [$0[0].builder.emit(Sort(axis: 1), [$0[0]])[0]] }
    #expect(sorted.map(\.bytes) == [4 * 24 + 2 * 96] && sorted.map(\.shapes) == ["[4, 6]"])
    let summed = try profiles([row]) { [$0[0].apply(Cumulative(.sum, axis: 0))] }
    #expect(summed.map(\.flops) == [24] && summed.map(\.bytes) == [96])
    let fused = try profiles([row]) { [$0[0].apply(Exp()).apply(Tanh())] }
    #expect(fused.map(\.name) == ["exp+tanh"] && fused.map(\.bytes) == [2 * 96] && fused.map(\.shapes) == ["[4, 6]"])
    let long = try profiles([row]) { x in [(0..<7).reduce(x[0]) { y, _ in y.apply(Sin()) }] }
    #expect(long.map(\.name) == ["sin+sin+sin+sin+sin+…7"])
    let short = try profiles([row]) { x in [(0..<6).reduce(x[0]) { y, _ in y.apply(Sin()) }] }
    #expect(short.map(\.name) == ["sin+sin+sin+sin+sin+sin"])
    let transformed = try profiles([TensorType([3, 8], .float64), TensorType([3, 8], .float64)]) {
      $0[0].builder.emit(FFT(axis: 1), $0)
    }
    // Eight numbers are three steps of butterflies; whoever rounds up counts four.
    #expect(transformed.map(\.flops) == [5 * 24 * 4] && transformed.map(\.bytes) == [4 * 192])
  }

  /// What a donated input's memory still had to be read for is copied at the end, by a kernel that costs what it moves.
  @Test func restorations() throws {
    let type = TensorType([4, 4], .float32)
    let graph = try graph([type]) { [$0[0].apply(Dot(leftContracted: [1], rightContracted: [0]), $0[0])] }
    let donations = [Donation(input: 0, output: 0)]
    try expectAgreement(graph, donations: donations)
    let executable = try CPUBackend().compile(graph, donations: donations, memoryLimit: nil)
    let kernels = try executable.profile([try randomArray(type, seed: 3).literal().buffer], runs: 1)
    #expect(kernels.map(\.name) == ["dot", "copy"] && kernels[1].bytes == 2 * 64)
    #expect(kernels.map(\.calls) == [1, 1])
  }

  /// A kernel of the reference evaluation reads views where they lie and writes each of its results.
  @Test func referenceEvaluation() throws {
    let type = TensorType([3, 4], .int32)
    let turned = try graph([type]) { x in
      let view = x[0].apply(Reverse(axes: [0])).transposed([1, 0])
      return [view.apply(RightToLeft())]
    }
    let input = randomArray(type, seed: 5)
    let (values, executable) = try run(turned, [input])
    #expect(executable.statistics.referenceOperations == ["rightToLeft"])
    #expect(try values[0].integers == turned.evaluate([input])[0].integers)
  }

  /// Working memory is set aside in whole lines of a cache, one after the other, and never none.
  @Test func workingMemory() {
    var memory = WorkingMemory()
    #expect(memory.reserve(1) == 0 && memory.reserve(64) == 64 && memory.reserve(65) == 128)
    #expect(memory.reserve(0) == 256 && memory.byteCount == 320)
    #expect(memory.reserve(addresses: 9) == 320 && memory.byteCount == 320 + 128)
  }

  @Test func whatThereIsAKernelFor() {
    let support = CPUSupport()
    let (float, half) = (TensorType([4], .float32), TensorType([4], .float16))
    #expect(support.hasKernel(Cumulative(.sum, axis: 0), [float], [float]))
    #expect(!support.hasKernel(Cumulative(.sum, axis: 0), [half], [half]), "which is computed in float32")
    #expect(support.hasKernel(Sort(axis: 0), [half], [half]), "which moves elements, whatever they are")
    #expect(!support.hasKernel(Exp(), [float], [float]) && !support.hasKernel(RightToLeft(), [float], [float]))
    #expect(support.computingType(Cumulative(.sum, axis: 0), .float16) == .float32)
    #expect(support.computingType(Cumulative(.sum, axis: 0), .bfloat16) == .float32)
    #expect(support.computingType(Cumulative(.sum, axis: 0), .float32) == nil)
    #expect(support.computingType(Cumulative(.sum, axis: 0), .int16) == nil, "two bytes, but no floating-point number")
    #expect(support.computingType(Sort(axis: 0), .float16) == nil && support.computingType(Exp(), .float16) == nil)
    #expect(support.overwrittenOperand(Exp()) == nil && !support.readsRepeated(Exp(), operand: 0))
    let deep = TensorType(Shape([Int](repeating: 1, count: 9)), .float32)
    #expect(support.fuses(Exp(), [float], [float]) && !support.fuses(Exp(), [deep], [deep]))
  }

  /// Scattering into one number that is repeated reads that number alone; into anything else, all of it.
  @Test func scattering() throws {
    let (updates, places) = (TensorType([2, 1, 3], .float32), TensorType([2, 1], .int32))
    let geometry = IndexGeometry(axes: [0], outside: .dropped)
    func scatter(_ tensor: Symbol, _ x: [Symbol]) -> Symbol {
      tensor.apply(Scatter(.add, geometry), x[1], x[0])
    }
    for shape in [[], [5, 3]] as [Shape] {
      try expectAgreement(
        try graph([updates, places, TensorType(shape, .float32)]) { x in
          [scatter(shape.rank == 0 ? x[2].broadcast([5, 3], axes: []) : x[2], x)]
        })
    }
  }
}

/// An operation that no backend has a kernel for.
private struct RightToLeft: Operation {
  static var kind: OperationKind { .internal }
  var name: String { "rightToLeft" }
  func resultTypes(of operands: [TensorType]) throws(OperationError) -> [TensorType] { [operands[0]] }
  func tangents(_ context: ForwardContext) -> [Symbol?] { [nil] }
  func batched(_ context: BatchContext) -> [Symbol] { context.operands }
  func evaluate(_ operands: [ReferenceArray], _ results: [TensorType]) -> [ReferenceArray] {
    [ReferenceArray(results[0], integers: operands[0].integers.reversed())]
  }
}
