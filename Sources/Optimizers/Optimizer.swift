import DescentTensors

/// A rule that turns gradients into movements of the parameters, written in tensors, so that it becomes part of the
/// training step's plan.
///
/// Rules are values: they can be compared, printed and coded, and put together:
///
/// ```swift
/// AdamW(learningRate: 1e-3).clipping(globalNorm: 1).accumulating(4).averaging(decay: 0.999)
/// ```
///
/// A rule that moves each parameter by itself conforms to `ParameterOptimizer`, which asks for less. The numbers that a
/// rule is set by are of the type `Hyperparameter` where they may change from step to step without anything being
/// compiled; whatever else it holds is part of what a step is compiled for.
public protocol Optimizer: Codable, Equatable, Sendable, CustomStringConvertible {
  /// What the rule remembers from step to step: tensors, and anything that holds some.
  associatedtype State: Codable & Sendable

  /// What the rule remembers before the first step.
  ///
  /// - Parameter parameters: The parameters that it will move; their gradients are zeros.
  func initialState(for parameters: [OptimizedParameter]) throws -> State

  /// One step.
  ///
  /// All parameters are given at once, for rules that look at all gradients together, such as clipping their norm.
  ///
  /// - Parameters:
  ///   - parameters: The parameters with their gradients, in the same order in every step.
  ///   - state: What the rule remembers; it keeps its form, its tensors their types.
  ///   - step: The number of the step, and what else the rule may ask for.
  /// - Returns: What is added to each parameter, in its shape and element type.
  func movements(
    of parameters: [OptimizedParameter], state: inout State, at step: StepContext
  ) throws -> [Tensor]

  /// The learning rate, where the rule has one; wrappers give that of the rule within.
  var rate: LearningRate? { get }

  /// Refuses settings that make no sense, such as a decay rate of 2.
  ///
  /// - Throws: `TensorError` that names the setting.
  func validate() throws

  /// The parameters' averages that the rule keeps, by their paths; see `averaging(decay:)`.
  ///
  /// - Returns: `nil` where it keeps none.
  func averages(in state: State) -> [String: Tensor]?

  /// What the loss is to be multiplied by before it is differentiated; see `scalingLoss(initial:growth:backoff:growthAfter:)`.
  ///
  /// - Returns: `nil` where it is differentiated as it is.
  func lossScale(in state: State) -> LossScale?
}

extension Optimizer {
  /// None.
  public var rate: LearningRate? { nil }

  /// Every setting makes sense.
  public func validate() throws {}

  /// None.
  public func averages(in state: State) -> [String: Tensor]? { nil }

  /// None.
  public func lossScale(in state: State) -> LossScale? { nil }

  /// The rule's name with its settings, such as `Adam(beta1: 0.9, …)`.
  public var description: String { describedSettings(self) }
}
