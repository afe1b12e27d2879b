import DescentGraph
import DescentOptimizers
import DescentTensors
import Testing

/// Averages of the parameters that are not the exponential one of `WrapperTests`.
@Suite struct AveragingTests {
  /// The averages after each of some steps with these gradients.
  private func averages(_ rule: some Optimizer, from start: Double, gradients: [Double]) throws -> [Double] {
    var value = Tensor([start], .float64)
    var state = try rule.initialState(for: [OptimizedParameter(path: "w", value: value)])
    var found: [Double] = []
    for (index, gradient) in gradients.enumerated() {
      let parameter = OptimizedParameter(path: "w", value: value, gradient: Tensor([gradient], .float64))
      let step = StepContext(number: Tensor(Double(index + 1), .float64))
      value = parameter.moved(by: try rule.movements(of: [parameter], state: &state, at: step)[0])
      found += try #require(rule.averages(in: state)?["w"]).scalars()
    }
    return found
  }

  @Test func equalAveragesBeginLater() throws {
    // The parameter is 7, 6, 5, …
    let rule = SGD(learningRate: 1)
    let all = try averages(rule.averaging(from: 3), from: 8, gradients: [1, 1, 1, 1, 1])
    expectClose(all, [7, 6, 5, 4.5, 4])
    let some = try averages(rule.averaging(from: 2, every: 2), from: 8, gradients: [1, 1, 1, 1, 1, 1])
    expectClose(some, [7, 6, 6, 5, 5, 4])
  }

  @Test func stepsThatAreNotTakenCountForNothing() throws {
    let rule = SGD(learningRate: 1).guarding().averaging(from: 2, every: 2)
    // Taken are 7, 6, 5, 4: the average is of 6 and 4.
    expectClose(
      try averages(rule, from: 8, gradients: [1, .nan, 1, .nan, 1, 1]), [7, 7, 6, 6, 6, 5])
    let collected = SGD(learningRate: 1).accumulating(2).averaging(from: 1)
    expectClose(try averages(collected, from: 8, gradients: [1, 1, 1, 1]), [8, 7, 7, 6.5])
    let late = SGD(learningRate: 1).guarding().scheduleFree(momentum: 0.5)
    expectClose(
      try averages(late, from: 8, gradients: [1, .nan, 1]),
      try averages(late, from: 8, gradients: [1, 1]).flatMap {
        $0 == 7 ? [7, 7] : [$0]
      })
  }

  /// With a rate that warms up: z, x and the weights written for one number.
  @Test func scheduleFreeStepsWeighByTheLargestRate() throws {
    let rates = [0.25, 0.5, 0.75, 1, 1]
    let gradients = [1.0, -2, 3, 1, 0.5]
    var (z, x, sum, wanted) = (8.0, 8.0, 0.0, [Double]())
    for (rate, gradient) in zip(rates, gradients) {
      z -= rate * gradient
      sum += rate * rate
      x += (z - x) * rate * rate / sum
      wanted.append(x)
    }
    let rate = LearningRate("warm") { minimum($0 * 0.25, 1) }
    let found = try averages(SGD(learningRate: rate).scheduleFree(momentum: 0.5), from: 8, gradients: gradients)
    expectClose(found, wanted)
  }

  @Test func slowParametersFollowOnTheWay() throws {
    let rule = SGD(learningRate: 1).lookingAhead(every: 3, part: 0.25)
    expectClose(try descend(rule, from: [[0]], steps: 2) { _ in [1] }[0], [-2])
    expectClose(try descend(rule, from: [[0]], steps: 3) { _ in [1] }[0], [-0.75])
    expectClose(try descend(rule, from: [[0]], steps: 7) { _ in [1] }[0], [-2.5])
    // What a rule within collects is one step.
    let collected = SGD(learningRate: 1).accumulating(2).lookingAhead(every: 2, part: 0.5)
    expectClose(try descend(collected, from: [[0]], steps: 5) { _ in [1] }[0], [-1])
  }

  @Test func senselessSettingsAreNamed() {
    let rule = SGD(learningRate: 1)
    #expect(fault(of: rule.averaging(from: 0)).contains("found from 0 every 1"))
    #expect(fault(of: rule.averaging(from: 1, every: 0)).contains("found from 1 every 0"))
    #expect(fault(of: rule.lookingAhead(every: 0)).contains("cannot look ahead every 0 steps"))
    #expect(fault(of: rule.lookingAhead(part: 2)).contains("lookingAhead: its part"))
    #expect(fault(of: rule.scheduleFree(momentum: -1)).contains("scheduleFree: its momentum"))
  }
}
