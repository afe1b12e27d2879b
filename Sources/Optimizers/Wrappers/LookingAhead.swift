import DescentTensors

extension Optimizer {
  /// The same rule with a second, slow set of parameters: after every few steps they follow the fast ones part of the way, and
  /// the fast ones go on from there.
  ///
  /// Source: Zhang, Lucas, Hinton and Ba, "Lookahead Optimizer: k steps forward, 1 step back", 2019.
  /// - Parameters:
  ///   - interval: After how many steps, at least 1.
  ///   - part: How much of the way.
  public func lookingAhead(every interval: Int = 5, part: Double = 0.5) -> LookingAhead<Self> {
    LookingAhead(base: self, interval: interval, part: Hyperparameter(part))
  }
}

/// An optimizer with slow and fast parameters; made by `lookingAhead(every:part:)`.
public struct LookingAhead<Base: Optimizer>: Optimizer {
  /// The slow parameters, and what the rule within remembers.
  public struct State: Codable, Sendable {
    /// What the rule within remembers.
    public var base: Base.State
    /// The slow parameters, by their paths, in the types in which they are moved.
    public var slow: [String: Tensor]
    /// How many steps were taken, a Float64 scalar.
    public var steps: Tensor
  }

  /// The rule within.
  public var base: Base
  /// After how many steps the slow parameters move.
  public let interval: Int
  /// How much of the way to the fast ones.
  public var part: Hyperparameter

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    var slow: [String: Tensor] = [:]
    for parameter in parameters { slow[parameter.path] = parameter.value }
    return State(base: try base.initialState(for: parameters), slow: slow, steps: Tensor(0, .float64))
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let own = step.nested()
    let movements = try base.movements(of: parameters, state: &state.base, at: own)
    step.adopt(own)
    let number = own.counted(state.steps)
    let isDue = (number .> state.steps) .& (remainder(number, Tensor(Double(interval), .float64)) .== 0)
    state.steps = number
    return try zip(parameters, movements).map { parameter, movement in
      guard let slow = state.slow[parameter.path] else {
        throw TensorError("lookingAhead", "remembers nothing of \(parameter.path)")
      }
      let next = slow + (parameter.value + movement - slow) * part.in(parameter.workingType)
      state.slow[parameter.path] = `where`(isDue, next, slow)
      return `where`(isDue, next - parameter.value, movement)
    }
  }

  public var rate: LearningRate? { base.rate }

  public func validate() throws {
    guard interval >= 1 else {
      throw TensorError("lookingAhead", "cannot look ahead every \(interval) steps; give at least 1")
    }
    try check("lookingAhead", [("part", part, 0..<1.0.nextUp)])
    try base.validate()
  }

  public func averages(in state: State) -> [String: Tensor]? { base.averages(in: state.base) }

  public var description: String { "\(base).lookingAhead(every: \(interval), part: \(part))" }
}
