import DescentGraph
import Testing

@testable import DescentCompiler

/// A plan is refused for one byte more than is allowed, and says how much it would take.
@Suite struct MemoryLimitTests {
  private func plan(_ shape: Shape) throws -> Plan {
    let builder = GraphBuilder()
    let x = builder.input(TensorType(shape, .float32))
    return try Plan(try builder.graph(outputs: [x.apply(Exp())]), for: TestSupport(), donations: [])
  }

  @Test func limits() throws {
    let plan = try plan([16])
    #expect(plan.statistics.peakBytes == 64)
    try plan.check(memoryLimit: nil)
    try plan.check(memoryLimit: 64)
    try plan.check(memoryLimit: 74, scratchBytes: 10)
    #expect(throws: OperationError.self) { try plan.check(memoryLimit: 63) }
    let error = #expect(throws: OperationError.self) {
      try plan.check(memoryLimit: 73, scratchBytes: 10)
    }
    #expect(
      error?.message.hasPrefix("a run would take 74 bytes, the limit is 73 bytes; the largest")
        == true)
  }

  @Test func sizesInWords() throws {
    func text(_ shape: Shape, limit: Int) throws -> String {
      let plan = try plan(shape)
      let error = #expect(throws: OperationError.self) { try plan.check(memoryLimit: limit) }
      return String((error?.message ?? "").prefix { $0 != ";" })
    }
    #expect(
      try text([1 << 18], limit: (1 << 20) - 1)
        == "a run would take 1.0 MiB, the limit is 1048575 bytes")
    #expect(try text([3 << 17], limit: 1 << 20) == "a run would take 1.5 MiB, the limit is 1.0 MiB")
    #expect(
      try text([123 << 18], limit: 5_000_000) == "a run would take 123.0 MiB, the limit is 4.8 MiB")
  }
}
