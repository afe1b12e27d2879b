import DescentTensors

extension Optimizer {
  /// The same rule without a schedule: a fast sequence z moves by the rule, x is its weighted average, at which the model is
  /// evaluated, and gradients are taken between both, at `y = momentum · x + (1 − momentum) · z`, where the parameters are.
  ///
  /// ```swift
  /// SGD(learningRate: 1).scheduleFree()
  /// AdamW(learningRate: 2.5e-3, beta1: 0).scheduleFree()
  /// ```
  ///
  /// The rule within should have a constant rate after its warmup, and no momentum. The training state gives the model at x as
  /// `averagedModel`; train with `model`, answer with that. Steps weigh by the square of the largest rate so far. Source: Defazio
  /// and others, "The Road Less Scheduled", 2024.
  /// - Parameter momentum: How near to the average gradients are taken.
  public func scheduleFree(momentum: Double = 0.9) -> ScheduleFree<Self> {
    ScheduleFree(base: self, momentum: Hyperparameter(momentum))
  }
}

/// An optimizer that needs no schedule; made by `scheduleFree(momentum:)`.
public struct ScheduleFree<Base: Optimizer>: Optimizer {
  /// Both sequences, and what the rule within remembers.
  public struct State: Codable, Sendable {
    /// What the rule within remembers.
    public var base: Base.State
    /// The fast sequence z, by the parameters' paths, in the types in which these are moved.
    public var fast: [String: Tensor]
    /// Its average x, by the parameters' paths.
    public var averages: [String: Tensor]
    /// The largest rate so far, a Float64 scalar.
    public var largestRate: Tensor
    /// The sum of all weights so far, a Float64 scalar.
    public var weight: Tensor
  }

  /// The rule within.
  public var base: Base
  /// How near to the average gradients are taken.
  public var momentum: Hyperparameter

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    var values: [String: Tensor] = [:]
    for parameter in parameters { values[parameter.path] = parameter.value }
    let none = Tensor(0, .float64)
    return State(
      base: try base.initialState(for: parameters), fast: values, averages: values, largestRate: none, weight: none)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let own = step.nested()
    let movements = try base.movements(of: parameters, state: &state.base, at: own)
    step.adopt(own)
    let (zero, one) = (Tensor(0, .float64), Tensor(1, .float64))
    let largest = maximum(state.largestRate, base.rate.map { $0(own.ownNumber) } ?? one)
    var weight = square(largest)
    if let standsStill = own.standsStill { weight = `where`(standsStill, zero, weight) }
    let total = state.weight + weight
    let share = weight / `where`(total .> 0, total, one)
    state.largestRate = `where`(weight .> 0, largest, state.largestRate)
    state.weight = total
    return try zip(parameters, movements).map { parameter, movement in
      let (path, type) = (parameter.path, parameter.workingType)
      guard let fast = state.fast[path], let average = state.averages[path] else {
        throw TensorError("scheduleFree", "remembers nothing of \(path)")
      }
      let next = fast + movement
      let mean = average + (next - average) * share.converted(to: type)
      (state.fast[path], state.averages[path]) = (next, mean)
      return mean * momentum.in(type) + next * momentum.complement(in: type) - parameter.value
    }
  }

  public var rate: LearningRate? { base.rate }

  public func validate() throws {
    try check("scheduleFree", [("momentum", momentum, 0..<1.0.nextUp)])
    try base.validate()
  }

  public func averages(in state: State) -> [String: Tensor]? { state.averages }

  public var description: String { "\(base).scheduleFree(momentum: \(momentum))" }
}
