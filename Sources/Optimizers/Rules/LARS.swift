import DescentTensors

/// Momentum for very large batches: the step of each layer is as long, compared to its parameters, as that of every other.
///
/// With `u = g + weightDecay · w`, `m = momentum · m + rate · trust · ‖w‖ / ‖u‖ · u`, and the parameter moves by −m. Parameters that
/// are not selected, such as biases, move by plain momentum without decay. Source: You, Gitman and Ginsburg, "Large Batch
/// Training of Convolutional Networks", 2017.
public struct LARS: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The momentum: the part of the last movement that is kept.
  public var momentum: Hyperparameter
  /// Whether the momentum is Nesterov's.
  public var nesterov: Bool
  /// The weight decay: the part of the parameter that is added to its gradient.
  public var weightDecay: Hyperparameter
  /// The trust coefficient: how long a movement is, compared to the parameter, at the rate 1.
  public var trust: Hyperparameter
  /// Which parameters decay and have their steps scaled.
  public var scaling: ParameterSelection

  /// LARS with the numbers of its paper.
  ///
  /// - Parameter scaling: Which parameters decay and have their steps scaled: matrices and kernels where nothing else is
  ///   said.
  public init(
    learningRate: LearningRate, momentum: Double = 0.9, nesterov: Bool = false, weightDecay: Double = 0,
    trust: Double = 1e-3, scaling: ParameterSelection = .matrices
  ) {
    self.learningRate = learningRate
    self.momentum = Hyperparameter(momentum)
    self.nesterov = nesterov
    self.weightDecay = Hyperparameter(weightDecay)
    self.trust = Hyperparameter(trust)
    self.scaling = scaling
  }

  /// The last movement, nothing without momentum.
  public func initialState(for parameter: Tensor) -> Tensor? { momentum.isZero ? nil : Tensor(zerosLike: parameter) }

  public func movement(of parameter: OptimizedParameter, state: inout Tensor?, at step: StepContext) -> Tensor {
    let (value, type) = (parameter.value, parameter.workingType)
    var scaled = parameter.gradient
    if scaling.contains(parameter.info) {
      if !weightDecay.isZero { scaled += value * weightDecay.in(type) }
      scaled *= trustRatio(value, scaled, coefficient: trust.in(type))
    }
    scaled *= -step.rate(learningRate)
    guard let last = state else { return scaled }
    let next = last * momentum.in(type) + scaled
    state = next
    return nesterov ? scaled + next * momentum.in(type) : next
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check(
      "LARS",
      [
        ("momentum", momentum, 0..<1), ("weightDecay", weightDecay, .notNegative), ("trust", trust, .notNegative),
      ])
  }
}
