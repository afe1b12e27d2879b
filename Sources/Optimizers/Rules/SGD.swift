import DescentTensors

/// Stochastic gradient descent: each parameter moves against its gradient, by the learning rate times it.
///
/// With momentum, `m = momentum · m + g` takes the gradient's place; with Nesterov's, `g + momentum · m`. Weight decay is
/// classic, `weightDecay` · w added to the gradient, or decoupled, where the parameter in addition shrinks by
/// rate · `decoupledWeightDecay` of itself; both reach all parameters. Sources: Polyak, 1964; Sutskever et al., 2013;
/// Loshchilov and Hutter, 2017.
public struct SGD: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The momentum: the part of the last movement that is kept.
  public var momentum: Hyperparameter
  /// Whether the momentum is Nesterov's.
  public var nesterov: Bool
  /// The weight decay: the part of each parameter that is added to its gradient.
  public var weightDecay: Hyperparameter
  /// The decoupled weight decay: each step subtracts this part of the parameter, times the learning rate.
  public var decoupledWeightDecay: Hyperparameter

  /// Descends at the given learning rate.
  public init(
    learningRate: LearningRate, momentum: Double = 0, nesterov: Bool = false,
    weightDecay: Double = 0, decoupledWeightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.momentum = Hyperparameter(momentum)
    self.nesterov = nesterov
    self.weightDecay = Hyperparameter(weightDecay)
    self.decoupledWeightDecay = Hyperparameter(decoupledWeightDecay)
  }

  /// The last movement, nothing without momentum.
  public func initialState(for parameter: Tensor) -> Tensor? { momentum.isZero ? nil : Tensor(zerosLike: parameter) }

  public func movement(of parameter: OptimizedParameter, state: inout Tensor?, at step: StepContext) -> Tensor {
    let (value, type) = (parameter.value, parameter.workingType)
    let rate = learningRate(step.number)
    var gradient = parameter.gradient
    if !weightDecay.isZero { gradient += value * weightDecay.in(type) }
    if let last = state {
      let kept = momentum.in(type)
      let next = last * kept + gradient
      state = next
      gradient = nesterov ? gradient + next * kept : next
    }
    let movement = gradient * (-rate).converted(to: type)
    guard !decoupledWeightDecay.isZero else { return movement }
    return movement - value * (rate * decoupledWeightDecay.tensor).converted(to: type)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check(
      "SGD",
      [
        ("momentum", momentum, 0..<1), ("weightDecay", weightDecay, .notNegative),
        ("decoupledWeightDecay", decoupledWeightDecay, .notNegative),
      ])
  }
}
