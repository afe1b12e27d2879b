import DescentTensors

extension Optimizer {
  /// The same rule with movements multiplied by a factor once more each time that the loss has not become better for a while, as
  /// if the learning rate were reduced.
  ///
  /// The loss is that of the step, a mean over `count` steps; a loss that is not a number is not better, and that of a step which
  /// is left out does not count. How far the rate is reduced is part of what the optimizer remembers, so that it is saved with it.
  /// Take an epoch's steps for `count` where batches differ much.
  /// - Parameters:
  ///   - factor: What movements are multiplied by each time.
  ///   - patience: After how many means that are not better, at least 1.
  ///   - count: How many steps' losses make a mean, at least 1.
  ///   - tolerance: By what part of the best mean's absolute value another one has to be less to be better.
  ///   - cooldown: How many means are not looked at after a reduction.
  ///   - least: The least factor altogether, at most 1.
  public func reducingOnPlateau(
    by factor: Double = 0.1, patience: Int = 10, over count: Int = 1, tolerance: Double = 1e-4, cooldown: Int = 0,
    least: Double = 0
  ) -> ReducingOnPlateau<Self> {
    ReducingOnPlateau(
      base: self, factor: Hyperparameter(factor), patience: patience, count: count,
      tolerance: Hyperparameter(tolerance), cooldown: cooldown, least: Hyperparameter(least))
  }
}

/// An optimizer whose steps become shorter when the loss falls no more; made by
/// `reducingOnPlateau(by:patience:over:tolerance:cooldown:least:)`.
public struct ReducingOnPlateau<Base: Optimizer>: Optimizer {
  /// What is known of the loss, and what the rule within remembers. All tensors are Float64 scalars.
  public struct State: Codable, Sendable {
    /// What the rule within remembers.
    public var base: Base.State
    /// What movements are multiplied by.
    public var scale: Tensor
    /// The best mean so far.
    public var best: Tensor
    /// How many means have not been better since.
    public var waited: Tensor
    /// How many means are not looked at yet.
    public var cooling: Tensor
    /// The sum of the losses of this mean.
    public var sum: Tensor
    /// How many losses that is.
    public var taken: Tensor
  }

  /// The rule within.
  public var base: Base
  /// What movements are multiplied by each time.
  public var factor: Hyperparameter
  /// After how many means that are not better.
  public let patience: Int
  /// How many steps' losses make a mean.
  public let count: Int
  /// By what part of the best mean another one has to be less to be better.
  public var tolerance: Hyperparameter
  /// How many means are not looked at after a reduction.
  public let cooldown: Int
  /// The least factor altogether.
  public var least: Hyperparameter

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    let zero = Tensor(0, .float64)
    return State(
      base: try base.initialState(for: parameters), scale: Tensor(1, .float64), best: Tensor(.infinity, .float64),
      waited: zero, cooling: zero, sum: zero, taken: zero)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    if let error = step.loss.error { throw error }
    let own = step.nested()
    let movements = try base.movements(of: parameters, state: &state.base, at: own)
    step.adopt(own)
    look(at: step.loss.converted(to: .float64), unless: own.isLeftOut, &state)
    let scale = state.scale
    return movements.map { $0 * scale.converted(to: $0.elementType) }
  }

  /// - Parameters:
  ///   - loss: The step's loss.
  ///   - isLeftOut: Whether the step is left out; `nil` where none is. Its loss may well be infinite.
  private func look(at loss: Tensor, unless isLeftOut: Tensor?, _ state: inout State) {
    let zero = Tensor(0, .float64)
    var (sum, taken) = (state.sum + loss, state.taken + 1.0)
    if let isLeftOut { (sum, taken) = (`where`(isLeftOut, state.sum, sum), `where`(isLeftOut, state.taken, taken)) }
    let isDue = taken .>= Double(count)
    let mean = sum / taken
    // By a part of the best mean's size, so that a negative one has to fall, too; the first, infinite one has no part.
    let margin = `where`(isFinite(state.best), abs(state.best) * tolerance.tensor, zero)
    let isBetter = mean .< state.best - margin
    let waited = `where`(isBetter, zero, state.waited + 1.0)
    let isCooling = state.cooling .> 0
    let isPlateau = (waited .>= Double(patience)) .& .!isCooling
    let scale = maximum(state.scale * factor.tensor, least.tensor)
    let cooling = `where`(isPlateau, Tensor(Double(cooldown), .float64), maximum(state.cooling - 1.0, 0))
    state.scale = `where`(isDue .& isPlateau, scale, state.scale)
    state.best = `where`(isDue .& isBetter, mean, state.best)
    state.waited = `where`(isDue, `where`(isPlateau .| isCooling, zero, waited), state.waited)
    state.cooling = `where`(isDue, cooling, state.cooling)
    (state.sum, state.taken) = (`where`(isDue, zero, sum), `where`(isDue, zero, taken))
  }

  public var rate: LearningRate? { base.rate }

  public func validate() throws {
    for (name, number, lowest) in [("patience", patience, 1), ("count", count, 1), ("cooldown", cooldown, 0)]
    where number < lowest {
      throw TensorError("reducingOnPlateau", "its \(name) must be at least \(lowest), found \(number)")
    }
    try check(
      "reducingOnPlateau",
      [("factor", factor, 0..<1), ("tolerance", tolerance, 0..<1), ("least", least, 0..<1.0.nextUp)])
    try base.validate()
  }

  public func averages(in state: State) -> [String: Tensor]? { base.averages(in: state.base) }

  public var description: String {
    "\(base).reducingOnPlateau(by: \(factor), patience: \(patience), over: \(count), tolerance: \(tolerance),"
      + " cooldown: \(cooldown), least: \(least))"
  }
}
