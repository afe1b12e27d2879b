import DescentGraph
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
    #expect(try optimizer.initialState(for: [OptimizedParameter(path: "w", value: Tensor([1.0]))]).count == 1)
    let found = try descend(optimizer, from: [[0]], steps: 1) { _ in [100] }
    expectClose(found[0], [-1], within: 1e-7)
  }

  /// Squares overflow long before gradients do.
  @Test(arguments: [1e20, 1e38, 1e200]) func hugeGradientsGiveAStepOfTheBound(size: Double) throws {
    let found = try descend(SGD(learningRate: 1).clipping(globalNorm: 1), from: [[0], [0]], steps: 1) { _ in [size] }
    expectClose(found.flatMap(\.self), [-0.5.squareRoot(), -0.5.squareRoot()])
    for type in [ElementType.float32, .bfloat16] where size < 1e39 {
      let value = Tensor(zeros: [4], type)
      let parameter = OptimizedParameter(
        path: "w", value: value, gradient: Tensor(repeating: size, shape: [4], type))
      let next = try firstStep(SGD(learningRate: 1).clipping(globalNorm: 1), [parameter]).values[0]
      #expect(try next.shape == [4] && next.scalars() == [-0.5, -0.5, -0.5, -0.5])
    }
  }

  @Test(arguments: [Double.nan, .infinity]) func stepsThatAreNotFiniteAreLeftOutWhereAsked(number: Double) throws {
    for optimizer in [
      Adam(learningRate: 1).clipping(globalNorm: 1, nonFinite: .skipped),
      Adam(learningRate: 1).clipping(value: 1, nonFinite: .skipped),
    ] {
      let found = try descend(optimizer, from: [[1, 2], [3]], steps: 1) { $0.count == 1 ? [number] : [1, 1] }
      #expect(found == [[1, 2], [3]])
      // Nothing of it is remembered.
      var isFirst = true
      let later = try descend(optimizer, from: [[1]], steps: 2) { _ in
        defer { isFirst = false }
        return isFirst ? [number] : [5]
      }
      #expect(later[0][0].isFinite && later[0][0] < 1)
    }
    let refusing = SGD(learningRate: 1, momentum: 0.9).clipping(globalNorm: 1, nonFinite: .refused)
    for (gradient, isRefused) in [([number, 1], true), ([0.5, 1], false)] {
      let parameters = zip(["a", "b"], gradient).map { path, gradient in
        OptimizedParameter(path: path, value: Tensor(3), gradient: Tensor(gradient))
      }
      let step = StepContext(number: Tensor(1, .float64))
      let (values, state) = try firstStep(refusing, parameters, at: step)
      let refused = step.conditions.refused
      #expect(refused.map(\.path) == ["a", "b"])
      #expect(try refused.map { try $0.condition.item() } == [isRefused ? 1 : 0, 0])
      for (path, value) in zip(["a", "b"], values) {
        let remembered = try #require(state[path] ?? nil)
        #expect(try (value.item() == 3) == isRefused && (remembered.item() == 0) == isRefused)
      }
    }
    let moved = try descend(SGD(learningRate: 1).clipping(globalNorm: 1), from: [[1]], steps: 1) { _ in [number] }
    #expect(moved[0][0].isNaN)
  }
}
