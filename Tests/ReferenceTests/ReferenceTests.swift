import DescentCompiler
import DescentGraph
import Testing

@testable import DescentReference

/// The backend that evaluates by the oracle, and whose memory the host cannot address.
@Suite struct ReferenceTests {
  private static let type = TensorType([2], .float32)

  private static func buffer(_ numbers: [Double], _ type: TensorType = type) throws -> Buffer {
    try ReferenceBackend().placing(ReferenceArray(type, reals: numbers).literal().buffer)
  }

  private static func numbers(_ buffer: Buffer, _ type: TensorType = type) throws -> [Double] {
    try ReferenceArray(Literal(type: type, buffer: buffer)).reals
  }

  @Test func storageIsOnlyCopied() throws {
    let buffer = try Self.buffer([1, 2])
    #expect(buffer.storage.hostMemory == nil && buffer.byteCount == 8)
    let copy = try buffer.copied()
    #expect(copy.storage.hostMemory == nil && copy.storage !== buffer.storage)
    #expect(try Self.numbers(copy) == [1, 2])
    let again = try ReferenceBackend().placing(buffer)
    #expect(again === buffer)
  }

  /// Bytes are there when a transfer has been waited for, not before; they are those of the moment at which it was begun.
  @Test func transfersEndWhenTheyAreWaitedFor() throws {
    let storage = ReferenceStorage(try ReferenceArray(Self.type, reals: [1, 2]).literal().memory)
    let target = try ReferenceArray(Self.type, reals: [0, 0]).literal()
    let reading = storage.read(into: target.memory)
    #expect(ReferenceArray(target).reals == [0, 0])
    let writing = storage.write(from: try ReferenceArray(Self.type, reals: [3, 4]).literal().memory)
    try writing.wait()
    try reading.wait()
    #expect(ReferenceArray(target).reals == [1, 2])
    #expect(try Self.numbers(Buffer(storage)) == [3, 4])
  }

  @Test func donatedInputsTakeTheOutputs() throws {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(Self.type), builder.input(Self.type))
    let graph = try builder.graph(outputs: [x + y, x - y])
    let swap = [Donation(input: 0, output: 0), Donation(input: 1, output: 1)]
    let plan = try ReferenceBackend().compile(graph, donations: swap, memoryLimit: nil)
    let (a, b) = (try Self.buffer([5, 7]), try Self.buffer([1, 2]))
    let outputs = try plan.run([a, b])
    #expect(outputs[0] === a && outputs[1] === b)
    #expect(try Self.numbers(a) == [6, 9] && Self.numbers(b) == [4, 5])
    let twice = try plan.run([a, a])
    #expect(try Self.numbers(twice[0]) == [12, 18] && Self.numbers(twice[1]) == [0, 0])
    let host = try ReferenceArray(Self.type, reals: [1, 1]).literal()
    let mixed = try plan.run([host.buffer, b])
    #expect(mixed[0] !== host.buffer && mixed[1] === b && ReferenceArray(host).reals == [1, 1])
  }

  /// Each value is rounded to its element type, not the last one alone.
  @Test func valuesAreRounded() throws {
    let type = TensorType([1], .float16)
    let builder = GraphBuilder()
    let x = builder.input(type)
    let graph = try builder.graph(outputs: [x + x.constant(2048) - x.constant(2048)])
    let plan = try ReferenceBackend().compile(graph)
    #expect(try Self.numbers(plan.run([Self.buffer([1], type)])[0], type) == [0])
  }

  @Test func memoryIsKnownAndLimited() throws {
    let type = TensorType([1000], .float32)
    let builder = GraphBuilder()
    let x = builder.input(type)
    let graph = try builder.graph(outputs: [x.apply(Exp()).apply(Tanh()).apply(Sin()).sum(axes: [0])])
    let plan = try ReferenceBackend().compile(graph)
    #expect(plan.statistics.arenaBytes == 8000 && plan.statistics.outputBytes == 4)
    #expect(plan.statistics.referenceOperations == ["exp", "tanh", "sin", "sum"])
    let error = #expect(throws: OperationError.self) {
      try ReferenceBackend().compile(graph, donations: [], memoryLimit: 8003)
    }
    #expect(error?.message == "a run would take 8004 bytes, the limit is 8003 bytes")
  }

  @Test func wrongInputsAreRefused() throws {
    let builder = GraphBuilder()
    let graph = try builder.graph(outputs: [builder.input(Self.type) + 1])
    let plan = try ReferenceBackend().compile(graph)
    #expect(throws: OperationError.self) { try plan.run([]) }
    #expect(throws: OperationError.self) { try plan.run([try Buffer(byteCount: 7)]) }
    #expect(throws: OperationError.self) {
      try ReferenceBackend().compile(graph, donations: [Donation(input: 1, output: 0)], memoryLimit: nil)
    }
    #expect(try ReferenceBackend().plan(for: graph, donations: []) == nil)
  }

  @Test func profilesNameTheOperations() throws {
    let builder = GraphBuilder()
    let x = builder.input(Self.type)
    let graph = try builder.graph(outputs: [x.apply(Exp()).apply(Tanh())])
    let rows = try ReferenceBackend().compile(graph).profile([Self.buffer([1, 2])], runs: 3)
    #expect(rows.map(\.name) == ["exp", "tanh"] && rows.allSatisfy { $0.calls == 3 && $0.bytes == 16 })
  }
}
