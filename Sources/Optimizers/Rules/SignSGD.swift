import DescentTensors

/// Descent by signs: each number moves by the rate, against the sign of its gradient, or with momentum, of the gradient's
/// running mean.
///
/// Source: Bernstein and others, "signSGD: Compressed Optimisation for Non-Convex Problems", 2018; with momentum it is its Signum.
public struct SignSGD: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The momentum: the exponential decay rate of the mean gradient.
  public var momentum: Hyperparameter

  /// Descends by signs.
  public init(learningRate: LearningRate = 1e-4, momentum: Double = 0) {
    self.learningRate = learningRate
    self.momentum = Hyperparameter(momentum)
  }

  /// The mean gradient, nothing without momentum.
  public func initialState(for parameter: Tensor) -> Tensor? { momentum.isZero ? nil : Tensor(zerosLike: parameter) }

  public func movement(of parameter: OptimizedParameter, state: inout Tensor?, at step: StepContext) -> Tensor {
    state = state.map { momentum.mean($0, parameter.gradient) }
    return -step.rate(learningRate) * sign(state ?? parameter.gradient)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check("SignSGD", [("momentum", momentum, 0..<1)])
  }
}
