import DescentTensors

/// Adam: each parameter moves against the first moment of its gradient, divided by the root of the second.
///
/// `m = β₁ m + (1 − β₁) g`, `v = β₂ v + (1 − β₂) g²`, and the parameter moves by
/// `−rate · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)`. Weight decay is classic: `weightDecay` · w is added to the
/// gradient. Source: Kingma and Ba, 2014.
public struct Adam: Optimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the first moment.
  public var beta1: Double
  /// The exponential decay rate of the second moment.
  public var beta2: Double
  /// What is added to the root of the second moment for numerical stability.
  public var epsilon: Double
  /// The weight decay: the part of each parameter that is added to its gradient.
  public var weightDecay: Double

  /// Adam with the defaults of its paper.
  public init(
    learningRate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public func initialState(for parameter: Tensor) -> [Tensor] {
    [OptimizedParameter.memory(for: parameter), OptimizedParameter.memory(for: parameter)]
  }

  public func update(_ parameters: [OptimizedParameter], step: Tensor) -> [ParameterUpdate] {
    let moments = AdamMoments(beta1: beta1, beta2: beta2, epsilon: epsilon)
    if let fault = moments.fault("Adam", weightDecay: weightDecay) { return parameters.map { $0.failed(fault) } }
    let scales = moments.scales(learningRate(step), step: step)
    return parameters.map { parameter in
      let value = parameter.wideValue
      var gradient = parameter.wideGradient
      if weightDecay != 0 { gradient += value * .scalar(weightDecay, parameter.workingType) }
      let (next, state) = moments.moved(value, gradient, parameter.state, scales)
      return parameter.updated(next, state)
    }
  }
}
