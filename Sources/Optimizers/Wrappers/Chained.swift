import DescentTensors

/// One rule after the other: what the first makes of the gradients takes their place for the second.
///
/// ```swift
/// chain(Centered(), SGD(learningRate: 0.1, momentum: 0.9))
/// ```
public func chain<First: Optimizer, Second: Optimizer>(_ first: First, _ second: Second) -> Chained<First, Second> {
  Chained(first: first, second: second)
}

/// Two rules one after the other; made by `chain(_:_:)`.
public struct Chained<First: Optimizer, Second: Optimizer>: Optimizer {
  /// What both rules remember.
  public struct State: Codable, Sendable {
    /// What the first rule remembers.
    public var first: First.State
    /// What the second rule remembers.
    public var second: Second.State
  }

  /// What changes the gradients.
  public var first: First
  /// What makes movements of them.
  public var second: Second

  public func initialState(for parameters: [OptimizedParameter]) throws -> State {
    try State(first: first.initialState(for: parameters), second: second.initialState(for: parameters))
  }

  public func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor] {
    let own = step.nested()
    let gradients = try first.movements(of: parameters, state: &state.first, at: own)
    step.adopt(own)
    guard gradients.count == parameters.count else {
      throw TensorError("chain", "\(first) gave \(gradients.count) gradients for \(parameters.count) parameters")
    }
    var changed = parameters
    for (index, gradient) in zip(changed.indices, gradients) { changed[index].gradient = gradient }
    guard let standsStill = own.standsStill else {
      return try second.movements(of: changed, state: &state.second, at: step)
    }
    // Where the first gives nothing on purpose, the second takes no step either.
    var next = state.second
    let movements = try second.movements(of: changed, state: &next, at: step)
    state.second = try chosen(standsStill, state.second, otherwise: next)
    return movements.map { `where`(standsStill, Tensor(zerosLike: $0), $0) }
  }

  public var rate: LearningRate? { second.rate }

  public func validate() throws {
    try first.validate()
    try second.validate()
  }

  public func averages(in state: State) -> [String: Tensor]? {
    second.averages(in: state.second) ?? first.averages(in: state.first)
  }

  public var description: String { "chain(\(first), \(second))" }
}
