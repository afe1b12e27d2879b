import DescentTensors

/// Adam with the largest recent gradient in place of the root of the second moment.
///
/// `m = β₁ m + (1 − β₁) g`, `u = max(β₂ u, |g| + ε)`, and the parameter moves by `−rate / (1 − β₁ᵗ) · m / u`. Source: Kingma
/// and Ba, "Adam: A Method for Stochastic Optimization", 2014, section 7.1.
public struct Adamax: ParameterOptimizer {
  /// What is remembered of a parameter.
  public struct Memory: Codable, Sendable {
    /// The running mean of the gradient.
    public var first: Tensor
    /// The largest size of the gradient, which decays.
    public var largest: Tensor
  }

  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the first moment.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the largest gradient.
  public var beta2: Hyperparameter
  /// What is added to the gradient's size for numerical stability.
  public var epsilon: Hyperparameter

  /// Adamax with customary settings.
  public init(learningRate: LearningRate = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.epsilon = Hyperparameter(epsilon)
  }

  public func initialState(for parameter: Tensor) -> Memory {
    Memory(first: Tensor(zerosLike: parameter), largest: Tensor(zerosLike: parameter))
  }

  public func movement(of parameter: OptimizedParameter, state: inout Memory, at step: StepContext) -> Tensor {
    let (gradient, type) = (parameter.gradient, parameter.workingType)
    state.first = beta1.mean(state.first, gradient)
    state.largest = maximum(state.largest * beta2.in(type), abs(gradient) + epsilon.in(type))
    let length = learningRate(step.number) / step.biasCorrection(beta1)
    return state.first * (-length).converted(to: type) / state.largest
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check("Adamax", [("beta1", beta1, 0..<1), ("beta2", beta2, 0..<1), ("epsilon", epsilon, .notNegative)])
  }
}
