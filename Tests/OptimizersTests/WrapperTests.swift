import DescentGraph
import DescentOptimizers
import DescentTensors
import Foundation
import Testing

/// Optimizers that are put together from others.
@Suite struct WrapperTests {
  private func slope(_ w: [Double]) -> [Double] { w.map { 2 * $0 + 1 } }
  private let start: [[Double]] = [[1, -2], [0.5]]

  @Test func decayIsAddedToAnyRule() throws {
    let plain = SGD(learningRate: 0.05, momentum: 0.9)
    let found = try descend(plain.decaying(0.3), from: start, steps: 4, gradient: slope)
    let wanted = try descend(
      SGD(learningRate: 0.05, momentum: 0.9, decoupledWeightDecay: 0.3), from: start, steps: 4, gradient: slope)
    for (a, b) in zip(found, wanted) { expectClose(a, b) }
    let matrices = try descend(
      Adam(learningRate: 0.1).decaying(0.5) { $0.rank >= 2 }, from: [[1, -2], [1, -2]], shapes: [[1, 2], [2]], steps: 5,
      gradient: slope)
    let adamW = try descend(
      AdamW(learningRate: 0.1, weightDecay: 0.5), from: [[1, -2], [1, -2]], shapes: [[1, 2], [2]], steps: 5,
      gradient: slope)
    for (a, b) in zip(matrices, adamW) { expectClose(a, b) }
    // A rule without a learning rate decays by the part itself.
    let standing = try descend(Standing().decaying(0.25), from: [[8]], steps: 2, gradient: slope)
    expectClose(standing[0], [8 * 0.75 * 0.75])
  }

  @Test func masksSplitTheParametersAmongRules() throws {
    let (one, other) = (Adam(learningRate: 0.1), SGD(learningRate: 0.01, momentum: 0.5))
    let both = try descend(
      one.masked(where: .paths("p0"), others: other), from: start, steps: 4, gradient: slope)
    expectClose(both[0], try descend(one, from: [start[0]], steps: 4, gradient: slope)[0])
    expectClose(both[1], try descend(other, from: [start[1]], steps: 4, gradient: slope)[0])
    let alone = try descend(one.masked(where: !ParameterSelection.paths("p0")), from: start, steps: 4, gradient: slope)
    #expect(alone[0] == start[0])
    expectClose(alone[1], try descend(one, from: [start[1]], steps: 4, gradient: slope)[0])
  }

  @Test func accumulatedStepsMoveByTheMeanGradient() throws {
    // The gradient counts its calls, of which there are two a step, one for each parameter.
    var calls = 0
    let found = try descend(Adam(learningRate: 0.1).accumulating(3), from: [[1]], steps: 7) { _ in
      calls += 1
      return [Double(calls)]
    }
    // Means of 1, 2, 3 and 4, 5, 6; the seventh waits.
    var means = [2.0, 5.0][...]
    let wanted = try descend(Adam(learningRate: 0.1), from: [[1]], steps: 2) { _ in [means.popFirst() ?? 0] }
    expectClose(found[0], wanted[0])
  }

  @Test func schedulesCountMovementsOfAccumulatedSteps() throws {
    let rule = SGD(learningRate: .step(initial: 1, every: 1, factor: 0.5)).accumulating(2)
    expectClose(try descend(rule, from: [[0]], steps: 6) { _ in [1] }[0], [-1.75])
  }

  /// A gradient that is not finite takes its group of batches with it, and the next group is taken as ever.
  @Test func accumulationGoesOnAfterASkippedStep() throws {
    let rule = SGD(learningRate: 1).clipping(globalNorm: 100, nonFinite: .skipped).accumulating(2)
    var gradients = [Double.nan, 1, 2, 4][...]
    let found = try descend(rule, from: [[0]], steps: 4) { _ in [gradients.popFirst() ?? 0] }
    expectClose(found[0], [-3])
  }

  @Test func averagesFollowTheParameters() throws {
    let rule = SGD(learningRate: 0.5).averaging(decay: 0.75)
    let parameter = OptimizedParameter(path: "w", value: Tensor([8], .float64), gradient: Tensor([2], .float64))
    let (values, state) = try firstStep(rule, [parameter])
    expectClose(try values[0].scalars(), [7])
    expectClose(try #require(rule.averages(in: state)?["w"]).scalars(), [0.75 * 8 + 0.25 * 7])
    // Wrapped again, they are still to be had.
    let wrapped = rule.clipping(globalNorm: 100).accumulating(1)
    let (_, outer) = try firstStep(wrapped, [parameter])
    #expect(try wrapped.averages(in: outer)?["w"]?.scalars() == [7.75])
    // Of one of two rules, those of its parameters; of none, none.
    let masked = rule.masked(where: .all, others: SGD(learningRate: 1))
    #expect(try masked.averages(in: firstStep(masked, [parameter]).state)?["w"]?.scalars() == [7.75])
    let others = SGD(learningRate: 1).masked(where: .paths("other"), others: rule)
    #expect(try others.averages(in: firstStep(others, [parameter]).state)?["w"]?.scalars() == [7.75])
    let neither = SGD(learningRate: 1).masked(where: .all)
    #expect(try neither.averages(in: firstStep(neither, [parameter]).state) == nil)
    // A step that is left out leaves them alone.
    let careful = SGD(learningRate: 0.5).clipping(globalNorm: 1, nonFinite: .skipped).averaging(decay: 0.75)
    let bad = OptimizedParameter(path: "w", value: Tensor([8], .float64), gradient: Tensor([.nan], .float64))
    var kept = try firstStep(careful, [parameter]).state
    let before = try #require(kept.averages["w"]).scalars()
    _ = try careful.movements(of: [bad], state: &kept, at: StepContext(number: Tensor(2, .float64)))
    #expect(try kept.averages["w"]?.scalars() == before)
  }

  @Test func chainsGiveWhatTheFirstMakesToTheSecond() throws {
    // The first gives the negative gradient times its rate.
    let chained = chain(SGD(learningRate: 2), SGD(learningRate: 0.1, momentum: 0.9))
    let found = try descend(chained, from: start, steps: 3, gradient: slope)
    let wanted = try descend(SGD(learningRate: 0.1, momentum: 0.9), from: start, steps: 3) { w in
      w.map { -2 * (2 * $0 + 1) }
    }
    for (a, b) in zip(found, wanted) { expectClose(a, b) }
  }

  @Test func settingsOfAllPartsAreLookedAt() {
    for (optimizer, text) in [
      (Adam(beta1: 1).clipping(globalNorm: 1).accumulating(2) as any Optimizer, "beta1"),
      (SGD(learningRate: 0.1).accumulating(0), "0 batches do not make a step"),
      (SGD(learningRate: 0.1).averaging(decay: 1), "averaging: its decay"),
      (SGD(learningRate: 0.1).decaying(-1), "decaying: its weightDecay"),
      (SGD(learningRate: .cosine(initial: 1, total: 0)).masked(where: .all), "learning rate: goes over 0 steps"),
      (Adam().masked(where: .all, others: Muon(momentum: 2)), "Muon: its momentum"),
      (chain(Adam(epsilon: -1), Adam()), "epsilon"), (chain(Adam(), Adam(epsilon: -1)), "epsilon"),
      (SGD(learningRate: 0.1).sharpnessAware(radius: -1), "radius"),
      (GradientDescent(lineSearch: LineSearch(most: 0)), "0 trials"), (NewtonCG(iterations: 0), "0 rounds"),
    ] {
      #expect(fault(of: optimizer).contains(text), "\(optimizer): \(fault(of: optimizer))")
    }
  }

  /// What goes around a rule that takes no step takes none either.
  @Test func wrappersRestWithTheRuleWithin() throws {
    // Decay happens with the movements, by the schedule of the movements.
    let inner = SGD(learningRate: .step(initial: 0.5, every: 1, factor: 0.5))
    let around = try descend(inner.accumulating(3).decaying(0.2), from: [[8]], steps: 7) { _ in [0] }
    expectClose(around[0], try descend(inner.decaying(0.2), from: [[8]], steps: 2) { _ in [0] }[0])
    let average = inner.accumulating(3).averaging(decay: 0.5)
    var state = try average.initialState(for: [OptimizedParameter(path: "w", value: Tensor([8], .float64))])
    var value = Tensor([8], .float64)
    for number in 1...3 {
      let parameter = OptimizedParameter(path: "w", value: value, gradient: Tensor([2], .float64))
      let step = StepContext(number: Tensor(Double(number), .float64))
      value = parameter.moved(by: try average.movements(of: [parameter], state: &state, at: step)[0])
    }
    #expect(try value.scalars() == [7] && state.averages["w"]?.scalars() == [7.5])
    // A step that is left out: no decay, and nothing for the second rule of a chain.
    let careful = SGD(learningRate: 1).clipping(globalNorm: .infinity, nonFinite: .skipped)
    #expect(try descend(careful.decaying(0.5), from: [[8]], steps: 2) { _ in [.nan] } == [[8]])
    var gradients = [1.0, .nan, .nan, 1][...]
    let chained = try descend(chain(careful, SGD(learningRate: 1, momentum: 0.5)), from: [[0]], steps: 4) { _ in
      [gradients.popFirst() ?? 0]
    }
    expectClose(chained[0], try descend(SGD(learningRate: 1, momentum: 0.5), from: [[0]], steps: 2) { _ in [-1] }[0])
  }

  /// A step that a rule around leaves out counts for nothing, so that the mean is that of the gradients taken.
  @Test func accumulationCountsWhatItTook() throws {
    var gradients = [2.0, .nan, 4, 6, 8][...]
    let rule = SGD(learningRate: 1).accumulating(2).clipping(globalNorm: 100, nonFinite: .skipped)
    let found = try descend(rule, from: [[0]], steps: 5) { _ in [gradients.popFirst() ?? 0] }
    expectClose(found[0], [-(2 + 4) / 2 - (6 + 8) / 2])
  }

  @Test func rulesThatGiveTooFewAreTold() throws {
    struct Lazy: Optimizer {
      func initialState(for parameters: [OptimizedParameter]) -> [Tensor] { [] }
      func movements(of parameters: [OptimizedParameter], state: inout [Tensor], at step: StepContext) -> [Tensor] {
        []
      }
    }
    let parameter = OptimizedParameter(path: "w", value: Tensor([1]))
    for rule in [Lazy().masked(where: .all), chain(Lazy(), SGD(learningRate: 1))] as [any Optimizer] {
      func run(_ rule: some Optimizer) throws { _ = try firstStep(rule, [parameter]) }
      let fault = #expect(throws: TensorError.self) { try run(rule) }
      #expect(fault?.message.contains("gave 0") == true)
    }
    let asking = SGD(learningRate: 1).sharpnessAware().accumulating(2)
    let fault = #expect(throws: TensorError.self) { try firstStep(asking, [parameter]) }
    #expect(fault?.message.contains("accumulate within it") == true)
  }
}
