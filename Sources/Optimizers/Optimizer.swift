import DescentTensors

/// A rule that moves parameters along their gradients, written in tensors, so that it becomes part of the training
/// step's plan.
public protocol Optimizer: Sendable {
  /// The tensors that the rule remembers for a parameter, before the first step.
  func initialState(for parameter: Tensor) -> [Tensor]

  /// One step: the parameters' next values and what is remembered of them.
  ///
  /// All parameters are given at once, for rules that look at all gradients together, such as clipping their norm.
  ///
  /// - Parameters:
  ///   - parameters: The parameters with their gradients and what was remembered.
  ///   - step: The number of this step, counted from 1: a Float64 scalar, since what depends on it (powers near 1,
  ///     schedules) loses too much in Float32.
  /// - Returns: For each parameter its next value and what to remember, in the shapes of before.
  func update(_ parameters: [OptimizedParameter], step: Tensor) -> [ParameterUpdate]
}

/// A parameter as an optimizer sees it.
public struct OptimizedParameter: Sendable {
  /// The parameter's place in its model, such as `encoder.conv1.weight`.
  public var path: String
  /// The values before the step.
  public var value: Tensor
  /// The gradient of the loss with respect to the parameter.
  public var gradient: Tensor
  /// What the optimizer remembered.
  public var state: [Tensor]

  /// Describes a parameter.
  public init(path: String, value: Tensor, gradient: Tensor, state: [Tensor]) {
    self.path = path
    self.value = value
    self.gradient = gradient
    self.state = state
  }
}

/// What an optimizer makes of a parameter.
public struct ParameterUpdate: Sendable {
  /// The values after the step.
  public var value: Tensor
  /// What to remember for the next step.
  public var state: [Tensor]
  /// Whether the parameter's gradient makes the step fail, a boolean scalar; `nil` where none would. Values and states
  /// of all parameters are those of before then.
  public var isRefused: Tensor?
  /// Whether the step is left out, a boolean scalar; `nil` where none is. Values and states are those of before then, and
  /// a training step keeps the running statistics as well.
  public var isSkipped: Tensor?

  /// Describes a parameter's next value and state.
  public init(value: Tensor, state: [Tensor], isRefused: Tensor? = nil, isSkipped: Tensor? = nil) {
    self.value = value
    self.state = state
    self.isRefused = isRefused
    self.isSkipped = isSkipped
  }
}
