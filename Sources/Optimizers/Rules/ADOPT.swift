import DescentTensors

/// Adam that divides each gradient by the second moment of the gradients before it, and takes the momentum of the
/// quotients, so that it converges for any β₂.
///
/// `m = β₁ m + (1 − β₁) clip(g / max(√v, ε), ±(t − 1)^¼)`, the parameter moves by `−rate · m`, and then
/// `v = β₂ v + (1 − β₂) g²`; the first step only sets `v = g²`. Source: Taniguchi and others, "ADOPT: Modified Adam Can
/// Converge with Any β₂ with the Optimal Rate", 2024.
public struct ADOPT: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the mean of the quotients.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the second moment.
  public var beta2: Hyperparameter
  /// The least root of the second moment that is divided by.
  public var epsilon: Hyperparameter

  /// ADOPT with the numbers of its paper.
  public init(learningRate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.9999, epsilon: Double = 1e-6) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.epsilon = Hyperparameter(epsilon)
  }

  public func initialState(for parameter: Tensor) -> Moments { Moments(zerosLike: parameter) }

  public func movement(of parameter: OptimizedParameter, state: inout Moments, at step: StepContext) -> Tensor {
    let (gradient, type) = (parameter.gradient, parameter.workingType)
    // In the first step nothing is known to divide by, and the bound is 0.
    let bound = pow(step.age - 1.0, 0.25).converted(to: type)
    let quotient = gradient / maximum(sqrt(state.second), epsilon.in(type))
    state.first = beta1.mean(state.first, minimum(maximum(quotient, -bound), bound))
    let squares = square(gradient)
    state.second = `where`(step.age .> 1, beta2.mean(state.second, squares), squares)
    return -step.rate(learningRate) * state.first
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check("ADOPT", [("beta1", beta1, 0..<1), ("beta2", beta2, 0..<1), ("epsilon", epsilon, .notNegative)])
  }
}
