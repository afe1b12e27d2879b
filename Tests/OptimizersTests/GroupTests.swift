import DescentGraph
import DescentOptimizers
import DescentTensors
import Testing

/// Groups of parameters: other rates, a later beginning, decay by path.
@Suite struct GroupTests {
  private func slope(_ w: [Double]) -> [Double] { w.map { 2 * $0 + 1 } }
  private let start: [[Double]] = [[1, -2], [0.5]]

  @Test func ratesDiffer() throws {
    let found = try descend(
      Adam(learningRate: 0.1).scaling(by: 0.5, where: .paths("p0")).scaling(by: 0, where: .paths("p1")), from: start,
      steps: 4, gradient: slope)
    expectClose(found[0], try descend(Adam(learningRate: 0.05), from: [start[0]], steps: 4, gradient: slope)[0])
    #expect(found[1] == start[1])
    #expect(fault(of: SGD(learningRate: 1).scaling(by: -1, where: .all)).contains("scaling: its factor"))
  }

  @Test func regularizationIsPartOfTheGradient() throws {
    let rule = SGD(learningRate: 0.1).regularizing(l2: 0.5, l1: 2, where: .paths("p0"))
    let found = try descend(rule, from: [[1, -2], [3]], steps: 1) { $0.map { _ in 0 } }
    expectClose(found[0], [1 - 0.1 * (0.5 + 2), -2 + 0.1 * (1 + 2)])
    #expect(found[1] == [3])
    // Adam divides what it is added to.
    let adam = try descend(Adam(learningRate: 0.1).regularizing(l2: 0.2), from: [[1, -2]], steps: 5, gradient: slope)
    let classic = try descend(Adam(learningRate: 0.1, weightDecay: 0.2), from: [[1, -2]], steps: 5, gradient: slope)
    expectClose(adam[0], classic[0])
    #expect(fault(of: rule.regularizing(l1: -1)).contains("regularizing: its l1"))
  }

  /// What begins later begins as if it were new, by the schedule of all steps.
  @Test func frozenParametersBeginLater() throws {
    let rule = Adam(learningRate: 0.1)
    let frozen = rule.freezing(.paths("p0"), until: 3)
    #expect(try descend(frozen, from: start, steps: 3, gradient: slope)[0] == start[0])
    let found = try descend(frozen, from: start, steps: 5, gradient: slope)
    expectClose(found[0], try descend(rule, from: [start[0]], steps: 2, gradient: slope)[0])
    expectClose(found[1], try descend(rule, from: [start[1]], steps: 5, gradient: slope)[0])
    let scheduled = SGD(learningRate: .step(initial: 1, every: 1, factor: 0.5)).beginning(after: 2)
    expectClose(try descend(scheduled, from: [[0]], steps: 4) { _ in [1] }[0], [-0.25 - 0.125])
    // Nothing around it happens before.
    let decaying = try descend(SGD(learningRate: 0.5).beginning(after: 2).decaying(0.5), from: [[8]], steps: 3) { _ in
      [0]
    }
    expectClose(decaying[0], [6])
    for late in [NAdam(learningRate: 0.1) as any Optimizer, RAdam(learningRate: 0.1), ADOPT(), Adafactor()] {
      func run(_ late: some Optimizer) throws {
        let found = try descend(late.beginning(after: 2), from: start, steps: 6, gradient: slope)
        let wanted = try descend(late, from: start, steps: 4, gradient: slope)
        for (a, b) in zip(found, wanted) { expectClose(a, b) }
      }
      try run(late)
    }
    #expect(fault(of: rule.beginning(after: -1)).contains("beginning: its start"))
  }

  /// Two rules with a group each rest where both do.
  @Test func groupsRestTogether() throws {
    let rule = SGD(learningRate: 0.5)
    let both = rule.accumulating(2).masked(where: .paths("p0"), others: rule.accumulating(2)).decaying(0.5)
    let found = try descend(both, from: [[8], [4]], steps: 3) { _ in [0] }
    expectClose(found.flatMap(\.self), [6, 3])
    // One that moves is not held back by one that collects.
    let one = rule.accumulating(2).masked(where: .paths("p0"), others: rule).averaging(decay: 0.5)
    var state = try one.initialState(
      for: ["p0", "p1"].map { OptimizedParameter(path: $0, value: Tensor(8, .float64)) })
    let parameters = ["p0", "p1"].map {
      OptimizedParameter(path: $0, value: Tensor(8, .float64), gradient: Tensor(2, .float64))
    }
    _ = try one.movements(of: parameters, state: &state, at: StepContext(number: Tensor(1, .float64)))
    #expect(try state.averages["p0"]?.item() == 8 && state.averages["p1"]?.item() == 7.5)
  }

  /// Muon's others follow its own rate and decay where they have none of their own.
  @Test func othersOfMuonFollowIt() throws {
    var muon = Muon(learningRate: 0.1, weightDecay: 0.1)
    muon.learningRate = 0.2
    let adam = AdamW(learningRate: 0.2, weightDecay: 0.1)
    let found = try descend(muon, from: start, steps: 3, gradient: slope)
    for (a, b) in zip(found, try descend(adam, from: start, steps: 3, gradient: slope)) { expectClose(a, b) }
    let own = Muon(learningRate: 0.1, others: AdamW(learningRate: 0.3))
    let moved = try descend(own, from: start, steps: 3, gradient: slope)
    for (a, b) in zip(moved, try descend(AdamW(learningRate: 0.3), from: start, steps: 3, gradient: slope)) {
      expectClose(a, b)
    }
  }
}
