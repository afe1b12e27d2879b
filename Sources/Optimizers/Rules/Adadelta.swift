import DescentTensors

/// Adadelta: gradients divided by their own recent size and multiplied by that of recent movements, so that steps have the
/// parameter's units and no learning rate has to be found.
///
/// `v = ρ v + (1 − ρ) g²`, `d = √(u + ε) / √(v + ε) · g`, `u = ρ u + (1 − ρ) d²`, and the parameter moves by `−rate · d`.
/// Source: Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012.
public struct Adadelta: ParameterOptimizer {
  /// What is remembered of a parameter.
  public struct Memory: Codable, Sendable {
    /// The running mean of the squared gradient.
    public var gradients: Tensor
    /// The running mean of the squared movement.
    public var movements: Tensor
  }

  /// What movements are multiplied by, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of both means.
  public var decay: Hyperparameter
  /// What is added to both means for numerical stability; it also sets the length of the first steps.
  public var epsilon: Hyperparameter

  /// Adadelta with customary settings.
  public init(learningRate: LearningRate = 1, decay: Double = 0.9, epsilon: Double = 1e-6) {
    self.learningRate = learningRate
    self.decay = Hyperparameter(decay)
    self.epsilon = Hyperparameter(epsilon)
  }

  public func initialState(for parameter: Tensor) -> Memory {
    Memory(gradients: Tensor(zerosLike: parameter), movements: Tensor(zerosLike: parameter))
  }

  public func movement(of parameter: OptimizedParameter, state: inout Memory, at step: StepContext) -> Tensor {
    let (gradient, epsilon) = (parameter.gradient, epsilon.in(parameter.workingType))
    state.gradients = decay.mean(state.gradients, square(gradient))
    let movement = gradient * sqrt(state.movements + epsilon) / sqrt(state.gradients + epsilon)
    state.movements = decay.mean(state.movements, square(movement))
    return -step.rate(learningRate) * movement
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check("Adadelta", [("decay", decay, 0..<1), ("epsilon", epsilon, .notNegative)])
  }
}
