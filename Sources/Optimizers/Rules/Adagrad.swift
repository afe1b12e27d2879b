import DescentTensors

/// Adagrad: each number of a parameter moves against its gradient, divided by the root of the sum of all its squared
/// gradients, so that rare ones take long steps.
///
/// `v = v + g²`, and the parameter moves by `−rate · g / (√v + ε)`. Source: Duchi, Hazan and Singer, "Adaptive Subgradient
/// Methods for Online Learning and Stochastic Optimization", 2011.
public struct Adagrad: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// What the sum of squares begins with.
  public var initialSum: Hyperparameter
  /// What is added to the root of the sum for numerical stability.
  public var epsilon: Hyperparameter

  /// Adagrad with customary settings.
  public init(learningRate: LearningRate = 1e-2, initialSum: Double = 0, epsilon: Double = 1e-10) {
    self.learningRate = learningRate
    self.initialSum = Hyperparameter(initialSum)
    self.epsilon = Hyperparameter(epsilon)
  }

  /// The sum of squared gradients.
  public func initialState(for parameter: Tensor) -> Tensor {
    Tensor(zerosLike: parameter) + initialSum.in(parameter.elementType)
  }

  public func movement(of parameter: OptimizedParameter, state: inout Tensor, at step: StepContext) -> Tensor {
    state += square(parameter.gradient)
    return -step.rate(learningRate) * parameter.gradient / (sqrt(state) + epsilon.in(parameter.workingType))
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check("Adagrad", [("initialSum", initialSum, .notNegative), ("epsilon", epsilon, .notNegative)])
  }
}
