import DescentTensors

/// Adam that divides by how far gradients are from their mean, instead of by their size: where they are as expected, steps
/// are long.
///
/// `m = β₁ m + (1 − β₁) g`, `s = β₂ s + (1 − β₂)(g − m)² + ε`, and the parameter moves by
/// `−rate · (m / (1 − β₁ᵗ)) / (√(s / (1 − β₂ᵗ)) + ε)`. Source: Zhuang and others, "AdaBelief Optimizer: Adapting Stepsizes by the
/// Belief in Observed Gradients", 2020.
public struct AdaBelief: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the mean gradient.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the variance.
  public var beta2: Hyperparameter
  /// What is added to the variance and to its root for numerical stability.
  public var epsilon: Hyperparameter

  /// AdaBelief with the numbers of its paper.
  public init(learningRate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-16) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.epsilon = Hyperparameter(epsilon)
  }

  public func initialState(for parameter: Tensor) -> Moments { Moments(zerosLike: parameter) }

  public func movement(of parameter: OptimizedParameter, state: inout Moments, at step: StepContext) -> Tensor {
    let gradient = parameter.gradient
    state.first = beta1.mean(state.first, gradient)
    state.second = beta2.mean(state.second, square(gradient - state.first)) + epsilon.in(parameter.workingType)
    return state.movement(learningRate(step.number), beta1, beta2, epsilon, at: step)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check("AdaBelief", [("beta1", beta1, 0..<1), ("beta2", beta2, 0..<1), ("epsilon", epsilon, .notNegative)])
  }
}
