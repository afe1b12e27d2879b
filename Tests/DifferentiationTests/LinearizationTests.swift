import DescentGraph
import Testing

@testable import DescentDifferentiation

/// What a function keeps for its derivative.
@Suite struct LinearizationTests {
  /// What the derivative reads of what comes after a barrier is kept, though it would follow cheaply from what is at hand.
  @Test func nothingIsRepeatedAcrossABarrier() throws {
    func linearized(_ isBarred: Bool) throws -> Linearization {
      let type = TensorType([2], .float64)
      let body = try Body.write([type, type]) { builder, x in
        let sum = x[0] + x[1]
        return [(isBarred ? builder.emit(Barrier(), [sum])[0] : sum).apply(Square())]
      }
      return try Transforms().linearized(
        body, moving: [true, true], isFree: [true, true], retention: .everything)
    }
    #expect(try linearized(false).residuals == [.input(0), .input(1)])
    let barred = try linearized(true)
    #expect(barred.residuals == [.kept(1)])
    // The one barrier of the linear map stands before the tangents.
    #expect(barred.linear.graph.nodes.count { $0.operation is Barrier } == 1)
  }
}
