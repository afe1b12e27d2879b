import DescentTensors

/// Stochastic gradient descent: each parameter moves against its gradient, by the learning rate times it.
///
/// With momentum, `m = momentum · m + g` takes the gradient's place; with Nesterov's, `g + momentum · m`. Weight decay is
/// classic, `weightDecay` · w added to the gradient, or decoupled, w multiplied by 1 − rate · `decoupledWeightDecay`
/// first; both reach all parameters. Sources: Polyak, 1964; Sutskever et al., 2013; Loshchilov and Hutter, 2017.
public struct SGD: Optimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The momentum: the part of the last movement that is kept.
  public var momentum: Double
  /// Whether the momentum is Nesterov's.
  public var nesterov: Bool
  /// The weight decay: the part of each parameter that is added to its gradient.
  public var weightDecay: Double
  /// The decoupled weight decay: each step subtracts this part of the parameter, times the learning rate.
  public var decoupledWeightDecay: Double

  /// Descends at the given learning rate.
  public init(
    learningRate: LearningRate, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0,
    decoupledWeightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.decoupledWeightDecay = decoupledWeightDecay
  }

  public func initialState(for parameter: Tensor) -> [Tensor] {
    momentum == 0 ? [] : [OptimizedParameter.memory(for: parameter)]
  }

  public func update(_ parameters: [OptimizedParameter], step: Tensor) -> [ParameterUpdate] {
    if let fault { return parameters.map { $0.failed(fault) } }
    let rate = learningRate(step)
    return parameters.map { parameter in
      var value = parameter.wideValue
      var gradient = parameter.wideGradient
      let type = parameter.workingType
      if weightDecay != 0 { gradient += value * .scalar(weightDecay, type) }
      if decoupledWeightDecay != 0 {
        value *= (1.0 - rate * .scalar(decoupledWeightDecay, .float64)).factor(for: value)
      }
      guard momentum != 0 else { return parameter.updated(value - gradient * rate.factor(for: value), []) }
      let kept = Tensor.scalar(momentum, type)
      let movement = parameter.state[0] * kept + gradient
      let direction = nesterov ? gradient + movement * kept : movement
      return parameter.updated(value - direction * rate.factor(for: value), [movement])
    }
  }

  private var fault: TensorError? {
    settingFault(
      "SGD",
      [
        ("momentum", momentum, 0..<1), ("weightDecay", weightDecay, 0..<Double.infinity),
        ("decoupledWeightDecay", decoupledWeightDecay, 0..<Double.infinity),
      ])
  }
}
