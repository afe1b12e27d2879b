import DescentGraph
import Synchronization
import Testing

/// The one suite over the table: every operation keeps every promise, in both floating-point types.
@Suite("every operation", .serialized)
struct OperationSuite {
  private static let count = Mutex(0)

  @Test(arguments: OperationKind.allCases)
  func keepsItsPromises(_ kind: OperationKind) throws {
    var combinations = 0
    for float in [ElementType.float64, .float32] {
      let samples = try OperationTable(float).samples(of: kind)
      #expect(!samples.isEmpty || kind == .input || kind == .internal, "\(kind) has no samples")
      for sample in samples {
        #expect(type(of: sample.operation).kind == kind, "\(sample) stands in the row of \(kind)")
        let checks = try OperationChecks(sample)
        try checks.structure()
        try checks.compiled()
        combinations += 2
        guard float == .float64 else { continue }
        combinations += try checks.batched()
        guard sample.isSmooth, !sample.parameters.isEmpty else { continue }
        try checks.forward()
        try checks.reverse()
        try checks.secondOrder()
        combinations += 3
      }
    }
    Self.count.withLock { $0 += combinations }
  }

  @Test func printsHowManyCombinationsRan() {
    print("operation table: \(Self.count.withLock { $0 }) combinations of operation, operands, type and promise")
  }
}
