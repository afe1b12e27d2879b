import DescentTensors

/// Adam with decoupled weight decay: parameters first shrink by `rate · weightDecay`, then move as Adam has it.
///
/// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2017.
public struct AdamW: Optimizer {
  /// Which parameters decay.
  public enum DecayedParameters: Sendable, Hashable {
    /// Every parameter.
    case all
    /// Those of two and more axes: matrices and kernels, but no biases and no scales of normalization.
    case matrices
  }

  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the first moment.
  public var beta1: Double
  /// The exponential decay rate of the second moment.
  public var beta2: Double
  /// What is added to the root of the mean squared gradient.
  public var epsilon: Double
  /// The decoupled weight decay: each step subtracts this part of the parameter, times the learning rate.
  public var weightDecay: Double
  /// Which parameters decay.
  public var decaying: DecayedParameters

  /// AdamW with the numbers of its paper.
  public init(
    learningRate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0.01, decaying: DecayedParameters = .matrices
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decaying = decaying
  }

  public func initialState(for parameter: Tensor) -> [Tensor] {
    [OptimizedParameter.memory(for: parameter), OptimizedParameter.memory(for: parameter)]
  }

  public func update(_ parameters: [OptimizedParameter], step: Tensor) -> [ParameterUpdate] {
    let moments = AdamMoments(beta1: beta1, beta2: beta2, epsilon: epsilon)
    if let fault = moments.fault("AdamW", weightDecay: weightDecay) { return parameters.map { $0.failed(fault) } }
    let rate = learningRate(step)
    let scales = moments.scales(rate, step: step)
    let kept = 1.0 - rate * .scalar(weightDecay, .float64)
    return parameters.map { parameter in
      var value = parameter.wideValue
      if weightDecay != 0, decaying == .all || value.rank >= 2 { value *= kept.factor(for: value) }
      let (next, state) = moments.moved(value, parameter.wideGradient, parameter.state, scales)
      return parameter.updated(next, state)
    }
  }
}
