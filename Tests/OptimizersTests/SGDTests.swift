import DescentOptimizers
import DescentTensors
import Testing

@Suite struct SGDTests {
  private let start = [1.0, -2]
  private func slope(_ w: [Double]) -> [Double] { w.map { 2 * $0 + 1 } }

  /// The same rules written for one number at a time.
  private func byHand(
    rate: Double, momentum: Double = 0, nesterov: Bool = false, decay: Double = 0, decoupled: Double = 0, steps: Int
  ) -> [Double] {
    start.map { first in
      var (w, m) = (first, 0.0)
      for _ in 0..<steps {
        let g = 2 * w + 1 + decay * w
        m = momentum * m + g
        w = w * (1 - rate * decoupled) - rate * (nesterov ? g + momentum * m : m)
      }
      return w
    }
  }

  @Test func plain() throws {
    let found = try descend(SGD(learningRate: 0.1), from: [start], steps: 4, gradient: slope)
    expectClose(found[0], byHand(rate: 0.1, steps: 4))
    #expect(SGD(learningRate: 0.1).initialState(for: Tensor([1.0])) == nil)
  }

  @Test func momentum() throws {
    let found = try descend(SGD(learningRate: 0.1, momentum: 0.9), from: [start], steps: 4, gradient: slope)
    expectClose(found[0], byHand(rate: 0.1, momentum: 0.9, steps: 4))
  }

  @Test func nesterov() throws {
    let found = try descend(
      SGD(learningRate: 0.1, momentum: 0.9, nesterov: true), from: [start], steps: 4, gradient: slope)
    expectClose(found[0], byHand(rate: 0.1, momentum: 0.9, nesterov: true, steps: 4))
  }

  @Test func bothWeightDecays() throws {
    let classic = try descend(
      SGD(learningRate: 0.05, momentum: 0.9, weightDecay: 0.3), from: [start], steps: 4, gradient: slope)
    expectClose(classic[0], byHand(rate: 0.05, momentum: 0.9, decay: 0.3, steps: 4))
    let decoupled = try descend(
      SGD(learningRate: 0.05, momentum: 0.9, decoupledWeightDecay: 0.3), from: [start], steps: 4, gradient: slope)
    expectClose(decoupled[0], byHand(rate: 0.05, momentum: 0.9, decoupled: 0.3, steps: 4))
  }

  @Test func senselessSettingsAreNamed() {
    #expect(fault(of: SGD(learningRate: 0.1, momentum: 1)).contains("SGD: its momentum must be at least 0.0"))
    #expect(fault(of: SGD(learningRate: -0.1)).contains("learning rate: is -0.1"))
    #expect(fault(of: SGD(learningRate: 0.1, weightDecay: .nan)).contains("weightDecay"))
    #expect(fault(of: Adam(beta2: 1)).contains("beta2"))
    #expect(fault(of: AdamW(epsilon: -1)).contains("epsilon"))
    #expect(fault(of: SGD(learningRate: 0.1).clipping(globalNorm: -1)).contains("clipping: its bound"))
  }
}
