import DescentTensors

/// An optimizer around another one that remembers nothing of its own: what is remembered, the rate and the averages are those of
/// the rule within.
///
/// One that changes gradients is a few lines:
///
/// ```swift
/// struct SignsAlone<Base: Optimizer>: OptimizerWrapper {
///   var base: Base
///
///   func movements(
///     of parameters: [OptimizedParameter], state: inout Base.State, at step: StepContext
///   ) throws -> [Tensor] {
///     var signs = parameters
///     for index in signs.indices { signs[index].gradient = sign(parameters[index].gradient) }
///     return try base.movements(of: signs, state: &state, at: step)
///   }
/// }
/// ```
public protocol OptimizerWrapper: Optimizer where State == Base.State {
  /// What the rule within is.
  associatedtype Base: Optimizer

  /// The rule within.
  var base: Base { get }
}

extension OptimizerWrapper {
  /// What the rule within remembers.
  public func initialState(for parameters: [OptimizedParameter]) throws -> Base.State {
    try base.initialState(for: parameters)
  }

  /// The rate of the rule within.
  public var rate: LearningRate? { base.rate }

  /// Refuses what the rule within refuses.
  public func validate() throws { try base.validate() }

  /// The averages that the rule within keeps.
  public func averages(in state: Base.State) -> [String: Tensor]? { base.averages(in: state) }
}
