import DescentTensors

/// AdamW for very large batches: the movement of each layer is as long, compared to its parameters, as that of every other.
///
/// The movement `u = (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε) + weightDecay · w` is scaled to `−rate · ‖w‖ / ‖u‖ · u`, and stays
/// as it is where either norm is 0. Source: You and others, "Large Batch Optimization for Deep Learning: Training BERT in 76
/// minutes", 2019.
public struct LAMB: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the first moment.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the second moment.
  public var beta2: Hyperparameter
  /// What is added to the root of the second moment for numerical stability.
  public var epsilon: Hyperparameter
  /// The weight decay: the part of the parameter that is added to the movement before it is scaled.
  public var weightDecay: Hyperparameter
  /// Which parameters decay.
  public var decaying: ParameterSelection

  /// LAMB with customary settings.
  ///
  /// - Parameter decaying: Which parameters decay: matrices and kernels, but no biases and no scales of normalization,
  ///   where nothing else is said.
  public init(
    learningRate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-6,
    weightDecay: Double = 0.01, decaying: ParameterSelection = .matrices
  ) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.epsilon = Hyperparameter(epsilon)
    self.weightDecay = Hyperparameter(weightDecay)
    self.decaying = decaying
  }

  public func initialState(for parameter: Tensor) -> Moments { Moments(zerosLike: parameter) }

  public func movement(of parameter: OptimizedParameter, state: inout Moments, at step: StepContext) -> Tensor {
    state.add(parameter.gradient, beta1, beta2)
    var movement = state.movement(Tensor(1, .float64), beta1, beta2, epsilon, at: step)
    if !weightDecay.isZero, decaying.contains(parameter.info) {
      movement -= parameter.value * weightDecay.in(parameter.workingType)
    }
    return movement * (step.rate(learningRate) * trustRatio(parameter.value, movement))
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try Moments.validate("LAMB", beta1, beta2, epsilon, weightDecay)
  }
}
