import DescentTensors

/// Adam that waits for its second moment: as long as too few gradients were seen for it to be trusted the parameter follows the
/// momentum alone, then in addition divided by the root, rectified by how well that is known.
///
/// With `ρ∞ = 2 / (1 − β₂) − 1` and `ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)`, where ρ > 5 the movement is multiplied by
/// `√((ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ)) · √(1 − β₂ᵗ) / (√v + ε)`. Source: Liu and others, "On the Variance of the Adaptive
/// Learning Rate and Beyond", 2019.
public struct RAdam: ParameterOptimizer {
  /// The learning rate, constant or scheduled.
  public var learningRate: LearningRate
  /// The exponential decay rate of the first moment.
  public var beta1: Hyperparameter
  /// The exponential decay rate of the second moment.
  public var beta2: Hyperparameter
  /// What is added to the root of the second moment for numerical stability.
  public var epsilon: Hyperparameter

  /// RAdam with customary settings.
  public init(learningRate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.learningRate = learningRate
    self.beta1 = Hyperparameter(beta1)
    self.beta2 = Hyperparameter(beta2)
    self.epsilon = Hyperparameter(epsilon)
  }

  public func initialState(for parameter: Tensor) -> Moments { Moments(zerosLike: parameter) }

  public func movement(of parameter: OptimizedParameter, state: inout Moments, at step: StepContext) -> Tensor {
    let type = parameter.workingType
    state.add(parameter.gradient, beta1, beta2)
    let correction = step.biasCorrection(beta2)
    // The number of gradients that the second moment is a mean of, in the limit and now.
    let limit = 2.0 / beta2.complement(in: .float64) - 1.0
    let count = limit - 2.0 * step.age * (1.0 - correction) / correction
    let isKnown = count .> 5
    let above: Tensor = (count - 4.0) * (count - 2.0) * limit
    let below: Tensor = (limit - 4.0) * (limit - 2.0) * count
    let rectified = sqrt(above / below * correction).converted(to: type) / (sqrt(state.second) + epsilon.in(type))
    let length = learningRate(step.number) / step.biasCorrection(beta1)
    let movement = state.first * (-length).converted(to: type)
    return `where`(isKnown, movement * rectified, movement)
  }

  public var rate: LearningRate? { learningRate }

  public func validate() throws {
    try learningRate.validate()
    try check("RAdam", [("beta1", beta1, 0..<1), ("beta2", beta2, 0..<1), ("epsilon", epsilon, .notNegative)])
  }
}
