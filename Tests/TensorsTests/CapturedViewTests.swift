import DescentGraph
import DescentTensors
import Testing

/// What a recorded function takes from outside.
@Suite struct CapturedViewTests {
  private func captured(_ shape: Shape) throws -> [Tensor] {
    let table = Tensor(ones: shape) + 0.0
    try evaluate([table])
    let epoch = Trace.beginRecording()
    let x = Tensor.placeholder(TensorType([2, shape.sizes[1]], .float32))
    return try Trace(arguments: [x], outputs: [matmul(x, table.transposed())], since: epoch).captured
  }

  /// A large table with its axes the other way round is read where it lies: a copy would be kept with the plan.
  @Test func largeTranspositionsAreNotCopied() throws {
    #expect(try captured([1_024, 512]).map(\.shape) == [[1_024, 512]])
    #expect(try captured([8, 4]).map(\.shape) == [[4, 8]])
  }

  @Test func whatIsReadWhereItLiesIsTheSame() throws {
    let table = Tensor(rangeTo: 600 * 500, .float32).reshaped([600, 500]) / 1_000
    try evaluate([table])
    let function = compiled { (x: Tensor) in matmul(x, table.transposed()) }
    let x = Tensor(rangeTo: 1_000, .float32).reshaped([2, 500]) / 1_000
    let (found, wanted) = (try function(x).scalars(), try matmul(x, table.transposed()).scalars())
    #expect(zip(found, wanted).allSatisfy { abs($0 - $1) <= 1e-4 * abs($1) + 1e-4 })
  }
}
