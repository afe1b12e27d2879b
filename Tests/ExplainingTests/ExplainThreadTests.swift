import DescentExplaining
import DescentTensors
import TestSupport
import Testing

/// Eight threads at once explain functions, of their own and of tensors that they share.
@Suite("threads that explain")
struct ExplainThreadTests {
  @Test func explaining() throws {
    let shared = Tensor([0.5, -0.25], .float64) * 2.0
    let plain = try explain(["x": 0.5, "w": 0.8]) { sigmoid(tanh($0["x"] * $0["w"])) }.description
    let loop = try explain(shared) { try Self.loop($0) }.description
    #expect(
      faultsOnEightThreads { _ in
        for _ in 0..<3 {
          try hold(try explain(["x": 0.5, "w": 0.8]) { sigmoid(tanh($0["x"] * $0["w"])) }.description == plain)
          try hold(try explain(shared) { try Self.loop($0) }.description == loop)
          try hold(try explainPasses(shared) { try Self.loop($0) }.kernels > 0)
        }
      } == [])
  }

  private static func loop(_ x: Tensor) throws -> Tensor {
    try scan(over: Tensor([1, 2, 3], .float64), from: x) { state, factor in (tanh(state * factor), factor) }.state.sum()
  }
}
