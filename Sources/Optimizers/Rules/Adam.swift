import DescentTensors

/// Adam: each parameter moves against the first moment of its gradient, divided by the root of the second.
///
/// `m = β₁ m + (1 − β₁) g`, `v = β₂ v + (1 − β₂) g²`, and the parameter moves by
/// `−rate · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)`. Weight decay is classic: `weightDecay` · w is added to the
/// gradient. With AMSGrad the largest v so far takes v's place. Sources: Kingma and Ba, 2014; Reddi, Kale and Kumar, "On the
/// Convergence of Adam and Beyond", 2018.
public struct Adam: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the first moment.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the second moment.
  public var beta2: Hyperparameter
  /// What is added to the root of the second moment for numerical stability.
  public var epsilon: Hyperparameter
  /// The weight decay: the part of each parameter that is added to its gradient.
  public var weightDecay: Hyperparameter
  /// Whether the largest second moment so far is divided by.
  public var amsgrad: Bool

  /// Adam with the defaults of its paper.
  public init(
    learningRate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0, amsgrad: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.epsilon = Hyperparameter(epsilon)
    self.weightDecay = Hyperparameter(weightDecay)
    self.amsgrad = amsgrad
  }

  public func initialState(for parameter: Tensor) -> Moments {
    Moments(zerosLike: parameter, keepingLargest: amsgrad)
  }

  public func movement(
    of parameter: OptimizedParameter, state: inout Moments, at step: StepContext
  ) -> Tensor {
    var gradient = parameter.gradient
    if !weightDecay.isZero { gradient += parameter.value * weightDecay.in(parameter.workingType) }
    state.add(gradient, beta1, beta2)
    return state.movement(learningRate(step.number), beta1, beta2, epsilon, at: step)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try Moments.validate("Adam", beta1, beta2, epsilon, weightDecay)
  }
}
