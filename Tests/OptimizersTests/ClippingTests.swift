import DescentOptimizers
import DescentTensors
import Testing

@Suite struct ClippingTests {
  @Test func theNormIsThatOfAllGradientsTogether() throws {
    let found = try descend(SGD(learningRate: 1).clipping(globalNorm: 1), from: [[0], [0]], steps: 1) { _ in [5] }
    let norm = 50.0.squareRoot()
    expectClose(found.flatMap(\.self), [-5 / (norm + 1e-6), -5 / (norm + 1e-6)])
  }

  @Test func smallGradientsStayAsTheyAre() throws {
    let found = try descend(SGD(learningRate: 1).clipping(globalNorm: 100), from: [[0, 1], [0, 1]], steps: 1) { $0 }
    expectClose(found.flatMap(\.self), [0, 0, 0, 0])
  }

  @Test func valuesAreHeldWithinABound() throws {
    let found = try descend(SGD(learningRate: 1).clipping(value: 0.5), from: [[0, 0, 0]], steps: 1) { _ in
      [-3, 0.25, 3]
    }
    expectClose(found[0], [0.5, -0.25, -0.5])
  }

  @Test func clippingsNest() throws {
    let optimizer = Adam(learningRate: 1).clipping(value: 3).clipping(globalNorm: 10)
    #expect(optimizer.initialState(for: Tensor([1.0])).count == 2)
    let found = try descend(optimizer, from: [[0]], steps: 1) { _ in [100] }
    expectClose(found[0], [-1], within: 1e-7)
  }
}
