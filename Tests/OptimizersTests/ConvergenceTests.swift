import DescentOptimizers
import DescentTensors
import Testing

/// Each optimizer arrives at the minimum of the two functions on which optax's are tried, a parabola from (−1, 10, 1) and
/// Rosenbrock's function from the origin.
@Suite struct ConvergenceTests {
  /// An optimizer with a rate for each function, and how many steps it is given on Rosenbrock's.
  struct Case: Sendable, CustomTestStringConvertible {
    let parabola: any Optimizer
    let valley: any Optimizer
    let steps: Int

    /// Rates fall along half a cosine.
    init(_ parabola: Double, _ valley: Double, steps: Int = 1_500, _ optimizer: (LearningRate) -> any Optimizer) {
      self.parabola = optimizer(.cosine(initial: parabola, total: Case.parabolaSteps))
      self.valley = optimizer(.cosine(initial: valley, total: steps))
      self.steps = steps
    }

    static let parabolaSteps = 400
    var testDescription: String { "\(valley)" }
  }

  private static let cases = [
    Case(0.1, 3e-3) { SGD(learningRate: $0, momentum: 0.9) },
    Case(0.1, 1.5e-3) { SGD(learningRate: $0, momentum: 0.9, nesterov: true) },
    Case(0.1, 1, steps: 5_000) { SignSGD(learningRate: $0) },
    Case(0.1, 3e-3) { SignSGD(learningRate: $0, momentum: 0.9) },
    Case(0.3, 0.03) { Lion(learningRate: $0) },
    Case(3, 1) { LARS(learningRate: $0, scaling: .all) },
    Case(0, 0, steps: 3_000) { _ in Rprop() },
    Case(3, 0.1, steps: 5_000) { Adagrad(learningRate: .constant(peak(of: $0))) },
    Case(1, 0.03, steps: 5_000) { Adadelta(learningRate: $0, epsilon: 1e-3) },
    Case(0.3, 3e-3, steps: 5_000) { RMSprop(learningRate: $0) },
    Case(0.03, 1e-3) { RMSprop(learningRate: $0, momentum: 0.9, centered: true) },
    Case(1, 0.1) { Adam(learningRate: $0) }, Case(3, 0.1) { Adam(learningRate: $0, amsgrad: true) },
    Case(1, 0.03) { AdamW(learningRate: $0, weightDecay: 1e-4) }, Case(1, 0.03) { Adamax(learningRate: $0) },
    Case(3, 0.03, steps: 2_500) { NAdam(learningRate: $0) }, Case(1, 0.03) { RAdam(learningRate: $0) },
    Case(0.3, 0.03) { AdaBelief(learningRate: $0) }, Case(1, 0.03) { ADOPT(learningRate: $0, beta2: 0.99) },
    Case(0.1, 0.01) { LAMB(learningRate: $0, weightDecay: 0) },
    Case(0.3, 0.03, steps: 5_000) { Adafactor(learningRate: $0) }, Case(1, 1) { Prodigy(learningRate: $0) },
    Case(1, 0.03, steps: 5_000) { SGD(learningRate: .constant(peak(of: $0))).scheduleFree(momentum: 0.98) },
    Case(1, 0.1, steps: 3_000) {
      AdamW(learningRate: .constant(peak(of: $0)), beta1: 0, weightDecay: 0).scheduleFree(momentum: 0.98)
    },
    Case(1, 0.1) { Adam(learningRate: $0).lookingAhead() },
    Case(1, 0.1) { Adam(learningRate: $0).averaging(from: 350, every: 2) },
    Case(1, 0.1) { Adam(learningRate: $0).averaging(decay: 0.9) },
    Case(1, 0.1) { Adam(learningRate: $0).clipping(unitRatio: 0.1) },
    Case(1, 0.1) { Adam(learningRate: $0).addingNoise(variance: 1e-4) },
    Case(1, 0.1) { Adam(learningRate: .constant(peak(of: $0))).reducingOnPlateau(by: 0.5, patience: 30) },
  ]

  /// The first rate of a schedule, for rules that need no schedule.
  private static func peak(of rate: LearningRate) -> Double { (try? rate(Tensor(1, .float64)).item()) ?? .nan }

  private struct Place<State: Codable>: Codable {
    var value: Tensor
    var state: State
    var number: Tensor
  }

  /// Where a rule arrives, as one plan.
  private func destination<Rule: Optimizer>(
    _ rule: Rule, from start: [Double], steps: Int, _ loss: @escaping @Sendable (Tensor) -> Tensor
  ) throws -> [Double] {
    let value = Tensor(start, .float64)
    let first = Place(
      value: value, state: try rule.initialState(for: [OptimizedParameter(path: "w", value: value)]),
      number: Tensor(1, .float64))
    let last = try whileLoop(
      from: first, while: { (now: Place<Rule.State>) in now.number .<= Double(steps) },
      do: { (now: Place<Rule.State>) in
        let (value, gradient) = try valueAndGradient(at: now.value) { loss($0) }
        let parameter = OptimizedParameter(path: "w", value: now.value, gradient: gradient)
        let key = RandomKey(words: stacked([now.number, now.number]).converted(to: .uint32))
        var next = now
        let step = StepContext(number: now.number, loss: value, key: key)
        next.value = parameter.moved(by: try rule.movements(of: [parameter], state: &next.state, at: step)[0])
        next.number = now.number + 1.0
        return next
      })
    return try (rule.averages(in: last.state)?["w"] ?? last.value).scalars()
  }

  @Test(arguments: cases) func arrivesAtTheMinimum(row: Case) throws {
    let goal = Tensor([1, -1, 1], .float64)
    let bottom = try destination(row.parabola, from: [-1, 10, 1], steps: Case.parabolaSteps) {
      square($0 - goal).sum()
    }
    expectClose(bottom, [1, -1, 1], within: 3e-2)
    let valley = try destination(row.valley, from: [0, 0], steps: row.steps) { TrajectoryTests.loss($0) }
    expectClose(valley, [1, 1], within: 3e-2)
  }
}
