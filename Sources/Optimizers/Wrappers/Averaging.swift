import DescentTensors

extension Optimizer {
  /// The same rule, which in addition keeps an exponential moving average of the parameters; the training state gives it
  /// as `averagedModel`.
  ///
  /// After each step `average = decay · average + (1 − decay) · parameter`, from the initial values on. Source: Polyak and
  /// Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
  /// - Parameter decay: The exponential decay rate of the average, at least 0 and less than 1.
  public func averaging(decay: Double) -> Averaging<Self> { Averaging(base: self, decay: Hyperparameter(decay)) }
}

/// An optimizer that keeps a moving average of the parameters; made by `averaging(decay:)`.
public struct Averaging<Base: Optimizer>: Optimizer {
  /// The averages, and what the rule within remembers.
  public struct State: Codable, Sendable {
    /// What the rule within remembers.
    public var base: Base.State
    /// The averages by the parameters' paths, in the types in which these are moved.
    public var averages: [String: Tensor]
  }

  /// The rule within.
  public var base: Base
  /// The exponential decay rate of the average.
  public var decay: Hyperparameter

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    var averages: [String: Tensor] = [:]
    for parameter in parameters { averages[parameter.path] = parameter.value }
    return State(base: try base.initialState(for: parameters), averages: averages)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let own = step.nested()
    let movements = try base.movements(of: parameters, state: &state.base, at: own)
    step.adopt(own)
    let standsStill = own.standsStill
    for (parameter, movement) in zip(parameters, movements) {
      guard let average = state.averages[parameter.path] else {
        throw TensorError("averaging", "remembers nothing of \(parameter.path)")
      }
      let type = parameter.workingType
      // Of what the parameter is then, rounded to its own type.
      let next = parameter.moved(by: movement).converted(to: type)
      let moved = average * decay.in(type) + next * decay.complement(in: type)
      state.averages[parameter.path] = standsStill.map { `where`($0, average, moved) } ?? moved
    }
    return movements
  }

  public var rate: LearningRate? { base.rate }

  public func validate() throws {
    try check("averaging", [("decay", decay, 0..<1)])
    try base.validate()
  }

  public func averages(in state: State) -> [String: Tensor]? { state.averages }

  public var description: String { "\(base).averaging(decay: \(decay))" }
}
