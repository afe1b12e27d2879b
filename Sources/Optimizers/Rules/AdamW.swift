import DescentTensors

/// Adam with decoupled weight decay: in addition to Adam's movement, parameters shrink by `rate · weightDecay` of
/// themselves.
///
/// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2017.
public struct AdamW: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the first moment.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the second moment.
  public var beta2: Hyperparameter
  /// What is added to the root of the second moment for numerical stability.
  public var epsilon: Hyperparameter
  /// The decoupled weight decay: each step subtracts this part of the parameter, times the learning rate.
  public var weightDecay: Hyperparameter
  /// Which parameters decay.
  public var decaying: ParameterSelection

  /// AdamW with the numbers of its paper.
  ///
  /// - Parameter decaying: Which parameters decay: matrices and kernels, but no biases and no scales of normalization,
  ///   where nothing else is said.
  public init(
    learningRate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0.01, decaying: ParameterSelection = .matrices
  ) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.epsilon = Hyperparameter(epsilon)
    self.weightDecay = Hyperparameter(weightDecay)
    self.decaying = decaying
  }

  public func initialState(for parameter: Tensor) -> Moments { Moments(zerosLike: parameter) }

  public func movement(
    of parameter: OptimizedParameter, state: inout Moments, at step: StepContext
  ) -> Tensor {
    let rate = learningRate(step.number)
    state.add(parameter.gradient, beta1, beta2)
    let movement = state.movement(rate, beta1, beta2, epsilon, at: step)
    guard !weightDecay.isZero, decaying.contains(parameter.info) else { return movement }
    return movement - parameter.value * (rate * weightDecay.tensor).converted(to: parameter.workingType)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try Moments.validate("AdamW", beta1, beta2, epsilon, weightDecay)
  }
}
