import DescentGraph
import Testing

@testable import DescentTensors

/// Reading one result of an operation computes the others that somebody holds.
@Suite struct SeveralResultsTests {
  private func isComputed(_ tensor: Tensor) -> Bool { tensor.expression.literal != nil }

  @Test func readingOneComputesAll() throws {
    let x = Tensor([3, 1, 2])
    let (values, indices) = x.topK(2)
    #expect(try values.scalars() == [3, 2])
    #expect(try indices.integers() == [0, 2])
    let (last, outputs) = try scan(over: x, from: Tensor(0.0)) { state, x in (state + x, state * x) }
    #expect(try last.item() == 6)
    #expect(isComputed(outputs))
    #expect(try outputs.scalars() == [0, 3, 8])
  }

  @Test func thoseFurtherUpToo() throws {
    let (last, outputs) = try scan(over: Tensor([3, 1, 2]), from: Tensor(0.0)) { state, x in (state + x, state * x) }
    let (a, b) = (last * 2.0, outputs.sum())
    #expect(try a.item() == 12)
    // The loop does not run again for the second one.
    #expect(isComputed(outputs) && !isComputed(b))
    #expect(try b.item() == 11)
  }

  @Test func whatNobodyHoldsIsNotComputed() throws {
    let family: ResultFamily?
    do {
      let (last, _) = try scan(over: Tensor([3, 1, 2]), from: Tensor(0.0)) { state, x in (state + x, state * x) }
      family = last.expression.family
      #expect(try last.item() == 6)
    }
    #expect(family?.expressions.isEmpty == true)
  }
}
