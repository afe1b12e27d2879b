import DescentTensors

extension Optimizer {
  /// The same rule, which in addition keeps the equal average of the parameters after some of the steps: stochastic weight
  /// averaging. The training state gives it as `averagedModel`.
  ///
  /// Until then the average is the parameters as they are. It belongs with a learning rate that stays high, such as
  /// `LearningRate.cyclic`, whose lowest points are averaged. Running statistics are those of the model; pass the training
  /// data through the averaged model once where they matter. Source: Izmailov and others, "Averaging Weights Leads to Wider Optima
  /// and Better Generalization", 2018.
  /// - Parameters:
  ///   - first: The number of the first step that counts, at least 1.
  ///   - interval: How many steps lie between two that count, at least 1.
  public func averaging(from first: Int, every interval: Int = 1) -> EquallyAveraging<Self> {
    EquallyAveraging(base: self, first: first, interval: interval)
  }
}

/// An optimizer that keeps an equal average of the parameters; made by `averaging(from:every:)`.
public struct EquallyAveraging<Base: Optimizer>: Optimizer {
  /// The averages, and what the rule within remembers.
  public struct State: Codable, Sendable {
    /// What the rule within remembers.
    public var base: Base.State
    /// The averages by the parameters' paths, in the types in which these are moved.
    public var averages: [String: Tensor]
    /// How many steps were taken, a Float64 scalar.
    public var steps: Tensor
    /// How many values the averages are of, a Float64 scalar.
    public var count: Tensor
  }

  /// The rule within.
  public var base: Base
  /// The number of the first step that counts.
  public let first: Int
  /// How many steps lie between two that count.
  public let interval: Int

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    var averages: [String: Tensor] = [:]
    for parameter in parameters { averages[parameter.path] = parameter.value }
    let none = Tensor(0, .float64)
    return State(base: try base.initialState(for: parameters), averages: averages, steps: none, count: none)
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let own = step.nested()
    let movements = try base.movements(of: parameters, state: &state.base, at: own)
    step.adopt(own)
    let number = own.counted(state.steps)
    let place = number - Double(first)
    let isDue = (number .> state.steps) .& (place .>= 0) .& (remainder(place, Tensor(Double(interval), .float64)) .== 0)
    let count = state.count + `where`(isDue, Tensor(1, .float64), Tensor(0, .float64))
    // What has not begun follows the parameters.
    let isNew = isDue .| (count .== 0)
    let share = 1.0 / maximum(count, 1)
    for (parameter, movement) in zip(parameters, movements) {
      guard let average = state.averages[parameter.path] else {
        throw TensorError("averaging", "remembers nothing of \(parameter.path)")
      }
      let type = parameter.workingType
      let next = parameter.moved(by: movement).converted(to: type)
      let moved = average + (next - average) * share.converted(to: type)
      state.averages[parameter.path] = `where`(isNew, moved, average)
    }
    (state.steps, state.count) = (number, count)
    return movements
  }

  public var rate: LearningRate? { base.rate }

  public func validate() throws {
    guard first >= 1, interval >= 1 else {
      throw TensorError(
        "averaging", "steps are counted from 1, in intervals of at least 1; found from \(first) every \(interval)")
    }
    try base.validate()
  }

  public func averages(in state: State) -> [String: Tensor]? { state.averages }

  public var description: String { "\(base).averaging(from: \(first), every: \(interval))" }
}
