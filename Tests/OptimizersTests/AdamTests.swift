import DescentGraph
import DescentOptimizers
import DescentTensors
import Foundation
import Testing

@Suite struct AdamTests {
  private func slope(_ w: [Double]) -> [Double] { w.map { 2 * $0 + 1 } }

  private func byHand(
    _ start: [Double], rate: Double, beta1: Double = 0.9, beta2: Double = 0.999, decay: Double = 0,
    decoupled: Double = 0,
    steps: Int
  ) -> [Double] {
    start.map { first in
      var (w, m, v) = (first, 0.0, 0.0)
      for t in 1...steps {
        let g = 2 * w + 1 + decay * w
        w *= 1 - rate * decoupled
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        let (c1, c2) = (1 - pow(beta1, Double(t)), 1 - pow(beta2, Double(t)))
        w -= rate * (m / c1) / ((v / c2).squareRoot() + 1e-8)
      }
      return w
    }
  }

  @Test func followsThePaper() throws {
    let found = try descend(Adam(learningRate: 0.1), from: [[1, -2]], steps: 6, gradient: slope)
    expectClose(found[0], byHand([1, -2], rate: 0.1, steps: 6))
    let decaying = try descend(Adam(learningRate: 0.1, weightDecay: 0.2), from: [[1, -2]], steps: 6, gradient: slope)
    expectClose(decaying[0], byHand([1, -2], rate: 0.1, decay: 0.2, steps: 6))
  }

  @Test func adamWSparesVectors() throws {
    let start: [[Double]] = [[1, -2], [1, -2]]
    let optimizer = AdamW(learningRate: 0.1, beta2: 0.99, weightDecay: 0.5)
    let found = try descend(optimizer, from: start, shapes: [[1, 2], [2]], steps: 5, gradient: slope)
    expectClose(found[0], byHand([1, -2], rate: 0.1, beta2: 0.99, decoupled: 0.5, steps: 5))
    expectClose(found[1], byHand([1, -2], rate: 0.1, beta2: 0.99, steps: 5))
    var all = optimizer
    all.decaying = .all
    let decayed = try descend(all, from: start, shapes: [[1, 2], [2]], steps: 5, gradient: slope)
    expectClose(decayed[1], byHand([1, -2], rate: 0.1, beta2: 0.99, decoupled: 0.5, steps: 5))
  }

  @Test func correctionsHoldInFloat32() throws {
    // After the first step every number has moved by the rate, whatever its gradient: 1 − 0.999 in Float32 would be off
    // by 1e-5.
    let optimizer = Adam(learningRate: 1)
    let value = Tensor([0, 0, 0])
    let parameter = OptimizedParameter(path: "w", value: value, gradient: Tensor([1e-3, 1, -1e3]))
    let next = try firstStep(optimizer, [parameter]).values[0].scalars()
    expectClose(next, [-1, -1, 1], within: 2e-5)
    expectClose(Array(next.dropFirst()), [-1, 1], within: 3e-7)
  }

  @Test func parametersOf16BitsRememberInFloat32() throws {
    let optimizer = Adam()
    let value = Tensor([1, 2]).converted(to: .bfloat16)
    let parameter = OptimizedParameter(path: "w", value: value, gradient: value)
    let before = try #require(try optimizer.initialState(for: [parameter])["w"])
    #expect([before.first, before.second].allSatisfy { $0.elementType == .float32 && $0.shape == [2] })
    let (values, state) = try firstStep(optimizer, [parameter])
    #expect(values[0].elementType == .bfloat16)
    let after = try #require(state["w"])
    #expect([after.first, after.second].allSatisfy { $0.elementType == .float32 })
  }
}
