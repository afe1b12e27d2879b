import DescentCPU
import DescentCompiler
import DescentGraph
import Testing

@Suite struct ExecutableTests {
  static let type = TensorType([3, 4], .float32)

  @Test func outputsThatAreInputsDuplicatesOrConstants() throws {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(Self.type), builder.input(Self.type))
    let constant = builder.constant(2, Self.type)
    let sum = x + y
    let graph = try builder.graph(outputs: [
      x, sum, sum, constant, x.reshaped([12]), sum.transposed([1, 0]), sum.reshaped([12]),
    ])
    try expectAgreement(graph)
    try expectAgreement(graph, donations: [Donation(input: 0, output: 0), Donation(input: 1, output: 1)])
    try expectAgreement(graph, donations: [Donation(input: 1, output: 0), Donation(input: 0, output: 2)])
    let executable = try CPUBackend().compile(graph)
    let inputs = try [randomArray(Self.type, seed: 1), randomArray(Self.type, seed: 2)].map { try $0.literal().buffer }
    let outputs = try executable.run(inputs)
    #expect(Set((inputs + outputs).compactMap { $0.storage.hostMemory?.pointer }).count == 9)
  }

  @Test func donatedInputsAreWrittenInPlace() throws {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(Self.type), builder.input(Self.type))
    let graph = try builder.graph(outputs: [x - y * y.constant(0.5), y + x])
    let donations = [Donation(input: 0, output: 0), Donation(input: 1, output: 1)]
    try expectAgreement(graph, donations: donations)
    let executable = try CPUBackend().compile(graph, donations: donations, memoryLimit: nil)
    let inputs = try [randomArray(Self.type, seed: 1), randomArray(Self.type, seed: 2)].map { try $0.literal().buffer }
    let outputs = try executable.run(inputs)
    #expect(outputs[0] === inputs[0] && outputs[1] === inputs[1])
    #expect(executable.statistics.kernels == 1)
    #expect(executable.statistics.peakBytes == 0)
  }

  @Test func donationsThatSwapOrAreReadLater() throws {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(TensorType([4, 4], .float32)), builder.input(TensorType([4, 4], .float32)))
    let swap = [Donation(input: 0, output: 0), Donation(input: 1, output: 1)]
    try expectAgreement(try builder.graph(outputs: [y, x]), donations: swap)
    try expectAgreement(try builder.graph(outputs: [y.apply(Tanh()), x.apply(Exp())]), donations: swap)
    try expectAgreement(
      try builder.graph(outputs: [x.transposed([1, 0]), y.apply(Reverse(axes: [0]))]), donations: swap)
    try expectAgreement(try builder.graph(outputs: [x + x.transposed([1, 0]), y]), donations: swap)
    let product = Dot(leftContracted: [1], rightContracted: [0])
    try expectAgreement(try builder.graph(outputs: [x.apply(product, y), x + y]), donations: swap)
    let updated = x.apply(Exp())
    try expectAgreement(try builder.graph(outputs: [updated, updated.apply(product, x)]), donations: swap)
    let joined = builder.emit(
      Concatenate(axis: 0),
      [
        x.apply(Slice(starts: [2, 0], limits: [4, 4])), x.apply(Slice(starts: [0, 0], limits: [2, 4])),
      ])[0]
    try expectAgreement(try builder.graph(outputs: [joined, joined + y]), donations: swap)
  }

  @Test func valuesReadInTwoWaysByOneKernel() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorType([6], .float32))
    let y = x.apply(Sin())
    let first = y.apply(Slice(starts: [0], limits: [1])).reshaped([]).broadcast([6], axes: [])
    let isLess = first.apply(Compare(.less), y)
    try expectAgreement(try builder.graph(outputs: [first.selected(where: isLess, otherwise: y)]))
    try expectAgreement(try builder.graph(outputs: [(y + y.apply(Reverse(axes: [0]))).apply(Tanh())]))
  }

  @Test func theSameBufferGivenAndDonatedTwice() throws {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(Self.type), builder.input(Self.type))
    let graph = try builder.graph(outputs: [x + y, x - y])
    let donations = [Donation(input: 0, output: 0), Donation(input: 1, output: 1)]
    let executable = try CPUBackend().compile(graph, donations: donations, memoryLimit: nil)
    let array = randomArray(Self.type, seed: 3)
    let buffer = try array.literal().buffer
    let outputs = try executable.run([buffer, buffer])
    let values = try outputs.map { try ReferenceArray(Literal(type: Self.type, buffer: $0)) }
    #expect(values[0].reals == array.reals.map { $0 + $0 })
    #expect(values[1].reals.allSatisfy { $0 == 0 })
  }

  /// All but one of them are copied, each one.
  @Test(arguments: 3...5) func theSameBufferGivenAndDonatedManyTimes(times: Int) throws {
    let builder = GraphBuilder()
    let inputs = (0..<times).map { _ in builder.input(Self.type) }
    let outputs = inputs.enumerated().map { place, x in x + Double(place) * inputs[(place + 1) % times] }
    let graph = try builder.graph(outputs: outputs)
    let executable = try CPUBackend().compile(
      graph, donations: (0..<times).map { Donation(input: $0, output: $0) }, memoryLimit: nil)
    let array = randomArray(Self.type, seed: 4)
    let buffer = try array.literal().buffer
    let found = try executable.run([Buffer](repeating: buffer, count: times))
    for (place, buffer) in found.enumerated() {
      let values = try ReferenceArray(Literal(type: Self.type, buffer: buffer)).reals
      for (value, x) in zip(values, array.reals) { #expect(abs(value - x * Double(place + 1)) <= 1e-5) }
    }
  }

  @Test func runsFromManyThreads() async throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorType([16, 32], .float32))
    let w = builder.input(TensorType([32, 32], .float32))
    let product = Dot(leftContracted: [1], rightContracted: [0])
    let hidden = x.apply(product, w).apply(Tanh())
    let graph = try builder.graph(outputs: [hidden.apply(product, w).apply(Exp()).sum(axes: [1]), hidden])
    let executable = try CPUBackend().compile(graph)
    let weights = randomArray(TensorType([32, 32], .float32), seed: 7)
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          let input = randomArray(TensorType([16, 32], .float32), seed: task)
          guard let expected = try? graph.evaluate([input, weights]), let a = try? input.literal().buffer,
            let b = try? weights.literal().buffer
          else { return false }
          for _ in 0..<50 {
            guard let outputs = try? executable.run([a, b]),
              let sums = try? ReferenceArray(Literal(type: expected[0].type, buffer: outputs[0]))
            else { return false }
            let scale = expected[0].reals.reduce(1) { max($0, $1.magnitude) }
            let isClose = zip(sums.reals, expected[0].reals).allSatisfy { ($0 - $1).magnitude <= 1e-4 * scale }
            if !isClose { return false }
          }
          return true
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test func memoryIsKnownAndLimited() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorType([256, 256], .float32))
    let product = Dot(leftContracted: [1], rightContracted: [0])
    let graph = try builder.graph(outputs: [x.apply(product, x).apply(product, x).apply(product, x).sum(axes: [0, 1])])
    let executable = try CPUBackend().compile(graph)
    #expect(executable.statistics.arenaBytes == 2 * 256 * 256 * 4)
    #expect(executable.statistics.peakBytes == 2 * 256 * 256 * 4 + 4)
    let error = #expect(throws: OperationError.self) {
      try CPUBackend().compile(graph, donations: [], memoryLimit: 300_000)
    }
    #expect(error?.message.contains("the limit is 300000 bytes") == true)
    #expect(error?.message.contains("dot float32[256, 256] (262144 bytes)") == true)
  }

  /// More multiplications than an integer counts: what is refused is the memory.
  @Test func productsOfTooManyTerms() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorType([1 << 22, 1 << 22], .float32))
    let graph = try builder.graph(outputs: [x.apply(Dot(leftContracted: [1], rightContracted: [0]), x)])
    let error = #expect(throws: OperationError.self) {
      try CPUBackend().compile(graph, donations: [], memoryLimit: 1 << 30)
    }
    #expect(error?.message.contains("a run would take 67108864.0 MiB, the limit is 1024.0 MiB") == true)
  }

  @Test func wrongInputsAreRefused() throws {
    let builder = GraphBuilder()
    let x = builder.input(Self.type)
    let graph = try builder.graph(outputs: [x + 1])
    let executable = try CPUBackend().compile(graph)
    #expect(throws: OperationError.self) { try executable.run([]) }
    #expect(throws: OperationError.self) { try executable.run([try Buffer(byteCount: 47)]) }
    for donation in [Donation(input: 1, output: 0), Donation(input: 0, output: -1)] {
      #expect(throws: OperationError.self) { try CPUBackend().compile(graph, donations: [donation], memoryLimit: nil) }
    }
  }

  @Test func profilesNameTheKernels() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorType([8, 8], .float32))
    let graph = try builder.graph(outputs: [x.apply(Dot(leftContracted: [1], rightContracted: [0]), x).apply(Tanh())])
    let rows = try CPUBackend().compile(graph).profile([try randomArray(x.type, seed: 1).literal().buffer], runs: 3)
    #expect(rows.map(\.name) == ["dot", "tanh"])
    #expect(rows[0].flops == 1024)
    #expect(rows.allSatisfy { $0.calls == 3 && $0.seconds > 0 })
  }
}
